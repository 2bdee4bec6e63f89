"""Reading is strict: every mistake is refused with its file, row, column and a suggestion."""

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
from services.referral.domain.decisions.errors import CellError
from services.referral.domain.decisions.feel import read_literal, read_tests
from services.referral.domain.decisions.grids import read_csv
from services.referral.domain.decisions.values import Range, Type

COLUMNS = """table,column,type,role,values,unknown_as,default,title_es,title_en
t,need,string,input,@needs,required,,Necesidad,Need
t,age,number,input,[0..120],0,,Edad,Age
t,criteria,list<string>,input,@criteria,[V01],,Criterios,Criteria
t,on,date,input,,,,,
t,level,string,output,P0;P1,,P1,Nivel,Level
t,source,string,annotation,,,,,
"""
HEADER = "id (P),need:string,age:number,criteria:list<string>,on:date,-> level:string,# source\n"
ROW = 'A,"""GBV.RAPE""",< 18,-,-,"""P0""",x\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "columns.csv").write_text(COLUMNS)
    (tmp_path / "t.csv").write_text(HEADER + ROW)
    return tmp_path


def problems(folder, *, table=None, columns=None):
    if table is not None:
        (folder / "t.csv").write_text(table)
    if columns is not None:
        (folder / "columns.csv").write_text(columns)
    with pytest.raises(TableErrors) as caught:
        load_folder(folder)
    return [
        (found.code, found.file, found.row, found.column, found.suggestion) for found in caught.value.problems
    ]


def one(folder, **files):
    (found,) = problems(folder, **files)
    return found


class TestCells:
    @pytest.mark.parametrize(
        ("text", "kind", "holds", "fails"),
        [
            ("-", Type.NUMBER, [None, Decimal(1)], []),
            ('"a", "b"', Type.STRING, ["a", "b"], ["c", None]),
            ('["a","b"]', Type.STRING, ["a", "b"], ["c"]),
            ('not("a","b")', Type.STRING, ["c"], ["a", "b", None]),
            ("< 18", Type.NUMBER, [Decimal(17)], [Decimal(18), None]),
            ("= 3", Type.NUMBER, [Decimal("3.0")], [Decimal(2)]),
            ("[1..2]", Type.NUMBER, [Decimal(1), Decimal(2)], [Decimal("0.9"), Decimal("2.1")]),
            ("(1..2)", Type.NUMBER, [Decimal("1.5")], [Decimal(1), Decimal(2)]),
            ("]1..2[", Type.NUMBER, [Decimal("1.5")], [Decimal(1), Decimal(2)]),
            ("[-2..-.5)", Type.NUMBER, [Decimal(-2), Decimal(-1)], [Decimal("-0.5")]),
            ("< 1, > 5, 3", Type.NUMBER, [Decimal(0), Decimal(3), Decimal(6)], [Decimal(1), Decimal(5)]),
            ("not([1..2], 5)", Type.NUMBER, [Decimal(0), Decimal(3)], [Decimal(1), Decimal(5), None]),
            ("true", Type.BOOLEAN, [True], [False, None]),
            ('>= date("2026-01-31")', Type.DATE, [date(2026, 1, 31)], [date(2026, 1, 30)]),
            ('[@"2026-01-01"..@"2026-12-31"]', Type.DATE, [date(2026, 5, 5)], [date(2027, 1, 1)]),
            ("unknown", Type.STRING, [None], ["a"]),
            ('"unknown"', Type.STRING, [None], ["a"]),
            ('"a", unknown', Type.STRING, [None, "a"], ["b"]),
            ("not(unknown)", Type.STRING, ["a"], [None]),
            ('"V01","V02"', Type.STRINGS, [("V02", "V09"), ("V01",)], [(), ("V09",), None]),
            ('not("V01","V02")', Type.STRINGS, [(), ("V09",)], [("V02", "V09"), None]),
            (r'"say \"yes\"", "back\\slash"', Type.STRING, ['say "yes"', "back\\slash"], ["say"]),
        ],
    )
    def test_what_a_cell_holds_for(self, text, kind, holds, fails):
        cell = read_tests(text, kind)
        assert all(cell.holds(value) for value in holds)
        assert not any(cell.holds(value) for value in fails)

    @pytest.mark.parametrize(
        ("text", "kind", "code", "suggestion"),
        [
            ("", Type.STRING, "empty_cell", "-"),
            ("> > 5", Type.NUMBER, "bad_syntax", ""),
            ("18,", Type.NUMBER, "bad_syntax", ""),
            ("[1..2", Type.NUMBER, "bad_syntax", ""),
            ("1..2", Type.NUMBER, "bad_syntax", ""),
            ("not(1", Type.NUMBER, "bad_syntax", ""),
            ("1, not(2)", Type.NUMBER, "bare_word", ""),
            ("[5..1]", Type.NUMBER, "empty_range", ""),
            ("(1..1]", Type.NUMBER, "empty_range", ""),
            ('"5"', Type.NUMBER, "wrong_literal", "5"),
            ("1.5", Type.INTEGER, "wrong_literal", ""),
            ("18", Type.STRING, "bare_word", '"18"'),
            ("0-4", Type.STRING, "bare_word", '"0-4"'),
            ("GBV.RAPE", Type.STRING, "bare_word", '"GBV.RAPE"'),
            ("EC, PE", Type.STRING, "bare_word", '"EC", "PE"'),
            ("tru", Type.BOOLEAN, "bare_word", "true"),
            ('"EC', Type.STRING, "unclosed_string", '"EC"'),
            ("“EC”", Type.STRING, "bad_syntax", '"EC"'),
            ('< "EC"', Type.STRING, "no_order", ""),
            ('"2026-01-31"', Type.DATE, "wrong_literal", 'date("2026-01-31")'),
            ('date("2026-02-30")', Type.DATE, "bad_date", ""),
        ],
    )
    def test_what_is_not_understood_is_refused(self, text, kind, code, suggestion):
        with pytest.raises(CellError) as caught:
            read_tests(text, kind)
        assert (caught.value.problem.code, caught.value.problem.suggestion) == (code, suggestion)

    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ('"a"', Type.STRING, "a"),
            ("-1.50", Type.NUMBER, Decimal("-1.50")),
            ("null", Type.NUMBER, None),
            ("[]", Type.STRINGS, ()),
            ('"a"', Type.STRINGS, ("a",)),
            ('["a", "b"]', Type.STRINGS, ("a", "b")),
            ('@"2026-01-31"', Type.DATE, date(2026, 1, 31)),
        ],
    )
    def test_output_literals(self, text, kind, value):
        assert read_literal(text, kind) == value

    @pytest.mark.parametrize("text", ["", "-", "unknown", '"a","b"', "< 5", "1 + 1", "[", '["a"'])
    def test_an_output_is_one_literal(self, text):
        for kind in (Type.STRING, Type.NUMBER, Type.STRINGS) if text != '"a","b"' else (Type.STRING,):
            with pytest.raises(CellError):
                read_literal(text, kind)


