"""Tables as spreadsheets save them, CSV and XLSX, in and out."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from services.referral.domain.decisions import (
    TableErrors,
    columns_csv,
    load_file,
    load_folder,
    load_workbook,
    to_csv,
    to_xlsx,
)
from services.referral.domain.decisions.grids import read_csv
from services.referral.operations.publishing import TablesInvalid
from services.referral.operations.table_files import as_csv
from tests.unit.referral.decisions.small_pathway import COLUMNS


class TestFiles:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_as_spreadsheets_save_them(self, folder, delimiter, encoding):
        lines = [["id (F)", "a:number", "-> x:string"], ["1", "< 5", '"""sí"""']]
        text = "\r\n".join(delimiter.join(line) for line in lines) + "\r\n" + delimiter * 2 + "\r\n"
        (folder / "u.csv").write_bytes(text.encode(encoding))
        assert load_file(folder / "u.csv").evaluate({"a": 1}) == {"x": "sí"}

    def test_an_empty_column_is_left_out(self, folder):
        (folder / "u.csv").write_text('id (F);a:number;;-> x:string\n1;< 5;;"""A"""\n;;;\n2;-;;"""B"""\n')
        assert load_file(folder / "u.csv").evaluate({"a": 9}) == {"x": "B"}

    def test_a_column_without_a_name_is_told_by_its_neighbour(self, folder):
        (folder / "u.csv").write_text('id (F);a:number;;-> x:string\n1;< 5;"oh";"""A"""\n')
        with pytest.raises(TableErrors, match="después de «a:number» no tiene nombre"):
            load_file(folder / "u.csv")

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no_text"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "no_text"),
            ("id (F),ñ".encode("utf-16"), "not_utf8"),
            (b"", "no_header"),
            (b"\n\n", "no_header"),
            ("id (F),ñ".encode("latin-1"), "not_utf8"),
            (b'a,"b', "bad_csv"),
            (b"id (F),a\nx,bell\x07\n", "control_character"),
        ],
    )
    def test_damaged_files(self, data, code):
        with pytest.raises(TableErrors) as caught:
            read_csv(data, "t.csv")
        assert caught.value.problems[0].code == code

    def test_a_decimal_comma_is_not_taken_for_two_numbers(self, folder):
        lines = [
            "id (F);a:number;s:string;-> x:number;# nota",
            '1;< 1,5;"""2,5""";1;arts. 1,5',
            "2;1, 5;-;0,5;",
        ]
        (folder / "u.csv").write_text("\n".join([*lines, "3;1,2,3;-;1;"]))
        with pytest.raises(TableErrors) as caught:
            load_file(folder / "u.csv")
        found = [(p.code, p.row, p.column, p.suggestion) for p in caught.value.problems]
        assert found == [("decimal_comma", 2, "a", "1.5"), ("decimal_comma", 3, "x", "0.5")]
        with pytest.raises(TablesInvalid):
            as_csv((folder / "u.csv").read_bytes(), "u")

    def test_a_comma_between_numbers_is_a_list_where_commas_separate_cells(self, folder):
        (folder / "u.csv").write_text('id (F),a:number,-> x:number\n1,"1,5",1\n')
        assert load_file(folder / "u.csv").evaluate({"a": 5}) == {"x": 1}

    def test_out_and_in_again(self, folder):
        tables = load_folder(folder)
        assert load_workbook(to_xlsx(tables), "book.xlsx") == tables
        (folder / "columns.csv").write_text(columns_csv(tables.values()))
        (folder / "t.csv").write_text(to_csv(tables["t"]))
        assert load_folder(folder) == tables


class TestWorkbooks:
    def book(self, rows, **sheets):
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, cells in {"first": rows, **sheets}.items():
            sheet = book.create_sheet(name)
            for row in cells:
                sheet.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def load(self, tmp_path, rows):
        (tmp_path / "book.xlsx").write_bytes(self.book(rows))
        return load_file(tmp_path / "book.xlsx")

    def test_typed_cells_count_as_what_they_show(self, tmp_path):
        header = ["id (F)", "n:number", "on:date", "flag:boolean", "-> x:number"]
        table = self.load(tmp_path, [header, [1, 18, date(2026, 1, 31), True, 0.1], [2, "-", "-", "-", 7]])
        case = {"n": 18, "on": "2026-01-31", "flag": True}
        assert table.evaluate(case) == {"x": Decimal("0.1")}
        assert table.explain(case).matched == ("1", "2")

    def test_a_formula_is_refused_at_its_place(self, tmp_path):
        with pytest.raises(TableErrors) as caught:
            self.load(tmp_path, [["id (F)", "n:number", "-> x:number"], ["1", "-", "=1+1"]])
        (found,) = caught.value.problems
        assert (found.code, found.row, found.column) == ("formula", 2, "C")

    def test_what_is_no_workbook(self, tmp_path):
        (tmp_path / "book.xlsx").write_bytes(b"PK no")
        with pytest.raises(TableErrors, match="libro"):
            load_file(tmp_path / "book.xlsx")

    def test_what_unpacks_to_far_too_much(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr("xl/workbook.xml", bytes(65 * 1024 * 1024))
        with pytest.raises(TableErrors) as caught:
            load_file(tmp_path / "book.xlsx")
        assert caught.value.problems[0].code == "too_large"

    @pytest.mark.parametrize("place", [200, 700, 1500, 3000])
    def test_a_workbook_with_a_broken_part(self, place):
        data = bytearray(self.book([["id (F)", "n:number", "-> x:number"], ["1", "-", "1"]]))
        data[place : place + 40] = b"x" * 40
        with pytest.raises(TableErrors):
            load_workbook(bytes(data), "book.xlsx")

    def test_a_workbook_without_a_declared_table(self):
        lines = [line.split(",") for line in COLUMNS.splitlines()]
        with pytest.raises(TableErrors, match="«t»"):
            load_workbook(self.book([["x"]], columns=lines), "book.xlsx")
