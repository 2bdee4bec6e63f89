"""Our tables through DMN and back, and edits that leave everything else alone."""

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from services.referral.dmn import model_of, read_dmn, with_tables, write_dmn
from services.referral.domain.decisions import HitPolicy
from services.referral.domain.decisions.cells import ANYTHING
from services.referral.domain.decisions.declarations import read_declarations
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.reading import read_table
from tests.unit.referral.decisions.random_tables import NAMES, RandomTable

COLUMNS = [
    ["t", "need", "string", "input", "@needs", "required", "", "Necesidad", "Need"],
    ["t", "age", "integer", "input", "[0..120]", "", "", "Edad", "Age"],
    ["t", "danger", "boolean", "input", "", "true", "", "¿Peligro?", "Danger?"],
    ["t", "criteria", "list<string>", "input", "@criteria", "[V01]", "", "", ""],
    ["t", "since", "date", "input", "", "", "", "", ""],
    ["t", "level", "string", "output", "high;low", "", "low", "Nivel", "Level"],
    ["t", "hours", "number", "output", "[0..72.5]", "", "", "", ""],
    ["t", "langs", "list<string>", "output", "", "", "", "", ""],
    ["t", "title_es", "string", "annotation", "", "", "", "", ""],
    ["t", "source", "string", "annotation", "", "", "", "", ""],
]
HEADER = ["id (P)", "need", "age", "danger", "criteria", "since", "-> level", "-> hours", "-> langs"]
ROWS = [
    [
        'A <1> & "x"',
        '"GBV.RAPE"',
        "[12..18)",
        "-",
        '"V01","V02"',
        "-",
        '"high"',
        "1.50",
        '["es","en"]',
        "Sí & no",
        "-",
    ],
    ["2", "-", "unknown, 5", "true", 'not("V03")', '< date("2026-01-31")', '"low"', "null", "[]", "", "<x>"],
    ["A-3", "-", "-", "-", "-", "unknown", '"low"', "72", '["un, \\"dos\\""]', "null", "unknown"],
]


def ours():
    declared = read_declarations(grid_of("columns.csv", [NAMES, *COLUMNS]))["t"]
    return read_table(grid_of("t.csv", [[*HEADER, "# title_es", "# source"], *ROWS]), "t", declared)


class TestThroughDmn:
    @pytest.mark.parametrize("version", ["1.3", "1.4", "1.5"])
    def test_nothing_is_lost(self, version):
        found = read_dmn(write_dmn(model_of([ours()]), version)).tables["t"]
        assert found == ours()
        assert found.content_hash == ours().content_hash

    @pytest.mark.parametrize("policy", list(HitPolicy))
    def test_every_hit_policy(self, policy):
        numbers = [["a", "< 5", "1"], ["b", ">= 5", "2"]]
        lines = [
            ["t", "n", "number", "input", "", "", "", "", ""],
            ["t", "out", "number", "output", "2;1", "", "", "", ""],
        ]
        declared = read_declarations(grid_of("columns.csv", [NAMES, *lines]))["t"]
        table = read_table(grid_of("t.csv", [[f"id ({policy})", "n", "-> out"], *numbers]), "t", declared)
        assert read_dmn(write_dmn(model_of([table]))).tables["t"] == table

    @pytest.mark.parametrize("seed", range(60))
    def test_random_tables(self, seed):
        table = RandomTable(seed).table
        assert read_dmn(write_dmn(model_of([table]))).tables["t"] == table

    def test_tables_may_share_row_ids(self):
        first, second = ours(), replace(ours(), name="other")
        found = read_dmn(write_dmn(model_of([first, second]))).tables
        assert [row.id for row in found["other"].rows] == [row.id for row in first.rows]

    def test_what_a_modeler_shows(self):
        text = write_dmn(model_of([ours()])).decode()
        assert 'typeRef="tStringList"' in text
        assert 'label="Necesidad"' in text
        assert text.index("<itemDefinition") < text.index("<decision ") < text.index("<inputData")


class TestEdits:
    def test_a_changed_row_leaves_the_rest_as_it_was(self):
        before = read_dmn(write_dmn(model_of([ours()])))
        table = before.tables["t"]
        changed = replace(table.rows[1], outputs=("high", Decimal(3), ()), output_texts=('"high"', "3", "[]"))
        after = with_tables(before, {"t": replace(table, rows=(table.rows[2], changed))})
        assert read_dmn(write_dmn(after)).tables["t"] == after.tables["t"]
        assert write_dmn(before) == write_dmn(read_dmn(write_dmn(before)))
        lost = {line for line in write_dmn(before).decode().split("\n") if line.strip()}
        new = {line for line in write_dmn(after).decode().split("\n") if line.strip()} - lost
        assert {line.strip() for line in new} == {"<text>3</text>"}

    def test_a_new_column_stands_where_the_schema_wants_it(self):
        before = read_dmn(write_dmn(model_of([ours()])))
        table = before.tables["t"]
        added = replace(table.inputs[0], name="second")
        rows = tuple(replace(row, cells=(*row.cells, ANYTHING)) for row in table.rows)
        after = with_tables(before, {"t": replace(table, inputs=(*table.inputs, added), rows=rows)})
        text = write_dmn(after)
        assert read_dmn(text).tables["t"] == after.tables["t"]
        for rule in ElementTree.fromstring(text).iter("{https://www.omg.org/spec/DMN/20230324/MODEL/}rule"):
            kinds = [child.tag.rpartition("}")[2] for child in rule]
            assert kinds == ["inputEntry"] * 6 + ["outputEntry"] * 3 + ["annotationEntry"] * 2

    def test_every_id_is_there_once(self):
        text = write_dmn(model_of([ours(), replace(ours(), name="other")]))
        ids = [element.get("id") for element in ElementTree.fromstring(text).iter() if element.get("id")]
        assert len(ids) == len(set(ids))

    def test_a_decision_that_is_not_there(self):
        with pytest.raises(KeyError):
            with_tables(model_of([ours()]), {"elsewhere": ours()})
