"""Faults planted in a good table are all found, and told in plain words."""

import contextlib

import pytest

from services.referral.domain.decisions import (
    Column,
    DecisionError,
    DecisionTable,
    HitPolicy,
    TableErrors,
    Type,
)
from services.referral.domain.decisions.declarations import read_declarations
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.proof import (
    Finding,
    Kind,
    Place,
    describe,
    places_from,
    prove,
    prove_invariants,
    read_invariants,
    unreachable,
)
from services.referral.domain.decisions.proof.invariants import HEADER
from services.referral.domain.decisions.reading import read_table
from shared import codes
from tests.unit.referral.decisions.random_tables import NAMES

COLUMNS = [
    ["t", "need", "string", "input", "GBV.RAPE;LEG.REG;CP.UNACC", "required", "", "Necesidad", "Need"],
    ["t", "country", "string", "input", "@countries", "required", "", "País", "Country"],
    ["t", "age", "integer", "input", "[0..120]", "0", "", "Edad", "Age"],
    ["t", "criteria", "list<string>", "input", "@criteria", "[]", "", "Criterios", "Criteria"],
    ["t", "danger", "string", "input", "yes;no", "", "", "Peligro", "Danger"],
    ["t", "service_type", "string", "output", "@service_types", "", "", "", ""],
    ["t", "hours", "integer", "output", "", "", "", "", ""],
    ["t", "review", "string", "annotation", "", "", "", "", ""],
]
TABLE_HEADER = [
    "id (U)",
    "need",
    "country",
    "age",
    "criteria",
    "danger",
    "-> service_type",
    "-> hours",
    "# review",
]
RAPE, REG, CHILD = '"GBV.RAPE"', '"LEG.REG"', '"CP.UNACC"'
GOOD = [
    ["G1", RAPE, "-", "-", "-", "-", '"HE_CMR"', "1", "reviewed"],
    ["L1", REG, '"EC"', "-", "-", '"yes",unknown', '"SAFE"', "1", "reviewed"],
    ["L2", REG, '"EC"', "-", "-", '"no"', '"LEG_MIG"', "168", "unreviewed"],
    ["L3", REG, 'not("EC")', "-", "-", "-", '"LEG_MIG"', "72", "reviewed"],
    ["C1", CHILD, "-", "< 12", "-", "-", '"CP_AUTH"', "3", "reviewed"],
    ["C2", CHILD, "-", ">= 12", '"V02","V03"', "-", '"CP_AUTH"', "3", "reviewed"],
    ["C3", CHILD, "-", ">= 12", 'not("V02","V03")', "-", '"CP_CM"', "24", "reviewed"],
]


def table(rows=GOOD, *, policy="U", columns=COLUMNS):
    declared = read_declarations(grid_of("columns.csv", [NAMES, *columns]))["t"]
    return read_table(grid_of("t.csv", [[f"id ({policy})", *TABLE_HEADER[1:]], *rows]), "t", declared)


def changed(row_id, place, text):
    at = [name.rpartition(" ")[2] for name in TABLE_HEADER].index(place.rpartition(" ")[2])
    return [[*row[:at], text, *row[at + 1 :]] if row[0] == row_id else row for row in GOOD]


def without(row_id):
    return [row for row in GOOD if row[0] != row_id]