class TestFolder:
    def test_a_good_folder(self, folder):
        table = load_folder(folder)["t"]
        assert table.row("A").annotations == {"source": "x"}
        assert table.inputs[1].ranges == (Range(Decimal(0), Decimal(120)),)
        assert table.outputs[0].values == ("P0", "P1")

    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            ('A,"""GBV.RAEP""",-,-,-,"""P0""",x', ("unknown_code", "need", '"GBV.RAPE"')),
            ('A,GBV.RAEP,-,-,-,"""P0""",x', ("bare_word", "need", '"GBV.RAPE"')),
            ('A,unknown,-,-,-,"""P0""",x', ("required_unknown", "need", "")),
            ('A,-,unknown,-,-,"""P0""",x', ("never_unknown", "age", "0")),
            ('A,-,-,"not(""V1"")",-,"""P0""",x', ("unknown_code", "criteria", '"V01"')),
            ('A,-,-,-,-,"""P9""",x', ("unknown_code", "level", '"P0"')),
            ("A,-,-,-,-,,x", ("empty_cell", "level", "null")),
            ('A,,-,-,-,"""P0""",x', ("empty_cell", "need", "-")),
            ('A,-,-,-,-,"""P0"""', ("short_row", "# source", "")),
            ('A,-,-,-,-,"""P0""",x,y', ("long_row", "", "")),
            (',-,-,-,-,"""P0""",x', ("missing_id", "id", "")),
        ],
    )
    def test_a_wrong_row(self, folder, cells, expected):
        code, file, row, column, suggestion = one(folder, table=HEADER + cells + "\n")
        assert (file, row) == ("t.csv", 2)
        assert (code, column) == expected[:2]
        assert suggestion == expected[2] or (code == "unknown_code" and suggestion)

    def test_duplicate_ids_name_the_first(self, folder):
        (folder / "t.csv").write_text(HEADER + ROW + "\n" + ROW)
        with pytest.raises(TableErrors, match=r"t.csv:4:id: .*«A».* fila 2"):
            load_folder(folder)

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            (HEADER.replace("id (P)", "id"), "bad_id_header"),
            (HEADER.replace("id (P)", "name"), "bad_id_header"),
            (HEADER.replace("(P)", "(X)"), "bad_policy"),
            (HEADER.replace("age:number", "age:numbr"), "bad_type"),
            (HEADER.replace("age:number", "age:string"), "type_differs"),
            (HEADER.replace("-> level", "level"), "role_differs"),
            (HEADER.replace("# source", "# source,extra"), "undeclared_column"),
            (HEADER.replace("need:string", "age:number"), "duplicate_column"),
        ],
    )
    def test_a_wrong_header(self, folder, header, code):
        assert code in [found[0] for found in problems(folder, table=header + ROW)]

    def test_a_missing_column(self, folder):
        table = HEADER.replace("on:date,", "") + ROW.replace(",-,-,", ",-,")
        assert one(folder, table=table)[:4] == ("missing_column", "t.csv", 1, "on")

    def test_a_column_that_is_nearly_known(self, folder):
        found = problems(folder, table=HEADER.replace("need:", "ned:") + ROW)
        assert ("undeclared_column", "t.csv", 1, "ned:string", "need") in found

    @pytest.mark.parametrize(
        ("columns", "code"),
        [
            (COLUMNS.replace("@needs", "@nedes"), "unknown_list"),
            (COLUMNS.replace(",input,@criteria", ",inptu,@criteria"), "bad_role"),
            (COLUMNS.replace("date", "dat"), "bad_type"),
            (COLUMNS.replace("P0;P1,,P1", "P0;P1,,P2"), "unknown_code"),
            (COLUMNS.replace("[0..120],0", "[0..120],x"), "bare_word"),
            (COLUMNS.replace("t,on,", "t,age,"), "duplicate_column"),
            (COLUMNS.replace("t,on,", "t,,"), "unnamed_column"),
            (COLUMNS.replace("unknown_as", "unknown"), "missing_column"),
            (COLUMNS + "u,x,string,input,,,,,\n", "missing_file"),
            (COLUMNS.replace("P0;P1", ""), "no_order_of_outputs"),
        ],
    )
    def test_wrong_declarations(self, folder, columns, code):
        assert code in [found[0] for found in problems(folder, columns=columns)]

    def test_all_mistakes_come_at_once(self, folder):
        rows = 'A,x,-,-,-,"""P0""",x\nB,-,< x,-,-,"""P7""",x\n'
        assert [(found[2], found[3]) for found in problems(folder, table=HEADER + rows)] == [
            (2, "need"),
            (3, "age"),
            (3, "level"),
        ]

    def test_messages_come_in_two_languages(self, folder):
        (folder / "t.csv").write_text(HEADER + 'A,"""GBV.RAEP""",-,-,-,"""P0""",x\n')
        with pytest.raises(TableErrors) as caught:
            load_folder(folder)
        (found,) = caught.value.problems
        assert found.line() == 't.csv:2:need: no existe el código «GBV.RAEP»; ¿quiso decir "GBV.RAPE"?'
        assert found.line("en") == 't.csv:2:need: there is no code “GBV.RAEP”; did you mean "GBV.RAPE"?'


