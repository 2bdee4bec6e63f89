"""`ruta rules`, as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local.rules import rules
from services.referral.domain.decisions import load_folder, to_xlsx
from services.referral.domain.decisions.grids import write_csv
from services.referral.domain.decisions.proof.invariants import HEADER
from services.referral.domain.decisions.writing import columns_of, rows_of
from services.referral.domain.decisions.xlsx import write_sheets
from services.referral.domain.pathway_tables import FOLDER
from tests.unit.referral.dmn.models import dmn, number_table

DATA = Path(__file__).parents[3] / "data" / "dmn"
COLUMNS = """table,column,type,role,values,unknown_as,default,title_es,title_en
t,need,string,input,@needs,required,,Necesidad,Need
t,age,integer,input,[0..120],,,Edad,Age
t,danger,string,input,yes;no,yes,,Peligro,Danger
t,level,string,output,P0;P1,,,Nivel,Level
"""
TABLE = (
    """id (F),need:string,age:integer,danger:string,-> level:string
A,-,-,"""
    '"""yes"""'
    """,\"""P0\"""
B,-,-,-,\"""P1\"""
"""
)


@pytest.fixture
def pathway(tmp_path):
    (tmp_path / "columns.csv").write_text(COLUMNS)
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("LC_ALL", "es_EC.UTF-8")

    def call(*words, given=""):
        return CliRunner().invoke(rules, [str(word) for word in words], input=given)

    return call


