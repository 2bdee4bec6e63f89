"""What events tell about a case: shown per need, the newest version winning, everything safe to repeat."""

from datetime import timedelta

import pytest

from shared.clock import rfc3339, utc_now
from shared.events.notifications import CallRequested, ContactOptedOut, NotificationUpdated, OutcomeReported
from shared.events.referral import (
    GapRecorded,
    ReferralAccepted,
    ReferralClockMissed,
    ReferralCompleted,
    ReferralReceived,
    ReferralRejected,
    ReferralRequested,
)
from shared.ids import new_id
from tests.integration.intake.test_submitting import now_document

DUE = rfc3339(utc_now() + timedelta(hours=24))


@pytest.fixture
def case(focal_point):
    document = now_document(person__id=new_id(), needs=[{"code": "LEG.DOC"}, {"code": "BAS.FOOD"}])
    answer = focal_point.post("/assessments", document).json
    return {
        "id": document["id"],
        "person": document["person"]["id"],
        "needs": [n["id"] for n in answer["needs"]],
    }


def told(intake, focal_point, case, kind, *, need=0, **changes):
    """A referral fact about a need of the case."""
    return kind(
        **{
            "referral_id": new_id(),
            "assessment_id": case["id"],
            "person_id": case["person"],
            "need_id": case["needs"][need],
            "organization_id": new_id(),
            "service_id": new_id(),
            "referring_organization_id": intake.organization_id,
            "focal_point_id": focal_point.account_id,
            "service_type": "LEG_MIG",
            "status": "requested",
            "turn": "provider",
            "due_at": DUE,
            "seq": 1,
            "priority": 2,
            **changes,
        }
    )


class TestReferrals:
    def test_each_step_is_shown(self, intake, focal_point, case):
        first = told(intake, focal_point, case, ReferralRequested)
        same = {"referral_id": first.referral_id, "organization_id": first.organization_id}
        steps = [
            (first, "requested", 1),
            (
                told(intake, focal_point, case, ReferralReceived, status="received", seq=2, **same),
                "received",
                2,
            ),
            (
                told(intake, focal_point, case, ReferralAccepted, status="accepted", seq=3, **same),
                "accepted",
                3,
            ),
            (
                told(
                    intake,
                    focal_point,
                    case,
                    ReferralCompleted,
                    status="completed",
                    turn="none",
                    outcome="NEED_MET",
                    seq=4,
                    **same,
                ),
                "completed",
                5,
            ),
        ]
        for fact, state, step in steps:
            assert intake.hears(fact).done == 1
            shown = focal_point.get(f"/assessments/{case['id']}").json["needs"]
            assert (shown[0]["state"], shown[0]["step"]) == (state, step)
            assert shown[1]["state"] == "together"
        assert shown[0]["referrals"][0]["outcome"] == "NEED_MET"
        assert shown[0]["turn"] == "none"

    def test_the_newest_version_wins_whatever_comes_last(self, intake, focal_point, case):
        newer = told(intake, focal_point, case, ReferralAccepted, status="accepted", seq=5)
        intake.hears(newer)
        older = told(
            intake,
            focal_point,
            case,
            ReferralReceived,
            status="received",
            seq=2,
            referral_id=newer.referral_id,
        )
        intake.hears(older)

        (referral,) = focal_point.get(f"/assessments/{case['id']}").json["needs"][0]["referrals"]
        assert referral["status"] == "accepted"

    def test_a_rejection_and_what_follows_it(self, intake, focal_point, case):
        rejected = told(
            intake, focal_point, case, ReferralRejected, status="rejected", reason="NO_CAPACITY", turn="none"
        )
        intake.hears(rejected)
        shown = focal_point.get(f"/assessments/{case['id']}").json["needs"][0]
        assert shown["state"] == "stopped"
        intake.hears(
            told(
                intake, focal_point, case, ReferralRequested, predecessor_id=rejected.referral_id, priority=1
            )
        )
        shown = focal_point.get(f"/assessments/{case['id']}").json["needs"][0]
        assert (shown["state"], shown["priority"]) == ("requested", 1)
        assert [one["reason"] for one in shown["referrals"]] == ["NO_CAPACITY", None]

    def test_a_missed_clock_stays_until_somebody_acts(self, intake, focal_point, case):
        first = told(intake, focal_point, case, ReferralRequested)
        missed = told(
            intake,
            focal_point,
            case,
            ReferralClockMissed,
            referral_id=first.referral_id,
            seq=2,
            clock="acknowledge",
            escalate_to="focal_point",
        )
        intake.hears(first)
        intake.hears(missed)
        (referral,) = focal_point.get(f"/assessments/{case['id']}").json["needs"][0]["referrals"]
        assert referral["missed_clock"] == "acknowledge"
        intake.hears(
            told(
                intake,
                focal_point,
                case,
                ReferralReceived,
                referral_id=first.referral_id,
                seq=3,
                status="received",
            )
        )
        (referral,) = focal_point.get(f"/assessments/{case['id']}").json["needs"][0]["referrals"]
        assert referral["missed_clock"] is None

    def test_many_at_once(self, intake, focal_point, case):
        facts = [told(intake, focal_point, case, ReferralRequested, need=number % 2) for number in range(150)]
        assert intake.hears(*facts).done == 150
        shown = focal_point.get(f"/assessments/{case['id']}").json["needs"]
        assert [len(need["referrals"]) for need in shown] == [75, 75]


