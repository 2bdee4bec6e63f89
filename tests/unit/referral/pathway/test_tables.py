"""The rows themselves: complete, named, sourced, and plain about what nobody has reviewed."""

import re

import pytest

from shared import codes
from tests.unit.referral.pathway.cases import COMMUNITY

ROUTING_LINES = {
    *(f"R-GBV-{n:02}" for n in range(1, 10)),
    *(f"R-CP-{n:02}" for n in range(1, 8)),
    *(f"R-TIP-{n:02}" for n in range(1, 4)),
    *(f"R-PRO-{n:02}" for n in range(1, 5)),
    *(f"R-HEA-{n:02}" for n in range(1, 5)),
    *(f"R-MHP-{n:02}" for n in range(1, 4)),
    *(f"R-LEG-{n:02}" for n in range(1, 6)),
    *(f"R-EDU-{n:02}" for n in range(1, 4)),
    "R-LIV-01",
    "R-BAS-01",
    "R-BAS-02",
    "R-SOC-01",
}


@pytest.mark.parametrize("table", COMMUNITY.tables.values(), ids=lambda table: table.name)
def test_every_row_has_plain_titles_a_source_and_a_review_state(table):
    for row in table.rows:
        notes = row.annotations
        assert notes["title_es"], row.id
        assert notes["title_en"], row.id
        assert notes["source"], row.id
        assert notes["review"] in ("reviewed", "unreviewed"), row.id
        signed = bool(notes["reviewed_by"] and notes["reviewed_on"])
        assert signed == (notes["review"] == "reviewed"), row.id


def test_nothing_claims_a_review_that_nobody_made():
    for table in COMMUNITY.tables.values():
        assert {row.annotations["review"] for row in table.rows} == {"unreviewed"}


def test_every_source_that_a_row_names_is_listed():
    named = set()
    for table in COMMUNITY.tables.values():
        for row in table.rows:
            named |= set(re.findall(r"\[([A-Z]+-?\d+)\]", row.annotations["source"]))
    assert named
    assert named <= codes.values("sources")


def test_all_34_urgency_rows_are_there():
    found = {re.match(r"U-\d+", row.id).group() for row in COMMUNITY.tables["priority"].rows}
    assert found == {f"U-{number:02}" for number in range(1, 35)}


def test_every_line_of_the_routing_table_is_there():
    found = {row.id.rpartition(".")[0] for row in COMMUNITY.tables["routing"].rows}
    assert found >= ROUTING_LINES


def test_each_need_has_its_own_rows():
    named = set()
    for row in COMMUNITY.tables["routing"].rows:
        named |= row.cells[0].values
    assert named == set(codes.load("needs"))


def test_every_service_type_is_used_by_some_row():
    steps = COMMUNITY.steps.values()
    used = {step.service for step in steps} | {step.or_else for step in steps if step.or_else}
    assert used == set(codes.load("service_types"))


def test_a_type_of_violence_never_decides_a_service():
    """GBVIMS types are for statistics: rape and sexual assault have the same routes, as have the other acts."""
    assert not any("gbvims" in column.name for column in COMMUNITY.tables["routing"].inputs)
    for row in COMMUNITY.tables["routing"].rows:
        named = row.cells[0].values
        for pair in ({"GBV.RAPE", "GBV.SEXA"}, {"GBV.PHYS", "GBV.PSY", "GBV.DENY"}):
            assert not named & pair or pair <= named, row.id


def test_countries_differ_in_data_only():
    from services.referral.domain import (
        pathway,
        pathway_case,
        pathway_person,
        pathway_routes,
        pathway_urgency,
    )

    for module in (pathway, pathway_case, pathway_person, pathway_routes, pathway_urgency):
        with open(module.__file__, encoding="utf-8") as file:
            text = file.read()
        assert not re.search(r'"(EC|PE|CO)"', text), module.__name__