class TestEvaluate:
    def test_one_line_out_for_every_line_in(self, run):
        given = '{"Age": 18, "RiskCategory": "Medium", "isAffordable": true}\n\nnope\n[1]\n{"Age": "18"}\n{"Age":NaN}\n'
        done = run("evaluate", DATA / "0004-simpletable-U.dmn", "--input", "-", given=given)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.exit_code == 0
        assert lines[0] == {"result": "Approved"}
        assert [line["error"]["code"] for line in lines[1:]] == [
            "bad_json",
            "not_a_case",
            "wrong_type",
            "bad_json",
        ]

    def test_half_a_character_stops_no_other_line(self, run, pathway):
        given = '{"need": "\\ud800"}\n{"need": "LEG.REG", "danger": "no"}\n{"need": "\\ud83d\\ude00"}\n'
        done = run("evaluate", pathway / "t.csv", given=given)
        first, second, third = (json.loads(line) for line in done.stdout.splitlines())
        assert (done.exit_code, first["error"]["code"], second) == (0, "bad_json", {"result": "P1"})
        assert third["error"]["code"] == "value_not_allowed"

    @pytest.mark.parametrize(
        ("line", "key"),
        [
            ('{"need": "LEG.REG", "need": "GBV.RAPE", "danger": "no"}', "need"),
            ('{"need": "LEG.REG", "danger": "no", "more": {"a": 1, "\\u0061": 2}}', "a"),
            ('{"\\ud800": 1, "\\ud800": 2}', "?"),
            (f'{{"{"k" * 5000}": 1, "{"k" * 5000}": 2}}', "k" * 80),
        ],
    )
    def test_a_key_that_stands_twice_costs_its_line_alone(self, run, pathway, line, key):
        done = run("evaluate", pathway / "t.csv", given=f'{line}\n{{"need": "LEG.REG", "danger": "no"}}\n')
        first, second = (json.loads(one) for one in done.stdout.splitlines())
        assert (done.exit_code, second) == (0, {"result": "P1"})
        assert first["error"] == {"code": "duplicate_key", "message": f"el caso dice dos veces «{key}»"}

    def test_a_byte_order_mark_is_passed_over(self, run, pathway):
        given = b'\xef\xbb\xbf{"need": "LEG.REG", "danger": "no"}\r\n'
        assert run("evaluate", pathway / "t.csv", given=given).stdout == '{"result": "P1"}\n'

    def test_a_short_line_cannot_ask_for_pages_of_zeros(self, run, pathway):
        given = '{"need": "LEG.REG", "danger": "no", "age": 1e99999999}'
        done = run("evaluate", pathway / "t.csv", given=given)
        assert json.loads(done.stdout)["error"]["code"] == "value_not_allowed"
        assert len(done.stdout) < 200

    def test_numbers_stay_exact(self, run, tmp_path):
        file = tmp_path / "sum.csv"
        file.write_text(
            'id (C+),n:number,-> out:number\na,> 0.1,0.10\nb,"[0.3..1e]",1\n'.replace("1e]", "9]")
        )
        file.write_text(
            file.read_text()
            + "c,> 0.2999999999999999999999999999999,123456789012345678901234567890.123456789\n"
        )
        done = run("evaluate", file, given='{"n": 0.3}\n{"n": 0.29999999999999999999999999999999}\n')
        assert done.stdout.splitlines() == [
            '{"result": 123456789012345678901234567891.223456789}',
            '{"result": 123456789012345678901234567890.223456789}',
        ]

    def test_several_outputs_are_an_object(self, run):
        case = '{"Age": 10, "RiskCategory": "Low", "isAffordable": true}'
        done = run("evaluate", DATA / "0108-first-hitpolicy.dmn", "--decision", "Approval", given=case)
        assert json.loads(done.stdout) == {"result": {"Status": "Declined", "Rate": "Standard"}}

    @pytest.mark.parametrize("name", ["none.dmn", "none.csv", "NOTICE.md"])
    def test_a_file_that_is_no_table_ends_with_two(self, run, name):
        done = run("evaluate", DATA / name, given="{}\n")
        assert done.exit_code == 2
        assert done.stdout == ""
        assert name in done.stderr

    @pytest.mark.parametrize("name", ["columns.csv", "invariants.csv"])
    @pytest.mark.parametrize("command", ["check", "prove", "evaluate"])
    def test_a_file_about_the_tables_of_a_folder_is_told_in_one_line(self, run, command, name):
        done = run(command, FOLDER / "community" / name, given="{}\n" if command == "evaluate" else "")
        assert done.exit_code == (1 if command == "check" else 2)
        assert len(done.stderr.splitlines()) == 1
        assert name in done.stderr

    def test_a_decision_that_is_not_there_ends_with_two(self, run):
        done = run("evaluate", DATA / "0108-first-hitpolicy.dmn", "--decision", "Aproval", given="{}\n")
        assert done.exit_code == 2
        assert "Approval" in done.stderr

    def test_input_may_be_a_file(self, run, tmp_path, pathway):
        cases = tmp_path / "cases.ndjson"
        cases.write_text('{"need": "LEG.REG", "age": 3, "danger": "no"}')
        assert run("evaluate", pathway / "t.csv", "--input", cases).stdout == '{"result": "P1"}\n'

    @pytest.mark.parametrize("name", ["", "book.xlsx"])
    def test_a_table_of_a_folder_or_of_a_workbook(self, run, pathway, name):
        (pathway / "columns.csv").write_text(
            COLUMNS + COLUMNS.partition("\n")[2].replace("\nt,", "\nu,").replace("t,", "u,", 1)
        )
        (pathway / "u.csv").write_text(TABLE.replace("P1", "P0"))
        (pathway / "book.xlsx").write_bytes(to_xlsx(load_folder(pathway)))
        case = '{"need": "LEG.REG", "danger": "no"}'
        assert run("evaluate", pathway / name, "--decision", "t", given=case).stdout == '{"result": "P1"}\n'
        assert run("explain", pathway / name, "--decision", "u", given=case).exit_code == 0
        assert run("prove", pathway / name).exit_code == 0
        unnamed = run("evaluate", pathway / name, given=case)
        assert (unnamed.exit_code, unnamed.stderr) == (2, "diga cuál decisión: t, u\n")
        wrong = run("evaluate", pathway / name, "--decision", "v", given=case)
        assert (wrong.exit_code, "«v»" in wrong.stderr) == (2, True)


