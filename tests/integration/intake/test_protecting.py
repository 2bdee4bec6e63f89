"""Who may see whom, what for, and what is left after a permission is taken back."""

import pytest

from shared.ids import new_id
from tests.integration.intake.test_submitting import now_document


def post(caller, **changes):
    document = now_document(person__id=new_id(), **changes)
    answer = caller.post("/assessments", document)
    assert answer.status_code == 201, answer.text
    return {
        "id": document["id"],
        "person": document["person"]["id"],
        "needs": [need["id"] for need in answer.json["needs"]],
    }


GBV = [{"code": "GBV.PHYS"}, {"code": "BAS.FOOD"}]


class TestWhoSeesACase:
    def test_the_author_sees_all_of_it(self, focal_point):
        case = post(focal_point, needs=GBV)
        needs = focal_point.get(f"/assessments/{case['id']}").json["needs"]
        assert [need["code"] for need in needs] == ["GBV.PHYS", "BAS.FOOD"]

    def test_a_colleague_sees_that_something_is_restricted(self, intake, focal_point):
        case = post(focal_point, needs=GBV)
        needs = intake.caller().get(f"/assessments/{case['id']}").json["needs"]
        assert [(need["code"], need["state"]) for need in needs] == [
            (None, "restricted"),
            ("BAS.FOOD", "routing"),
        ]

    def test_a_coordinator_sees_the_rest_without_a_name(self, intake, focal_point):
        case = post(focal_point, needs=GBV)
        answer = intake.caller("coordinator", organization_id=None).get(f"/assessments/{case['id']}")
        assert [need["code"] for need in answer.json["needs"]] == ["BAS.FOOD"]
        assert "GBV" not in answer.text

    def test_a_restricted_case_does_not_exist_for_a_coordinator(self, intake, focal_point):
        case = post(focal_point, needs=GBV[:1])
        coordinator = intake.caller("coordinator", organization_id=None)
        assert coordinator.get(f"/assessments/{case['id']}").status_code == 404
        assert coordinator.get("/assessments").json["items"] == []

    def test_another_organization_finds_nothing(self, intake, focal_point):
        case = post(focal_point)
        stranger = intake.caller(organization_id=new_id())
        for path in (f"/assessments/{case['id']}", f"/assessments/{case['id']}/person"):
            assert stranger.get(path).status_code == 404
        for path, body in (
            ("withdraw-consent", {"scope": "all"}),
            ("outcomes", {"id": new_id(), "referral_id": new_id(), "outcome": "NEED_MET"}),
            (f"calls/{new_id()}/done", None),
        ):
            assert stranger.post(f"/assessments/{case['id']}/{path}", body).status_code == 404
        assert stranger.get("/assessments").json["items"] == []

    @pytest.mark.parametrize("role", ["provider", "admin"])
    def test_other_roles_see_no_case(self, intake, focal_point, role):
        case = post(focal_point)
        assert intake.caller(role).get(f"/assessments/{case['id']}").status_code == 403
        assert intake.caller(role).get("/assessments").status_code == 403

    def test_a_list_is_paged_newest_first(self, intake, focal_point):
        made = [post(focal_point)["id"] for _ in range(5)]
        seen, after = [], ""
        while True:
            answer = focal_point.get(f"/assessments?limit=2{after}").json
            seen += [item["id"] for item in answer["items"]]
            if answer["next"] is None:
                break
            after = f"&after={answer['next']}"
        assert seen == made[::-1]


class TestReveal:
    def test_tells_who_and_writes_it_down(self, intake, focal_point):
        case = post(focal_point)
        seen = focal_point.get(f"/assessments/{case['id']}/person").json
        assert (seen["name"], seen["phone"], seen["neutral_name"]) == (
            "Yusmary Ejemplo",
            "+573001234567",
            "Ana",
        )
        (look,) = intake.rows("SELECT * FROM intake.access")
        assert (look["purpose"], look["account_id"]) == ("case", focal_point.account_id)

    def test_a_restricted_case_is_for_its_author(self, intake, focal_point):
        case = post(focal_point, needs=GBV)
        assert focal_point.get(f"/assessments/{case['id']}/person").status_code == 200
        answer = intake.caller().get(f"/assessments/{case['id']}/person")
        assert (answer.status_code, answer.json["code"]) == (403, "restricted_case")


