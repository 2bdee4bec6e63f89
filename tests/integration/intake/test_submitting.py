"""One assessment in: stored whole, told once, safe to repeat."""

import pytest

from shared.clock import utc_now
from shared.ids import new_id
from tests.unit.intake.builders import a_document


def now_document(**changes):
    stamp = utc_now().isoformat()
    return a_document(**{"assessed_at": stamp, "consent__obtained_at": stamp, **changes})


class TestPostAssessment:
    def test_it_is_stored_and_answered_with_its_place(self, intake, focal_point):
        document = now_document()

        answer = focal_point.post("/assessments", document)

        assert answer.status_code == 201, answer.text
        assert answer.json["id"] == document["id"]
        assert answer.json["status"] == "submitted"
        assert [need["code"] for need in answer.json["needs"]] == ["LEG.DOC"]
        assert answer.headers["Location"].endswith(f"/intake/api/v1/assessments/{document['id']}")
        shown = focal_point.get(f"/assessments/{document['id']}")
        assert shown.status_code == 200, shown.text
        assert shown.json["needs"][0]["state"] == "routing"
        assert "Yusmary" not in shown.text

    def test_the_event_tells_codes_and_never_who(self, intake, focal_point):
        document = now_document()
        answer = focal_point.post("/assessments", document)

        (event,) = intake.events("assessment.submitted.v1")

        assert event["assessment_id"] == document["id"]
        assert event["organization_id"] == intake.organization_id
        assert event["focal_point_id"] == focal_point.account_id
        assert event["age_band"] == "18-59"
        assert event["children"] == ["0-4", "5-11"]
        assert event["contact_allowed"] is True
        assert event["needs"] == [
            {"need_id": answer.json["needs"][0]["id"], "code": "LEG.DOC", "facts": {"deadline_days": 20}}
        ]
        for secret in ("Yusmary", "Santander", "300123", "Ana"):
            assert secret not in str(event)

    def test_nothing_that_identifies_lies_in_clear(self, intake, focal_point):
        focal_point.post("/assessments", now_document(criteria=["V13"]))

        for table in ("person", "assessment", "safe_contact", "need", "consent"):
            text = str(intake.rows(f"SELECT t.*, t::text AS whole FROM intake.{table} t"))
            for secret in ("Yusmary", "Santander", "300123", "V13", "deadline_days"):
                assert secret not in text
                assert secret.encode().hex() not in text

    def test_repeating_answers_the_same(self, intake, focal_point):
        document = now_document()
        first = focal_point.post("/assessments", document)
        reordered = dict(reversed(document.items()))

        second = focal_point.post("/assessments", reordered)

        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json == second.json
        assert len(intake.events("assessment.submitted.v1")) == 1

    def test_the_same_id_with_other_content_is_refused(self, intake, focal_point):
        document = now_document()
        focal_point.post("/assessments", document)

        answer = focal_point.post("/assessments", {**document, "criteria": ["V08"]})

        assert (answer.status_code, answer.json["code"]) == (409, "id_taken")

    def test_the_same_id_of_another_organization_is_refused(self, intake, focal_point):
        document = now_document()
        focal_point.post("/assessments", document)

        answer = intake.caller(organization_id=new_id()).post("/assessments", document)

        assert (answer.status_code, answer.json["code"]) == (409, "id_taken")

    def test_a_refusal_is_kept_and_nothing_is_told(self, intake, focal_point):
        document = now_document(
            consent__share="refused",
            needs=[{"code": "GBV.PHYS", "refer": False}, {"code": "BAS.FOOD", "refer": False}],
        )

        answer = focal_point.post("/assessments", document)

        assert (answer.status_code, answer.json["status"]) == (201, "recorded")
        assert intake.events("assessment.submitted.v1") == []
        shown = focal_point.get(f"/assessments/{document['id']}").json
        assert [need["state"] for need in shown["needs"]] == ["not_shared", "not_shared"]

    def test_only_the_needs_to_be_referred_are_told(self, intake, focal_point):
        document = now_document(needs=[{"code": "GBV.PHYS", "refer": False}, {"code": "BAS.FOOD"}])

        focal_point.post("/assessments", document)

        (event,) = intake.events("assessment.submitted.v1")
        assert [need["code"] for need in event["needs"]] == ["BAS.FOOD"]

    def test_a_restricted_need_switches_messages_off(self, intake, focal_point):
        focal_point.post("/assessments", now_document(needs=[{"code": "GBV.RISK"}]))

        (event,) = intake.events("assessment.submitted.v1")
        assert event["contact_allowed"] is False

    def test_an_override_is_told_with_its_basis_alone(self, intake, focal_point):
        override = {"basis": "vital_interest", "author": "promotora-7", "approver": "supervisora-2"}
        document = now_document(consent__share="refused", consent__override=override)

        focal_point.post("/assessments", document)

        (event,) = intake.events("assessment.submitted.v1")
        assert event["emergency_override"] == "vital_interest"
        assert "promotora" not in str(event)


class TestKnownPersons:
    def test_a_second_assessment_joins_the_person(self, intake, focal_point):
        person_id = new_id()
        focal_point.post("/assessments", now_document(person__id=person_id))
        second = now_document(person__id=person_id, person__name="Yusmary Otra")

        assert focal_point.post("/assessments", second).status_code == 201

        assert len(intake.rows("SELECT id FROM intake.person")) == 1
        seen = focal_point.get(f"/assessments/{second['id']}/person")
        assert seen.json["name"] == "Yusmary Otra"
        assert seen.json["phone"] == "+573001234567"

    def test_repeating_an_older_one_does_not_undo_what_is_known_now(self, intake, focal_point):
        person_id = new_id()
        older = now_document(person__id=person_id)
        focal_point.post("/assessments", older)
        newer = now_document(person__id=person_id, person__name="Nombre corregido")
        focal_point.post("/assessments", newer)

        assert focal_point.post("/assessments", older).status_code == 200

        assert focal_point.get(f"/assessments/{newer['id']}/person").json["name"] == "Nombre corregido"

    def test_a_person_of_another_organization_is_not_found(self, intake, focal_point):
        person_id = new_id()
        focal_point.post("/assessments", now_document(person__id=person_id))

        answer = intake.caller(organization_id=new_id()).post(
            "/assessments", now_document(person__id=person_id)
        )

        assert answer.status_code == 422
        assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [
            ("person.id", "other_person")
        ]


class TestNeedIds:
    def test_a_need_of_another_assessment_is_not_taken_over(self, intake, focal_point):
        need_id = new_id()
        focal_point.post("/assessments", now_document(needs=[{"id": need_id, "code": "BAS.FOOD"}]))
        second = now_document(needs=[{"id": need_id, "code": "BAS.FOOD"}])

        answer = focal_point.post("/assessments", second)

        assert (answer.status_code, answer.json["code"]) == (409, "need_id_taken")
        assert focal_point.get(f"/assessments/{second['id']}").status_code == 404


@pytest.mark.parametrize("role", ["provider", "coordinator", "admin"])
def test_other_roles_send_nothing(intake, role):
    assert intake.caller(role).post("/assessments", now_document()).status_code == 403


def test_without_a_token_nothing(intake):
    caller = intake.caller()
    caller.token = ""
    assert caller.post("/assessments", now_document()).status_code == 401


def test_an_account_without_organization_is_told_so(intake):
    answer = intake.caller(organization_id=None).post("/assessments", now_document())
    assert (answer.status_code, answer.json["code"]) == (403, "no_organization")