class TestExplain:
    def test_says_why_and_why_not(self, run, pathway):
        done = run(
            "explain", pathway / "t.csv", given='{"need": "LEG.REG", "danger": "no"}\n{"need": "LEG.REG"}'
        )
        first, second = (json.loads(line)["result"] for line in done.stdout.splitlines())
        assert first["matched"] == ["B"]
        assert first["failed"] == {"A": {"column": "danger", "cell": '"yes"'}}
        assert second["assumed"] == ["danger"]
        assert second["deciding"] == ["A"]

    def test_a_decision_of_a_model_is_explained_with_what_it_builds_on(self, run, tmp_path):
        inner = number_table("", ("> 5", '"high"'), output='<output typeRef="string"/>').decode()
        risk = "<decision " + inner.partition("<decision ")[2].rpartition("</definitions>")[0]
        table = (
            "<decisionTable><input><inputExpression><text>risk</text></inputExpression></input><input>"
            '<inputExpression typeRef="number"><text>person.age</text></inputExpression></input><output/>'
            '<rule id="t1"><inputEntry><text>"high"</text></inputEntry><inputEntry><text>&lt; 18</text></inputEntry>'
            "<outputEntry><text>1</text></outputEntry></rule></decisionTable>"
        )
        model = dmn(table, before=risk.replace('id="d" name="Answer"', 'id="a" name="risk"'))
        (tmp_path / "m.dmn").write_bytes(model)
        done = run("explain", tmp_path / "m.dmn", given='{"years": 9, "person": {"age": 3}}')
        found = json.loads(done.stdout)["result"]
        assert found["matched"] == ["t1"]
        assert found["inputs"] == {"risk": "high", "person.age": 3}


class TestCheckAndProve:
    def test_a_pathway_without_mistakes(self, run, pathway):
        assert run("check", pathway).exit_code == 0
        done = run("prove", pathway)
        assert (done.exit_code, done.stdout) == (0, "Probado: nada que señalar.\n")

    def test_every_mistake_has_its_place(self, run, pathway):
        broken = TABLE.replace('A,-,-,"""yes"""', 'A,GBV.RAEP,< x,"""yess"""').replace("B,", "A,")
        (pathway / "t.csv").write_text(broken)
        done = run("check", pathway)
        assert done.exit_code == 1
        lines = done.stderr.splitlines()
        assert lines[0] == 't.csv:2:need: el texto «GBV.RAEP» va entre comillas; ¿quiso decir "GBV.RAPE"?'
        assert [line.split(":")[:3] for line in lines[1:]] == [
            ["t.csv", "2", "age"],
            ["t.csv", "2", "danger"],
            ["t.csv", "3", "id"],
        ]
        assert run("prove", pathway).exit_code == 2

    def test_findings_end_with_one_and_name_a_person(self, run, pathway):
        (pathway / "t.csv").write_text(TABLE.replace("B,-,-,-", 'B,-,< 18,"""no"""'))
        done = run("prove", pathway)
        assert done.exit_code == 1
        assert "Ninguna fila atiende a esta persona: Edad: 18; Peligro: no." in done.stdout

    def test_invariants_beside_the_tables_are_proven_too(self, run, pathway):
        header = "id,table,when,must,must_not,first,title_es,title_en,source,review\n"
        line = (
            'I1,t,"danger: ""yes"",unknown","level: ""P1""",,,Peligro va primero,Danger first,x,unreviewed\n'
        )
        (pathway / "invariants.csv").write_text(header + line)
        done = run("prove", pathway)
        assert done.exit_code == 1
        assert "Se rompe «Peligro va primero» por la fila A" in done.stdout

    def test_a_table_alone_or_in_a_workbook_keeps_its_promises_too(self, run, pathway):
        lines = [HEADER, ["I1", "t", "-", 'level: "P1"', "", "", "", "", "", ""], ["I2", "v", *[""] * 8]]
        (pathway / "invariants.csv").write_text(write_csv(lines))
        tables = load_folder(pathway)
        sheets = {"columns": columns_of(tables.values()), "t": rows_of(tables["t"]), "invariants": lines[:2]}
        (pathway / "book.xlsx").write_bytes(write_sheets(sheets))
        for name in ("t.csv", "book.xlsx"):
            done = run("prove", pathway / name)
            assert (done.exit_code, "«I1»" in done.stdout) == (1, True), name
        assert run("prove", pathway).exit_code == 2

    @pytest.mark.parametrize("limit", ["0", "-1"])
    def test_no_limit_makes_findings_vanish(self, run, pathway, limit):
        assert run("prove", pathway, "--limit", limit).exit_code == 2

    def test_machines_read_json(self, run, pathway):
        (pathway / "t.csv").write_text(TABLE + 'C,-,-,-,"""P0"""\n')
        found = json.loads(run("prove", pathway, "--json").stdout)
        assert (found["kind"], found["rows"]) == ("dead_row", ["C", "A", "B"])
