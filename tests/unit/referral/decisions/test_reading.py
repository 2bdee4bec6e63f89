"""Reading is strict: every mistake is refused with its file, row, column and a suggestion."""

from decimal import Decimal

import pytest

from services.referral.domain.decisions import TableErrors, load_file, load_folder
from services.referral.domain.decisions.values import Range
from tests.unit.referral.decisions.small_pathway import COLUMNS, HEADER, ROW


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
            (COLUMNS.replace("[0..120],0", "[0..120],x"), "wrong_literal"),
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