class TestPlantedFaults:
    def test_the_good_table_is_proven(self):
        assert prove(table()) == []

    @pytest.mark.parametrize("row_id", [row[0] for row in GOOD])
    def test_every_missing_row_is_a_gap(self, row_id):
        found = [finding for finding in prove(table(without(row_id))) if "column" not in finding.details]
        assert {finding.kind for finding in found} == {Kind.GAP}
        assert {table().explain(finding.case).matched for finding in found} == {(row_id,)}

    @pytest.mark.parametrize(
        ("row_id", "place", "text", "kinds"),
        [
            ("C1", "age", "< 11", {Kind.GAP}),
            ("C1", "age", "<= 12", {Kind.CONFLICT}),
            ("C2", "age", "[12..17]", {Kind.GAP}),
            ("L3", "country", '"PE"', {Kind.GAP}),
            ("L3", "country", "-", {Kind.CONFLICT}),
            ("C3", "criteria", 'not("V02")', {Kind.CONFLICT}),
            ("C3", "criteria", 'not("V02","V03","V04")', {Kind.GAP}),
            ("C2", "criteria", '"V02"', {Kind.GAP}),
            ("L1", "danger", '"yes"', {Kind.GAP}),
            ("L2", "danger", '"no",unknown', {Kind.CONFLICT}),
            ("C1", "age", "> 130", {Kind.GAP, Kind.DEAD_ROW}),
        ],
    )
    def test_every_slip_of_a_cell_is_found(self, row_id, place, text, kinds):
        assert {finding.kind for finding in prove(table(changed(row_id, place, text)))} == kinds

    def test_a_row_behind_others_is_dead(self):
        rows = [*GOOD, ["X", CHILD, "-", "[5..50]", "-", "-", '"INFO"', "1", ""]]
        (finding,) = prove(table(rows, policy="F"))
        assert (finding.kind, finding.rows) == (Kind.DEAD_ROW, ("X", "C1", "C2", "C3"))
        assert describe(finding, table(rows, policy="F")) == (
            "La fila X nunca decide: siempre se adelantan C1, C2 y C3."
        )

    @pytest.mark.parametrize(
        ("cells", "dead"),
        [
            (["< 5", ">= 5", "-"], [("3", "1", "2")]),
            (["< 5", ">= 5", "-", "unknown"], [("4", "3")]),
            (["unknown", "< 5", ">= 5", "-"], [("4", "1", "2", "3")]),
            (["< 5", "> 5", "-"], []),
            (["not(5)", "-"], []),
        ],
    )
    def test_a_row_that_only_an_unforeseen_unknown_would_reach_is_dead(self, cells, dead):
        rows = [[str(number), cell, str(number)] for number, cell in enumerate(cells, 1)]
        made = read_table(grid_of("t.csv", [["id (F)", "n:number", "-> out:number"], *rows]), "t")
        assert [finding.rows for finding in prove(made) if finding.kind is Kind.DEAD_ROW] == dead
        reached = set()
        for value in (4, 5, 6, None):
            with contextlib.suppress(DecisionError):
                reached.add(str(made.evaluate({"n": value})["out"]))
        assert {row for row, *_ in dead} == {row for row, *_ in rows} - reached

    def test_overlaps_are_told_when_asked(self):
        rows = [*GOOD, ["X", REG, "-", "-", "-", "-", '"INFO"', "1", ""]]
        assert prove(table(rows, policy="R")) == []
        found = prove(table(rows, policy="R"), overlaps=True)
        assert {(finding.kind, finding.rows) for finding in found} == {
            (Kind.OVERLAP, (row, "X")) for row in ("L1", "L2", "L3")
        }

    def test_findings_are_limited_for_each_kind(self):
        twice = [[f"{row[0]}{n}", *row[1:]] for row in GOOD for n in range(6)]
        assert len(prove(table(twice), limit=5)) == 5


class TestWords:
    def test_a_gap_names_a_person(self):
        rows = changed("C2", "age", "[12..17]")
        found = [finding for finding in prove(table(rows)) if finding.kind is Kind.GAP]
        said = {describe(finding, table(rows)) for finding in found}
        person = "Ninguna fila atiende a esta persona: Necesidad: CP.UNACC; Edad: 18; Criterios: "
        assert said == {f"{person}{criterion(code)}." for code in ("V02", "V03")}
        assert "No row serves this person: Need: CP.UNACC; Age: 18" in describe(found[0], table(rows), "en")

    @pytest.mark.parametrize(
        ("language", "said"),
        [("es", "más de 120 horas, hasta 14 días"), ("en", "over 120 hours, up to 14 days")],
    )
    def test_a_span_of_time_is_told_in_words(self, language, said):
        elapsed = Column(
            "elapsed", Type.STRING, values=("le_24h", "h121_d14"), title_es="Tiempo", title_en="Time"
        )
        asked = DecisionTable("t", HitPolicy.FIRST, inputs=(elapsed,), outputs=(), rows=())
        finding = Finding(Kind.GAP, "t", (), case={"elapsed": "h121_d14"}, columns=("elapsed",))
        assert said in describe(finding, asked, language)

    def test_a_conflict_names_both_rows(self):
        rows = changed("L3", "country", "-")
        finding = prove(table(rows))[0]
        assert finding.rows == ("L1", "L3")
        said = describe(finding, table(rows))
        assert said.startswith(
            "Las filas L1 y L3 valen para la misma persona: Necesidad: LEG.REG; País: Ecuador (EC)"
        )

    def test_an_unforeseen_unknown_names_the_input(self):
        rows = changed("L1", "danger", '"yes"')
        finding = prove(table(rows))[0]
        assert "Nadie previó que no se sepa «Peligro» (fila L1)" in describe(finding, table(rows))
        assert "“Danger” may not be known" in describe(finding, table(rows), "en")


def criterion(code):
    return f"{codes.load('criteria')[code].label('es')} ({code})"


