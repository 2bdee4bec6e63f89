"""What an approval rests on still holds when it is given, and on the day from which it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.referral.callers import Caller
from tests.integration.referral.drafting import EVERYTHING, a_draft, act, answered, changed, published, upload
from tests.integration.referral.world import a_service, an_id


def refused(caller, made, step, **body):
    answer = caller.post(
        f"/pathways/{made['id']}/{step}", body if step == "replay" else {"version": made["version"], **body}
    )
    return answer.status_code, answer.get_json()["code"]


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("contingency", [True, False])
@pytest.mark.parametrize("far", ["9999-12-31T23:59:59-12:00", in_days(400)])
def test_a_start_that_is_too_far_away_is_refused(author, second, far, contingency):
    made = author.post("/pathways", {"note": "Prueba", "contingency": contingency}).get_json()
    made = act(author, answered(author, made), "propose")
    assert refused(second, made, "approve", live_from=far) == (422, "live_from_far")


def test_an_exemption_has_to_last_until_the_day_on_which_it_counts(author, second):
    made = act(author, answered(author, a_draft(author)), "propose")
    assert refused(second, made, "approve", live_from=in_days(60)) == (409, "findings_unanswered")
    assert act(second, made, "approve", live_from=in_days(20))["standing"] == "scheduled"


@pytest.mark.parametrize("step", ["propose", "approve"])
def test_emergency_help_that_vanished_since_the_proof_blocks(app, directory, author, second, step):
    made = answered(author, a_draft(author))
    if step == "approve":
        made = act(author, made, "propose")
    directory.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",), status="inactive"))
    directory.directory(a_service("Algo", *EVERYTHING[1:], capabilities=("cmr_kit",)))
    app.extensions["ruta"].resources["router"].catalogue.forget()
    who = second if step == "approve" else author
    assert refused(who, made, step) == (409, "proof_outdated")


def test_a_table_that_is_to_stay_begins_without_the_contingency_of_the_moment(author, second):
    made = author.post("/pathways", {"note": "Inundación", "contingency": True}).get_json()
    made = upload(author, made, "priority", changed("U-26", '""P2""', '""P1""')).get_json()
    made = act(author, answered(author, made), "propose")
    flood = act(second, made, "approve", live_until=in_days(10))
    assert flood["standing"] == "live"
    assert a_draft(author)["based_on"] == "packaged"
    assert (
        author.post("/pathways", {"note": "Otra", "contingency": True}).get_json()["based_on"] == flood["id"]
    )


def test_an_approver_is_told_that_other_rules_came_into_force_meanwhile(author, second):
    first = upload(author, a_draft(author), "priority", changed("U-26", '""P2""', '""P1""')).get_json()
    other = a_draft(author)
    assert author.get(f"/pathways/{other['id']}/changes").get_json()["overtaken"] is False
    published(author, second, first)
    said = author.get(f"/pathways/{other['id']}/changes").get_json()
    assert said["overtaken"] is True
    assert [one["row_id"] for one in said["items"]] == ["U-26"]


@pytest.mark.parametrize("limit", [1, 99, 101, 5_001])
def test_no_two_replays_differ_by_one_case(author, limit):
    assert refused(author, a_draft(author), "replay", limit=limit) == (422, "invalid")


class TestPrograms:
    """A program's token belongs to nobody: two of them, or one and its owner, are not two persons."""

    @pytest.fixture
    def program(self, app):
        return Caller(app, "coordinator", account_id=an_id("program"), use="api")

    def test_a_program_prepares_a_draft_and_persons_answer_for_it(self, program, author, second):
        made = upload(program, a_draft(program), "priority", changed("U-26", '""P2""', '""P1""')).get_json()
        made = act(program, made, "prove")
        keys = [one["key"] for one in made["findings"]]
        answer = {"keys": keys, "reason": "Se completa", "expires_on": in_days(30)[:10]}
        assert refused(program, made, "exempt", **answer) == (403, "person_needed")
        made = act(author, made, "exempt", **answer)
        assert refused(program, made, "propose") == (403, "person_needed")
        made = act(author, made, "propose")
        assert refused(program, made, "approve") == (403, "person_needed")
        assert act(second, made, "approve")["standing"] == "live"

    @pytest.mark.parametrize("step", ["exemptions", "exemptions/confirm"])
    def test_a_program_neither_asks_for_an_exemption_nor_confirms_one(self, program, author, second, step):
        made = published(author, second, a_draft(author))
        body = {"keys": ["x"], "reason": "Se completa", "expires_on": in_days(30)[:10]}
        body = body if step == "exemptions" else {"keys": ["x"]}
        assert refused(program, made, step, **body) == (403, "person_needed")

    def test_nor_by_the_form_of_the_page(self, program, author):
        made = act(author, answered(author, a_draft(author)), "propose")
        answer = program.client.post(
            f"/referral/rules/{made['id']}/approve",
            data={"version": made["version"]},
            headers=program.headers,
        )
        assert answer.status_code == 403
        assert author.get(f"/pathways/{made['id']}").get_json()["state"] == "proposed"

    def test_it_is_told_what_to_do_and_the_document_says_who_may(self, program, author):
        made = act(author, answered(author, a_draft(author)), "propose")
        said = program.post(f"/pathways/{made['id']}/approve", {"version": made["version"]}).get_json()
        assert "entre con su cuenta" in said["title"]
        paths = program.client.get("/referral/api/openapi.json").get_json()["paths"]
        approve = next(one for path, one in paths.items() if path.endswith("/approve"))["post"]
        assert approve["security"] == [{"session": []}]
        assert "person_needed" in approve["summary"] + approve.get("description", "")