class TestOtherFacts:
    def test_a_gap(self, intake, focal_point, case):
        intake.hears(
            GapRecorded(
                seq=1,
                gap_id=new_id(),
                assessment_id=case["id"],
                person_id=case["person"],
                need_id=case["needs"][1],
                country="CO",
                locality="CO-CUCUTA",
                service_type="FOOD",
                reason="no_provider",
                focal_point_id=focal_point.account_id,
            )
        )
        need = focal_point.get(f"/assessments/{case['id']}").json["needs"][1]
        assert need["state"] == "gap"
        assert need["gaps"][0]["service_type"] == "FOOD"

    def test_messages_keep_their_latest_status(self, intake, focal_point, case):
        notification_id = new_id()
        for seq, status in ((1, "queued"), (2, "sent"), (3, "delivered")):
            intake.hears(
                NotificationUpdated(
                    seq=seq,
                    notification_id=notification_id,
                    assessment_id=case["id"],
                    referral_id=None,
                    audience="person",
                    template_id="S2",
                    channel="sms",
                    status=status,
                )
            )
        (message,) = focal_point.get(f"/assessments/{case['id']}").json["messages"]
        assert (message["status"], message["template_id"]) == ("delivered", "S2")

    def test_a_call_and_its_end(self, intake, focal_point, case):
        referral = told(intake, focal_point, case, ReferralRequested)
        call_id = new_id()
        intake.hears(
            referral,
            CallRequested(
                seq=1,
                call_id=call_id,
                assessment_id=case["id"],
                referral_id=referral.referral_id,
                person_id=case["person"],
                focal_point_id=focal_point.account_id,
                reason="no_answer",
                due_at=DUE,
            ),
        )
        (call,) = focal_point.get(f"/assessments/{case['id']}").json["calls"]
        assert (call["call_id"], call["done_at"]) == (call_id, None)

        assert focal_point.post(f"/assessments/{case['id']}/calls/{call_id}/done").status_code == 204

        (call,) = focal_point.get(f"/assessments/{case['id']}").json["calls"]
        assert call["done_at"] is not None

    def test_an_outcome_ends_the_calls_about_it(self, intake, focal_point, case):
        referral = told(intake, focal_point, case, ReferralRequested)
        intake.hears(
            referral,
            CallRequested(
                seq=1,
                call_id=new_id(),
                assessment_id=None,
                referral_id=referral.referral_id,
                person_id=None,
                focal_point_id=None,
                reason="no_answer",
                due_at=DUE,
            ),
        )
        intake.hears(
            OutcomeReported(
                seq=1,
                outcome_id=new_id(),
                referral_id=referral.referral_id,
                assessment_id=case["id"],
                person_id=case["person"],
                outcome="NEED_MET",
                source="person",
            )
        )
        shown = focal_point.get(f"/assessments/{case['id']}").json
        assert [call["done_at"] is None for call in shown["calls"]] == [False]
        assert [one["outcome"] for one in shown["needs"][0]["outcomes"]] == ["NEED_MET"]
        assert [one["result"] for one in intake.events("call.closed.v1")] == ["not_needed"]

    def test_an_opt_out_is_respected_at_once(self, intake, case):
        notifications = intake.service("notifications")
        asked = {"person_ids": [case["person"]], "purpose": "notification"}
        assert (
            notifications.post("/safe-contacts/lookup", asked).json["contacts"][0]["contact_allowed"] is True
        )

        intake.hears(ContactOptedOut(seq=1, opt_out_id=new_id(), person_id=case["person"], channel="sms"))

        (contact,) = notifications.post("/safe-contacts/lookup", asked).json["contacts"]
        assert (contact["contact_allowed"], contact["reason"], contact["phone"]) == (False, "opted_out", None)


class TestReportOutcome:
    def test_is_kept_and_told_once(self, intake, focal_point, case):
        referral = told(intake, focal_point, case, ReferralRequested)
        intake.hears(referral)
        body = {"id": new_id(), "referral_id": referral.referral_id, "outcome": "GRANTED"}

        answers = [focal_point.post(f"/assessments/{case['id']}/outcomes", body) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        (event,) = intake.events("outcome.reported.v1")
        assert (event["outcome"], event["source"]) == ("GRANTED", "focal_point")
        intake.hears()
        assert len(focal_point.get(f"/assessments/{case['id']}").json["needs"][0]["outcomes"]) == 1

    def test_about_a_referral_of_another_case_is_not_found(self, focal_point, case):
        body = {"id": new_id(), "referral_id": new_id(), "outcome": "GRANTED"}
        answer = focal_point.post(f"/assessments/{case['id']}/outcomes", body)
        assert (answer.status_code, answer.json["code"]) == (404, "referral_not_found")

    def test_with_an_unknown_code_names_the_nearest(self, focal_point, case):
        body = {"id": new_id(), "referral_id": new_id(), "outcome": "GRANTD"}
        answer = focal_point.post(f"/assessments/{case['id']}/outcomes", body)
        assert answer.status_code == 422
        assert "GRANTED" in answer.json["errors"][0]["message"]
