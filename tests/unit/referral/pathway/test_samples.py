"""The sample data: 60 persons decided as a protection officer would, and a directory that can help them."""

import json
from collections import Counter
from datetime import UTC, datetime

import phonenumbers
import pytest

from deploy.local import seed
from services.intake.domain.consent_rules import Schedule
from services.intake.domain.findings import Findings
from services.intake.schemas.reading import Edge, read_assessment
from services.referral.domain import planning
from services.referral.domain.decisions.proof import unreachable
from services.referral.domain.hsds import read
from services.referral.domain.pathway import PersonCase, decide
from services.referral.domain.snapshot import Snapshot
from services.referral.operations.proving import reached
from shared import codes
from shared.events.intake import AssessmentSubmitted
from shared.ids import new_id
from tests.unit.referral.pathway.cases import COMMUNITY

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SAMPLES = seed.samples(now=MONDAY_NOON)


def read_sample(sample, now):
    findings = Findings()
    assessment = read_assessment(sample.document, Edge(now, new_id, Schedule()), findings)
    assert not findings, (sample.name, findings.fields)
    return assessment


def fact(sample, now=MONDAY_NOON):
    """What the intake service would tell of the sample."""
    found = read_sample(sample, now)
    return AssessmentSubmitted(
        seq=1,
        assessment_id=found.id,
        person_id=found.person.id,
        organization_id=None,
        focal_point_id=None,
        country=found.place.country,
        locality=found.place.locality,
        age_band=found.person.age_band,
        gender=found.person.gender,
        population_type=found.person.population_type,
        assessed_at=found.assessed_at.isoformat(),
        needs=[{"need_id": one.id, "code": one.code, "facts": one.facts} for one in found.shared_needs()],
        languages=list(found.person.languages),
        documents=list(found.person.documents),
        accessibility=list(found.person.accessibility),
        criteria=list(found.criteria),
        preferences=list(found.preferences),
        withheld_from=list(found.consent.withheld_from),
        contact_allowed=found.contact_allowed(),
        household_size=found.household_size,
        children=found.children_bands(),
    )


def decisions(sample):
    return decide(COMMUNITY, PersonCase.of(fact(sample)))


def package(now):
    return read(seed.directory(now=now), now=now)


def planned(sample, now):
    snapshot = Snapshot().with_changes([one.service for one in package(now).entries.values()], version=1)
    world = planning.World(COMMUNITY, snapshot, now, new_id)
    return planning.plan(world, fact(sample, now))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_sample_is_decided_as_expected(sample):
    found = {one.code: one for one in decisions(sample)}
    assert set(found) == set(sample.needs)
    for code, wanted in sample.needs.items():
        decision = found[code]
        assert f"P{decision.priority}" == wanted["priority"]
        assert sorted(route.service for route in decision.services) == sorted(wanted["services"])
        assert [route.service for route in decision.notices] == wanted.get("notices", [])


@pytest.mark.parametrize("day", [MONDAY_NOON, SUNDAY_NIGHT], ids=["noon", "night"])
def test_every_sample_finds_its_help_save_the_three_gaps(day):
    gaps = {}
    for sample in seed.samples(now=day):
        missing = [one.gap.service_type for one in planned(sample, day) if one.gap]
        if missing:
            gaps[sample.name] = missing
    assert gaps == {"co-04": ["ALTCARE"], "ec-02": ["HE_CMR"], "ec-09": ["LV_ENT"]}


def test_how_each_sample_ends_follows_from_what_is_planned():
    for sample in SAMPLES:
        found = planned(sample, MONDAY_NOON)
        hours = (sample.document["safe_contact"] or {}).get("safe_hours")
        if any(one.gap for one in found):
            ends = "gap"
        elif any(one.referral.mode == "AUTH" for one in found):
            ends = "draft_authority"
        else:
            ends = "held" if hours and hours != ["00:00", "23:59"] else "completed"
        assert ends == sample.ends, sample.name


def test_the_samples_touch_every_line_of_the_routing_table():
    touched = set()
    for sample in SAMPLES:
        for one in decisions(sample):
            for route in (*one.services, *one.offers, *one.notices, *one.excluded):
                touched.add(route.row_id.rpartition(".")[0])
    assert touched == {row.id.rpartition(".")[0] for row in COMMUNITY.tables["routing"].rows}