class TestShapes:
    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("id (U),a:number", "no_output"),
            ("id (C+),a:number,-> x:string", "number_output"),
            ("id (C>),a:number,-> x:boolean", "ordered_output"),
            ("id (C<),a:number,-> x:number,-> y:number", "one_output"),
            ("id (U),a,-> x:string", "missing_type"),
            ("id (U),:number,-> x:string", "unnamed_column"),
        ],
    )
    def test_what_a_hit_policy_needs(self, tmp_path, header, code):
        (tmp_path / "alone.csv").write_text(header + "\n")
        with pytest.raises(TableErrors) as caught:
            load_file(tmp_path / "alone.csv")
        assert code in [found.code for found in caught.value.problems]

    def test_a_table_alone_has_the_types_of_its_header(self, tmp_path):
        (tmp_path / "alone.csv").write_text('id (F),a b:number,-> x:string\n1,< 5,"""yes"""\n')
        assert load_file(tmp_path / "alone.csv").evaluate({"a b": 4}) == {"x": "yes"}


class TestFiles:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_as_spreadsheets_save_them(self, folder, delimiter, encoding):
        lines = [["id (F)", "a:number", "-> x:string"], ["1", "< 5", '"""sí"""']]
        text = "\r\n".join(delimiter.join(line) for line in lines) + "\r\n" + delimiter * 2 + "\r\n"
        (folder / "u.csv").write_bytes(text.encode(encoding))
        assert load_file(folder / "u.csv").evaluate({"a": 1}) == {"x": "sí"}

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "no_header"),
            (b"\n\n", "no_header"),
            ("id (F),ñ".encode("latin-1"), "not_utf8"),
            (b'a,"b', "bad_csv"),
        ],
    )
    def test_damaged_files(self, data, code):
        with pytest.raises(TableErrors) as caught:
            read_csv(data, "t.csv")
        assert caught.value.problems[0].code == code

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
