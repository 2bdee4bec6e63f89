"""From a document to an assessment: what is right passes whole, what is wrong is named field by field."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.findings import Findings
from services.intake.domain.sentences import SENTENCES
from services.intake.schemas.documents import parse
from services.intake.schemas.reading import read_assessment
from tests.unit.intake.builders import NOW, a_child, a_document, an_edge, put


def read(document):
    findings = Findings()
    return read_assessment(document, an_edge(), findings), findings


def codes(**changes):
    return read(a_document(**changes))[1].codes()


class TestRight:
    def test_a_whole_document_becomes_an_assessment(self):
        made, findings = read(a_document())

        assert not findings
        assert made.person.age_band == "18-59"
        assert made.safe_contact.phone == "+573001234567"
        assert made.safe_contact.safe_hours == ("09:00", "18:00")
        assert made.children_bands() == ["0-4", "5-11"]
        assert made.needs[0].facts == {"deadline_days": 20}

    def test_the_least_that_is_enough(self):
        made, findings = read(
            {
                "id": "0192A7C1-0000-7000-8000-000000000001",
                "assessed_at": "2026-11-22T14:00:00Z",
                "place": {"country": "PE", "locality": "PE-LIMA"},
                "person": {"gender": "unknown", "population_type": "in_transit"},
                "consent": {"share": "granted", "given_by": "person", "obtained_at": "2026-11-22T14:00:00Z"},
                "needs": [{"code": "SOC.INFO"}],
            }
        )

        assert not findings
        assert made.id == "0192a7c1-0000-7000-8000-000000000001"
        assert made.person.age_band == "unknown"
        assert made.contact_allowed() is False

    def test_a_birth_date_gives_the_age_on_that_day(self):
        made, _ = read(a_document(person__age=None, person__birth_date="1995-11-23"))
        assert made.person.age == 30

    def test_a_local_number_belongs_to_the_country(self):
        made, _ = read(
            a_document(
                place={"country": "EC", "locality": "EC-CUENCA"},
                safe_contact__phone="099 123 4567",
                safe_contact__timezone=None,
            )
        )
        assert made.safe_contact.phone == "+593991234567"
        assert made.safe_contact.timezone == "America/Guayaquil"

    def test_a_clock_a_little_fast_is_forgiven(self):
        ahead = (NOW + timedelta(minutes=4)).isoformat()
        assert codes(assessed_at=ahead, consent__obtained_at=ahead) == set()


class TestWrong:
    @pytest.mark.parametrize(
        ("path", "value", "field", "code"),
        [
            ("assessed_at", "2026-11-23T10:00:00Z", "assessed_at", "time_in_future"),
            ("assessed_at", "1999-01-01T10:00:00Z", "assessed_at", "time_too_old"),
            ("assessed_at", "2026-11-22T10:00:00", "assessed_at", "not_time"),
            ("assessed_at", "ayer", "assessed_at", "not_time"),
            ("assessed_at", 5, "assessed_at", "not_time"),
            ("assessed_at", "0001-01-01T00:00:00+23:59", "assessed_at", "time_too_old"),
            ("consent__obtained_at", "2026-12-01T10:00:00Z", "consent.obtained_at", "time_in_future"),
            ("id", "17", "id", "not_uuid"),
            ("id", None, "id", "required"),
            ("place__country", "VE", "place.country", "unknown_code_near"),
            ("place__locality", "CO-CUCUTTA", "place.locality", "unknown_code_near"),
            ("place__locality", "PE-LIMA", "place.locality", "other_country"),
            ("person", [], "person", "not_object"),
            ("person__age", "31", "person.age", "not_whole"),
            ("person__age", True, "person.age", "not_whole"),
            ("person__age", 31.0, "person.age", "not_whole"),
            ("person__age", -1, "person.age", "not_whole"),
            ("person__age", 10**400, "person.age", "not_whole"),
            ("person__birth_date", "2026-11-30", "person.birth_date", "birth_in_future"),
            ("person__birth_date", "1880-01-01", "person.birth_date", "age_too_high"),
            ("person__birth_date", "2000-02-30", "person.birth_date", "not_date"),
            ("person__birth_date", "1970-01-01", "person.age", "age_differs"),
            ("person__gender", "mujer", "person.gender", "unknown_code_near"),
            ("person__gender", 3, "person.gender", "not_text"),
            ("person__nationality", "Venezuela", "person.nationality", "unknown_code"),
            ("person__nationality", "QQ", "person.nationality", "unknown_code"),
            ("person__name", "", "person.name", "text_empty"),
            ("person__name", "a\x00b", "person.name", "text_unreadable"),
            ("person__name", "a\ud800b", "person.name", "text_unreadable"),
            ("person__name", "x" * 121, "person.name", "text_too_long"),
            ("person__languages", "es", "person.languages", "not_list"),
            ("person__languages", ["xx"], "person.languages.0", "unknown_code"),
            ("person__apodo", "x", "person.apodo", "unknown_field"),
            ("household__size", 1, "household.children", "too_many_children"),
            ("household__children", [3, 18], "household.children.1", "not_whole"),
            ("consent__share", True, "consent.share", "not_text"),
            ("consent__share", "si", "consent.share", "not_allowed"),
            ("consent__assent", "yes", "consent.assent", "not_boolean"),
            ("consent__withheld_from", ["x"], "consent.withheld_from.0", "not_uuid"),
            ("consent__override", {"basis": "x"}, "consent.override.author", "required"),
            ("safe_contact__phone", "12345", "safe_contact.phone", "phone_invalid"),
            ("safe_contact__phone", "+57 300 123 45678999", "safe_contact.phone", "phone_invalid"),
            ("safe_contact__phone", "no tiene", "safe_contact.phone", "phone_invalid"),
            (
                "safe_contact__safe_hours",
                ["18:00", "09:00"],
                "safe_contact.safe_hours",
                "contact_hours_order",
            ),
            ("safe_contact__safe_hours", ["25:00", "26:00"], "safe_contact.safe_hours.0", "not_hour"),
            ("safe_contact__timezone", "Bogotá", "safe_contact.timezone", "unknown_timezone"),
            ("criteria", ["V7"], "criteria.0", "unknown_code_near"),
            ("needs", [], "needs", "needs_missing"),
            ("needs", {}, "needs", "not_list"),
            ("needs", None, "needs", "required"),
            ("needs", [{"code": "LEG.DOC"}] * 21, "needs", "list_too_long"),
            ("needs", [{"code": "LEG.DOC"}, {"code": "LEG.DOC"}], "needs.1.code", "repeated"),
            ("needs__0__code", "GBV.RAP", "needs.0.code", "unknown_code_near"),
            ("needs__0__code", "☃☃☃☃☃☃", "needs.0.code", "unknown_code"),
            ("needs__0__facts", {"elapsed": "ayer"}, "needs.0.facts.elapsed", "not_allowed"),
            ("needs__0__facts", {"dias": 1}, "needs.0.facts.dias", "unknown_fact"),
            ("needs__0__facts", {"deadline_days": "3"}, "needs.0.facts.deadline_days", "not_whole"),
            ("needs__0__facts", {"danger_now": True}, "needs.0.facts.danger_now", "not_text"),
        ],
    )
    def test_is_named_by_field_and_code(self, path, value, field, code):
        assert (field, code) in codes(**{path: value})

    def test_everything_wrong_is_named_at_once(self):
        found = codes(person__gender="x", needs__0__code="y", safe_contact__phone="1", assessed_at="nunca")
        assert {field for field, _ in found} == {
            "person.gender",
            "needs.0.code",
            "safe_contact.phone",
            "assessed_at",
        }

    def test_an_unknown_code_is_answered_with_the_nearest(self):
        _, findings = read(a_document(needs__0__code="GBV.RAP"))
        (error,) = findings.fields["needs.0.code"]
        assert "GBV.RAPE" in error.params["nearest"]

    @pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"a": 1}])
    def test_what_is_no_assessment_at_all(self, document):
        made, findings = read(document)
        assert made is None
        assert findings

    def test_a_child_with_an_adults_consent(self):
        _, findings = read(a_child(8, given_by="person", assent=True))
        assert findings.codes() == {("consent.given_by", "child_own_consent")}

    def test_the_age_from_the_birth_date_decides_who_consents(self):
        document = a_document(person__age=None, person__birth_date="2018-01-01")
        assert read(document)[1].codes() == {("consent.given_by", "child_own_consent")}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PATHS = [
    (name, *rest)
    for name, value in a_document().items()
    for rest in ([(), *[(inner,) for inner in value]] if isinstance(value, dict) else [()])
] + [("needs", "0", "code"), ("needs", "0", "facts"), ("needs", "0", "refer"), ("household", "children", "0")]


class TestAnything:
    @given(anything)
    def test_any_document_is_answered_with_findings(self, document):
        _, findings = read(document)
        assert findings
        assert all(one.code in SENTENCES for found in findings.fields.values() for one in found)

    @settings(max_examples=300)
    @given(st.sampled_from(PATHS), anything)
    def test_anything_anywhere_is_read_or_named(self, path, value):
        document = a_document()
        put(document, list(path), value)
        made, findings = read(document)
        assert (made is None) == bool(findings)
        for found in findings.fields.values():
            for one in found:
                assert one.message % (one.params or {})

    @given(st.binary(max_size=200))
    def test_any_bytes_are_parsed_or_named(self, data):
        findings = Findings()
        parse(data, findings)
        assert set(findings.fields) <= {"body"}