def invariant(**cells):
    line = [
        {"id": "I1", "table": "t", "when": "-", "title_es": "Promesa", **cells}.get(name, "")
        for name in HEADER
    ]
    return read_invariants(grid_of("invariants.csv", [HEADER, line]), {"t": table()})


def broken(rows=GOOD, policy="U", **cells):
    return prove_invariants({"t": table(rows, policy=policy)}, invariant(**cells))


RAPE_FIRST = {"when": f"need: {RAPE}", "must": 'service_type: "HE_CMR"; hours: <= 3'}


class TestInvariants:
    def test_a_kept_promise(self):
        assert broken(**RAPE_FIRST) == []

    @pytest.mark.parametrize(
        ("rows", "blamed"),
        [
            (changed("G1", "hours", "24"), ("G1",)),
            (changed("G1", "-> service_type", '"LEGAL"'), ("G1",)),
            (changed("G1", "country", '"EC"'), ()),
            (without("G1"), ()),
        ],
    )
    def test_a_broken_promise_names_the_row_or_its_lack(self, rows, blamed):
        (finding,) = broken(rows, **RAPE_FIRST)
        assert (finding.kind, finding.rows) == (Kind.INVARIANT, blamed)
        assert finding.case["need"] == "GBV.RAPE"
        assert "Se rompe «Promesa»" in describe(finding, table(rows))

    def test_the_unknown_counts_as_its_cautious_value(self):
        cells = {"when": f"need: {CHILD}; age: unknown", "must": 'service_type: "CP_AUTH"'}
        assert broken(**cells) == []
        (finding,) = broken(changed("C1", "age", "[1..12)"), **cells)
        assert finding.case["age"] is None

    def test_what_never_may_be_answered(self):
        cells = {"when": 'criteria: "V02"', "must_not": 'service_type: "CP_CM"'}
        assert broken(**cells) == []
        (finding,) = broken(changed("C3", "criteria", 'not("V03")'), **cells)
        assert (finding.rows, finding.case["criteria"]) == (("C3",), ["V02"])

    def test_annotations_may_be_asked(self):
        (finding,) = broken(must_not='service_type: "LEG_MIG"; review: not("reviewed")')
        assert finding.rows == ("L2",)

    def test_first_and_some_in_lists(self):
        rows = [["X", RAPE, '"PE"', "-", "-", "-", '"LEGAL"', "1", ""], *GOOD]
        assert broken(rows, policy="R", when=f"need: {RAPE}", must='service_type: "HE_CMR"') == []
        (finding,) = broken(rows, policy="R", when=f"need: {RAPE}", first='service_type: "HE_CMR"')
        assert (finding.rows, finding.case["country"]) == (("X",), "PE")

    @pytest.mark.parametrize(
        ("cells", "code", "column"),
        [
            ({"table": "tt", "must": "hours: 1"}, "unknown_table", "table"),
            ({}, "no_requirement", "must"),
            ({"when": "ned: 1", "must": "hours: 1"}, "unknown_column", "when"),
            ({"when": f"need {RAPE}", "must": "hours: 1"}, "bad_condition", "when"),
            ({"when": 'need: "GBV.RAEP"', "must": "hours: 1"}, "unknown_code", "when"),
            ({"must": "hours: < x"}, "wrong_literal", "must"),
            ({"must": "hours: 1; hours: 2"}, "duplicate_column", "must"),
            ({"id": "", "must": "hours: 1"}, "missing_id", "id"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, cells, code, column):
        with pytest.raises(TableErrors) as caught:
            invariant(**cells)
        (problem,) = caught.value.problems
        assert (problem.code, problem.file, problem.row, problem.column) == (
            code,
            "invariants.csv",
            2,
            column,
        )


class TestReach:
    def test_nobody_offers_what_a_row_names(self):
        offered = {
            "CO-CUCUTA": ["HE_CMR", "CP_AUTH", "CP_CM"],
            "EC-QUITO": ["HE_CMR", "CP_AUTH", "LEG_MIG", "SAFE"],
        }
        found = list(unreachable(table(), places_from(offered)))
        assert [(f.details["locality"], f.details["service_type"], f.rows) for f in found] == [
            ("CO-CUCUTA", "LEG_MIG", ("L3",)),
            ("EC-QUITO", "CP_CM", ("C3",)),
        ]
        assert "En Cúcuta (CO-CUCUTA) nadie ofrece" in describe(found[0], table())

    def test_some_help_needs_no_provider(self):
        place = Place("X", {"country": "PE"}, ["HE_CMR", "CP_AUTH", "CP_CM"])
        assert [found.details["service_type"] for found in unreachable(table(), [place])] == ["LEG_MIG"]
        assert list(unreachable(table(), [place], always=["LEG_MIG"])) == []
