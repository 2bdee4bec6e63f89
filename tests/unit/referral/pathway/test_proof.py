"""The packaged tables are proven, and the proof is worth something: a wrong row is found."""

import csv
import shutil
from pathlib import Path

import pytest

from services.referral.domain.decisions import TableErrors, load_folder
from services.referral.domain.decisions.grids import read_csv
from services.referral.domain.decisions.proof import prove, prove_invariants, read_invariants
from services.referral.domain.decisions.proof.invariants import HEADER
from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_tables import FOLDER
from tests.unit.referral.pathway.cases import COMMUNITY, one, services

HERE = FOLDER / "community"


def broken(folder):
    tables = load_folder(folder)
    grid = read_csv((folder / "invariants.csv").read_bytes(), "invariants.csv")
    return {
        finding.details["invariant"] for finding in prove_invariants(tables, read_invariants(grid, tables))
    }


def gaps(folder, table):
    return [finding for finding in prove(load_folder(folder)[table]) if finding.kind == "gap"]


@pytest.fixture
def draft(tmp_path):
    folder = tmp_path / "community"
    shutil.copytree(HERE, folder)
    return folder


def change(folder, table, row_id, column, cell):
    """Write one cell of one row, as somebody does in a spreadsheet; None takes the whole row out."""
    file = folder / f"{table}.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    header = [name.removeprefix("-> ").removeprefix("# ").split(":")[0] for name in rows[0]]
    found = next(row for row in rows if row[0] == row_id)
    if column is None:
        rows.remove(found)
    else:
        found[header.index(column)] = cell
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


@pytest.mark.parametrize("table", COMMUNITY.tables)
def test_no_gap_no_conflict_no_dead_row(table):
    assert prove(COMMUNITY.tables[table]) == []


def test_every_invariant_holds():
    assert broken(HERE) == set()


def test_the_promises_that_the_reference_gives_as_examples_are_read_and_hold(draft):
    reference = (Path(__file__).parents[4] / "docs/reference/decision-tables.md").read_text(encoding="utf-8")
    told = [line.split("|")[1:-1] for line in reference.splitlines() if line.startswith("| INV-")]
    assert len(told) == 5
    rows = [[cell.strip(" `") for cell in cells] for cells in told]
    with (draft / "invariants.csv").open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *([*row, "x", "x", "x", "unreviewed"] for row in rows)])
    assert broken(draft) == set()


@pytest.mark.parametrize(
    "fault",
    [
        ("priority", "U-01", "priority", '"P1"', "INV-03"),
        ("priority", "U-03", None, None, "INV-04"),
        ("priority", "U-04a", "elapsed", '"le_24h"', "INV-06"),
        ("priority", "U-12b", "age_band", '"0-4"', "INV-09"),
        ("priority", "U-34b", None, None, "INV-01"),
        ("priority", "U-02a", None, None, "INV-35"),
        ("priority", "U-04b", None, None, "INV-36"),
        ("priority", "U-04b", "window_hours", "120", "INV-37"),
        ("priority", "U-05b", None, None, "INV-36"),
        ("priority", "U-08a", None, None, "INV-38"),
        ("priority", "U-08b", None, None, "INV-39"),
        ("priority", "U-27d", None, None, "INV-40"),
        ("priority", "U-27e", None, None, "INV-40"),
        ("priority", "U-29a", None, None, "INV-41"),
        ("priority", "U-29b", None, None, "INV-56"),
        ("priority", "U-30b", None, None, "INV-42"),
        ("consent_policy", "C-01", "caregiver", '"consent_with_permission"', "INV-43"),
        ("consent_policy", "C-01", "if_absent", '"own_consent"', "INV-43"),
        ("consent_policy", "C-02", "if_absent", '"mature_assent"', "INV-43"),
        ("consent_policy", "C-07", "caregiver", '"none"', "INV-44"),
        ("consent_policy", "C-03", "child", '"none"', "INV-45"),
        ("consent_policy", "C-08", "child", '"none"', "INV-46"),
        ("consent_policy", "C-04", "consent", '"C1"', "INV-47"),
        ("consent_policy", "C-08", "consent", '"C1"', "INV-48"),
        ("consent_policy", "C-05", "caregiver", '"consent"', "INV-49"),
        ("consent_policy", "C-09", "child", '"none"', "INV-50"),
        ("consent_policy", "C-10", "child", '"none"', "INV-51"),
        ("priority", "U-33b", None, None, "INV-36"),
        ("priority", "U-33c", None, None, "INV-36"),
        ("routing", "R-GBV-01.1", "mode", '"PAR"', "INV-12"),
        ("routing", "R-CP-01.1", "capability", "null", "INV-13"),
        ("routing", "R-GBV-06.1", "service", '"LEGAL"', "INV-14"),
        ("routing", "R-GBV-10.1", None, None, "INV-15"),
        ("routing", "R-CP-02.1", None, None, "INV-16"),
        ("routing", "R-CP-02.6", "mode", '"PAR"', "INV-17"),
        ("routing", "R-GBV-01.7", "mode", '"PAR"', "INV-20"),
        ("routing", "R-LIV-01.16", "mode", '"PAR"', "INV-28"),
        ("routing", "R-SOC-01.3", None, None, "INV-02"),
    ],
    ids=lambda fault: f"{fault[1]}-{fault[-1]}",
)
def test_a_wrong_cell_breaks_the_promise_it_concerns(draft, fault):
    *place, invariant = fault
    change(draft, *place)
    assert invariant in broken(draft)


EMERGENCIES = [row.id for row in COMMUNITY.tables["priority"].rows if row.outputs[0] == "P0"]


@pytest.mark.parametrize("row", EMERGENCIES)
def test_no_row_that_makes_an_emergency_is_made_milder_unnoticed(draft, row):
    change(draft, "priority", row, "priority", '"P1"')
    assert broken(draft)


def test_a_row_taken_out_leaves_a_gap_with_the_person_in_it(draft):
    change(draft, "priority", "U-26", None, None)
    assert [finding.case["need"] for finding in gaps(draft, "priority")] == ["MHP.DIST"]


def test_a_changed_row_changes_the_decision_and_the_version(draft):
    change(draft, "routing", "R-SOC-01.1", "service", '"PEER"')
    changed = Pathway.read(draft)
    assert services(one("SOC.INFO"), "FIRST") == ["INFO"]
    assert services(one("SOC.INFO", pathway=changed), "FIRST") == ["PEER"]
    assert changed.version != COMMUNITY.version


def test_a_mistyped_code_is_refused_with_the_place_and_the_nearest_code(draft):
    change(draft, "routing", "R-SOC-01.1", "service", '"IMFO"')
    with pytest.raises(TableErrors, match="INFO") as caught:
        Pathway.read(draft)
    problem = caught.value.problems[0]
    assert (problem.file, problem.column) == ("routing.csv", "service")


def test_the_same_tables_have_the_same_version():
    assert Pathway.read(HERE).version == COMMUNITY.version
    assert Pathway.load() is Pathway.load("community")