def test_there_are_sixty_of_all_kinds():
    documents = [sample.document for sample in SAMPLES]
    assert len(documents) == len({one["id"] for one in documents}) == 60
    assert {one["place"]["country"] for one in documents} == set(codes.load("countries"))
    assert Counter(sample.ends for sample in SAMPLES)["gap"] == 3
    assert any(one["consent"]["given_by"] == "caregiver" for one in documents)
    assert any(one["consent"]["override"] for one in documents)
    assert any(one["consent"]["contact"] == "refused" for one in documents)
    assert any(one["person"]["population_type"] == "host_community" for one in documents)
    assert any(one["person"]["languages"] == ["guc"] for one in documents)
    assert any(one["consent"]["withheld_from"] for one in documents)
    assert sum(len(one["needs"]) > 1 for one in documents) >= 8


def test_every_person_and_every_number_is_plainly_invented():
    for sample in SAMPLES:
        assert "Ejemplo" in sample.document["person"]["name"]
        contact = sample.document["safe_contact"]
        if contact:
            assert "555" in contact["phone"]


def test_a_second_run_brings_new_people_with_the_same_needs():
    again = seed.samples(now=MONDAY_NOON, run="2")
    assert not {one.document["id"] for one in again} & {one.document["id"] for one in SAMPLES}
    assert [one.name for one in again] == [one.name for one in SAMPLES]
    assert [one.needs for one in again] == [one.needs for one in SAMPLES]


def test_the_directory_is_large_clean_and_spread_over_the_places():
    found = package(MONDAY_NOON)
    assert found.problems == []
    assert len(found.organizations) >= 35
    assert len(found.entries) >= 60
    localities = {area for entry in found.entries.values() for area in entry.service.areas}
    assert {
        *("CO-CUCUTA", "CO-RIOHACHA", "CO-ARAUCA", "CO-BOGOTA", "PE-PIURA", "PE-CHICLAYO", "PE-TRUJILLO"),
        *("PE-LIMA", "PE-TUMBES", "EC-CUENCA", "EC-GUAYAQUIL", "EC-HUAQUILLAS", "EC-QUITO"),
    } <= localities


def test_an_organization_is_sourced_or_plainly_invented():
    for organization in seed.directory(now=MONDAY_NOON):
        sources = [
            attribute.get("value")
            for service in organization["services"]
            for attribute in service["attributes"]
            if attribute["taxonomy_term"]["code"] == "source"
        ]
        assert "ejemplo" in organization["name"].lower() or len(sources) == len(organization["services"])


def test_only_lines_that_a_source_names_have_short_numbers():
    named = {"123", "155", "141", "018000918080", "018000522020", "122", "911", "171", "100", "1810", "113"}
    for organization in seed.directory(now=MONDAY_NOON):
        for phone in organization.get("phones", ()):
            assert phonenumbers.is_valid_number(phonenumbers.parse(phone["number"]))
        for service in organization["services"]:
            assert {phone["number"] for phone in service.get("phones", ())} <= named


def test_nobody_can_find_a_shelter_on_a_map():
    found = package(MONDAY_NOON)
    for entry in found.entries.values():
        if entry.service.types & {"SHEL", "SAFE", "ALTCARE"}:
            assert entry.service.confidential
            assert not entry.location_ids
    for organization in seed.directory(now=MONDAY_NOON):
        for location in organization["locations"]:
            assert location["latitude"] == round(location["latitude"], 2)


def test_every_organization_has_somebody_who_answers():
    people = seed.accounts()
    organizations = {one["id"] for one in seed.directory(now=MONDAY_NOON)}
    assert {one["organization_id"] for one in people if one["role"] == "provider"} == organizations
    assert Counter(one["role"] for one in people if one["role"] != "provider") == {
        "focal_point": 3,
        "coordinator": 2,
        "admin": 1,
    }
    assert {one["organization_id"] for one in people if one["role"] == "focal_point"} <= organizations
    assert not any("password" in json.dumps(one) for one in people)


def test_the_directory_can_keep_every_promise_of_the_pathway_save_two():
    services = [one.service for one in package(MONDAY_NOON).entries.values()]
    places = reached(Snapshot().with_changes(services, version=1), today=MONDAY_NOON.date())
    missing = {
        (finding.details["service_type"], finding.details["locality"])
        for finding in unreachable(COMMUNITY.tables["routing"], places)
    }
    assert missing == {("ALTCARE", "CO-ARAUCA"), ("LV_ENT", "EC-TULCAN")}