class TestSharedView:
    def ask(self, intake, case, organization_id, need=0):
        body = {
            "person_id": case["person"],
            "need_id": case["needs"][need],
            "organization_id": organization_id,
        }
        return intake.service("referral").post("/persons/shared-view", body)

    def test_tells_only_what_is_needed(self, intake, focal_point):
        case = post(focal_point)
        seen = self.ask(intake, case, new_id()).json
        assert (seen["name"], seen["phone"], seen["age_band"]) == (
            "Yusmary Ejemplo",
            "+573001234567",
            "18-59",
        )
        assert "birth_date" not in seen
        assert "age" not in seen

    def test_a_restricted_need_gives_no_number_by_itself(self, intake, focal_point):
        case = post(focal_point, needs=GBV)
        seen = self.ask(intake, case, new_id()).json
        assert (seen["phone"], seen["phone_reason"]) == (None, "sensitive")

    def test_unless_the_person_said_it_is_safe(self, intake, focal_point):
        case = post(focal_point, needs=GBV, safe_contact__sensitive_ok=True)
        assert self.ask(intake, case, new_id()).json["phone"] == "+573001234567"

    def test_nothing_for_whom_it_is_withheld_from(self, intake, focal_point):
        withheld = new_id()
        case = post(focal_point, consent__withheld_from=[withheld])
        answer = self.ask(intake, case, withheld)
        assert (answer.status_code, answer.json["code"]) == (403, "not_shared")
        assert [row["granted"] for row in intake.rows("SELECT granted FROM intake.access")] == [False]

    def test_nothing_about_a_need_that_is_not_referred(self, intake, focal_point):
        case = post(focal_point, needs=[{"code": "LEG.DOC", "refer": False}, {"code": "BAS.FOOD"}])
        assert self.ask(intake, case, new_id(), need=0).status_code == 403
        assert self.ask(intake, case, new_id(), need=1).status_code == 200

    def test_nothing_about_a_need_of_somebody_else(self, intake, focal_point):
        case, other = post(focal_point), post(focal_point)
        assert self.ask(intake, {**case, "needs": other["needs"]}, new_id()).status_code == 403

    def test_nothing_after_consent_is_withdrawn(self, intake, focal_point):
        case = post(focal_point)
        focal_point.post(f"/assessments/{case['id']}/withdraw-consent", {"scope": "share"})
        assert self.ask(intake, case, new_id()).status_code == 403

    def test_is_for_services_only(self, focal_point):
        body = {"person_id": new_id(), "need_id": new_id(), "organization_id": new_id()}
        assert focal_point.post("/persons/shared-view", body).status_code == 403


class TestContactLookup:
    def ask(self, intake, *cases):
        body = {"person_ids": [case["person"] for case in cases], "purpose": "notification"}
        answer = intake.service("notifications").post("/safe-contacts/lookup", body)
        assert answer.status_code == 200, answer.text
        return answer.json["contacts"]

    def test_tells_how_to_reach_them(self, intake, focal_point):
        case = post(focal_point)
        (contact,) = self.ask(intake, case)
        assert contact == {
            "person_id": case["person"],
            "contact_allowed": True,
            "reason": None,
            "channel": "sms",
            "phone": "+573001234567",
            "owner": "self",
            "safe_days": ["mon", "tue"],
            "safe_hours": ["09:00", "18:00"],
            "timezone": "America/Bogota",
            "language": "es",
            "sensitive_ok": False,
            "neutral_name": "Ana",
            "age_band": "18-59",
        }

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"safe_contact": None}, "no_safe_contact"),
            ({"needs": GBV}, "sensitive"),
            ({"needs": [{"code": "TIP.LAB"}]}, "never"),
        ],
    )
    def test_or_why_not(self, intake, focal_point, changes, reason):
        (contact,) = self.ask(intake, post(focal_point, **changes))
        assert (contact["contact_allowed"], contact["reason"], contact["phone"]) == (False, reason, None)

    def test_many_at_once_in_order(self, intake, focal_point):
        cases = [post(focal_point) for _ in range(3)]
        found = self.ask(intake, *cases, {"person": new_id()})
        assert [one["person_id"] for one in found] == [case["person"] for case in cases]

    def test_every_look_is_written_down(self, intake, focal_point):
        self.ask(intake, post(focal_point), post(focal_point, safe_contact=None))
        looks = intake.rows("SELECT purpose, role, granted FROM intake.access ORDER BY id")
        assert [(look["purpose"], look["role"], look["granted"]) for look in looks] == [
            ("notification", "service", True),
            ("notification", "service", False),
        ]

    def test_needs_a_purpose(self, intake):
        answer = intake.service("notifications").post("/safe-contacts/lookup", {"person_ids": []})
        assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [("purpose", "required")]

    def test_is_for_services_only(self, focal_point):
        assert focal_point.post("/safe-contacts/lookup", {}).status_code == 403


class TestWithdrawal:
    def test_ends_sharing_in_all_cases_of_the_person(self, intake, focal_point):
        case = post(focal_point)
        second = now_document(person__id=case["person"])
        focal_point.post("/assessments", second)

        answer = focal_point.post(f"/assessments/{case['id']}/withdraw-consent", {"scope": "share"})

        assert sorted(answer.json["assessment_ids"]) == sorted([case["id"], second["id"]])
        (event,) = intake.events("consent.withdrawn.v1")
        assert (event["person_id"], event["scope"]) == (case["person"], "share")
        shown = focal_point.get(f"/assessments/{case['id']}").json
        assert shown["needs"][0]["state"] == "withdrawn"
        assert shown["consent"]["share_withdrawn_at"] is not None

    def test_ends_contact(self, intake, focal_point):
        case = post(focal_point)
        focal_point.post(f"/assessments/{case['id']}/withdraw-consent", {"scope": "contact"})
        (contact,) = TestContactLookup().ask(intake, case)
        assert (contact["reason"], contact["phone"]) == ("no_consent", None)
        assert TestSharedView().ask(intake, case, new_id()).json["phone"] is None

    def test_may_be_repeated_and_widened(self, intake, focal_point):
        case = post(focal_point)
        path = f"/assessments/{case['id']}/withdraw-consent"
        assert len(focal_point.post(path, {"scope": "share"}).json["assessment_ids"]) == 1
        assert focal_point.post(path, {"scope": "share"}).json["assessment_ids"] == []
        assert len(focal_point.post(path, {"scope": "all"}).json["assessment_ids"]) == 1
        assert [event["scope"] for event in intake.events("consent.withdrawn.v1")] == ["share", "all"]

    def test_of_something_else_is_refused(self, focal_point):
        case = post(focal_point)
        answer = focal_point.post(f"/assessments/{case['id']}/withdraw-consent", {"scope": "todo"})
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "not_allowed")
