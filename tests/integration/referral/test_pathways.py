"""Rule tables from draft to deciding, as two coordinators do it over HTTP, on the tables that are packaged."""

from datetime import UTC, datetime, timedelta

import pytest

from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_tables import packaged_files
from tests.integration.referral.callers import AUTHOR, BASE, Caller, focal_point
from tests.integration.referral.drafting import (
    LATER,
    a_draft,
    act,
    answered,
    changed,
    published,
    upload,
)
from tests.integration.referral.world import a_service, an_assessment, an_id


class TestDraft:
    def test_it_begins_with_the_tables_in_force(self, author):
        made = a_draft(author)
        assert (made["state"], made["based_on"], made["version"]) == ("draft", "packaged", 1)
        assert made["content_hash"] == Pathway.load().version
        assert author.get(f"/pathways/{made['id']}/changes").get_json()["items"] == []

    @pytest.mark.parametrize("form", ["csv", "xlsx", "dmn"])
    def test_a_table_goes_out_and_comes_back_the_same(self, author, form):
        made = a_draft(author)
        file = author.get(f"/pathways/{made['id']}/tables/priority.{form}")
        assert file.status_code == 200
        path = f"{BASE}/pathways/{made['id']}/tables/priority?version=1"
        answer = author.client.put(path, data=file.data, headers=author.headers)
        assert answer.status_code == 200, answer.text
        assert author.get(f"/pathways/{made['id']}/changes").get_json()["items"] == []

    def test_a_changed_row_is_told_in_words(self, author):
        made = a_draft(author)
        made = upload(author, made, "priority", changed("U-26", '""P2""', '""P1""')).get_json()
        said = author.get(f"/pathways/{made['id']}/changes").get_json()["items"]
        assert [(one["table"], one["row_id"], one["kind"]) for one in said] == [
            ("priority", "U-26", "changed")
        ]
        assert '"P2" → "P1"' in said[0]["sentence"]

    def test_a_typing_mistake_is_named_by_file_row_and_column_and_changes_nothing(self, author):
        made = a_draft(author)
        answer = upload(author, made, "priority", changed("U-26", "MHP.DIST", "MHP.DITS"))
        assert answer.status_code == 422
        body = answer.get_json()
        assert body["code"] == "tables_invalid"
        assert "MHP.DIST" in body["errors"][0]["message"]
        assert author.get(f"/pathways/{made['id']}").get_json()["version"] == 1

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_a_safety_promise_is_read_and_extended_and_whoever_approves_sees_it(self, author, form):
        made = a_draft(author)
        file = author.get(f"/pathways/{made['id']}/tables/invariants.{form}")
        path = f"{BASE}/pathways/{made['id']}/tables/invariants?version=1"
        assert author.client.put(path, data=file.data, headers=author.headers).status_code == 200
        assert author.get(f"/pathways/{made['id']}/changes").get_json()["items"] == []
        lines = packaged_files()["invariants.csv"].replace("INV-03,", "INV-99,", 1)
        made = upload(author, made | {"version": 2}, "invariants", lines).get_json()
        said = author.get(f"/pathways/{made['id']}/changes").get_json()["items"]
        assert [(one["table"], one["row_id"], one["kind"]) for one in said] == [
            ("invariants", "INV-99", "added"),
            ("invariants", "INV-03", "removed"),
        ]
        refused = author.get(f"/pathways/{made['id']}/tables/invariants.dmn")
        assert (refused.status_code, refused.get_json()["code"]) == (422, "form_unknown")

    def test_what_an_unknown_answer_counts_as_is_told_when_it_changes(self, author):
        made = a_draft(author)
        line = "priority,danger_now,string,input,yes;no;not_asked,yes,"
        text = packaged_files()["columns.csv"].replace(line, line.removesuffix("yes,") + "no,", 1)
        upload(author, made, "columns", text)
        said = author.get(f"/pathways/{made['id']}/changes").get_json()["items"]
        assert [(one["table"], one["row_id"]) for one in said] == [("columns", "priority.danger_now")]
        assert "unknown_as: yes → no" in said[0]["sentence"]

    def test_a_floor_for_a_row_that_there_is_not_is_named(self, author):
        made = a_draft(author)
        answer = upload(author, made, "floors", changed("U-36b", "U-07c", "U-07d", table="floors"))
        assert (answer.status_code, answer.get_json()["code"]) == (422, "tables_invalid")
        assert "U-07d" in answer.get_json()["errors"][0]["message"]

    def test_tables_that_can_be_read_and_cannot_decide_are_refused(self, author):
        made = a_draft(author)
        kept = [one for one in packaged_files()["clocks.csv"].split("\n") if "P0" not in one]
        answer = upload(author, made, "clocks", "\n".join(kept))
        assert (answer.status_code, answer.get_json()["code"]) == (422, "tables_invalid")

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, author, second):
        made = a_draft(author)
        assert upload(second, made, "priority", changed("U-26", '""P2""', '""P1""')).status_code == 200
        late = upload(author, made, "priority", changed("U-26", '""P2""', '""P3""'))
        assert (late.status_code, late.get_json()["code"]) == (409, "version_outdated")

    def test_only_coordinators_see_and_change_rules(self, app, author):
        made = a_draft(author)
        for role in ("provider", "focal_point", "admin"):
            other = Caller(app, role, an_id("organization Todo"))
            assert other.get("/pathways").status_code == 403
            assert other.post(f"/pathways/{made['id']}/prove", {"version": 1}).status_code == 403


class TestProof:
    def test_the_packaged_tables_are_proved_and_only_the_directory_is_wanting(self, author):
        made = act(author, a_draft(author), "prove")
        assert made["state"] == "proved"
        assert {one["kind"] for one in made["findings"]} <= {"unreachable"}

    def test_a_broken_promise_blocks_and_shows_a_person(self, author, second):
        made = a_draft(author)
        made = upload(author, made, "priority", changed("U-01", '""P0""', '""P2""')).get_json()
        made = act(author, made, "prove")
        assert made["state"] == "draft"
        broken = [one for one in made["findings"] if one["kind"] == "invariant"]
        assert broken
        assert all(one["blocking"] for one in broken)
        assert "eligro" in broken[0]["sentence"]
        refused = author.post(f"/pathways/{made['id']}/propose", {"version": made["version"]})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "publishing_step_not_allowed")

    def test_emergency_help_that_nobody_gives_blocks(self, author, directory):
        directory.directory(a_service("Otra", "FOOD", locality="PE-PIURA"))
        made = act(author, a_draft(author), "prove")
        blocking = [one for one in made["findings"] if one["blocking"]]
        assert made["state"] == "draft"
        assert blocking
        assert all(one["kind"] == "unreachable" for one in blocking)
        assert any("Piura" in one["sentence"] for one in blocking)

    def test_a_finding_is_answered_for_by_name_with_a_reason_and_a_day(self, author):
        made = act(author, a_draft(author), "prove")
        keys = [one["key"] for one in made["findings"]]
        assert keys
        for body, code in (
            ({"keys": keys, "reason": "Sin plazo", "expires_on": "2020-01-01"}, "expiry_out_of_range"),
            ({"keys": ["nope"], "reason": "No existe", "expires_on": LATER}, "finding_unknown"),
        ):
            refused = author.post(f"/pathways/{made['id']}/exempt", {"version": made["version"], **body})
            assert (refused.status_code, refused.get_json()["code"]) == (422, code)
        made = answered(author, made)
        assert {one["answered_by"] for one in made["findings"]} == {AUTHOR}


class TestApproval:
    def test_nobody_approves_what_they_wrote_or_proposed(self, author, second):
        made = act(author, answered(author, a_draft(author)), "propose")
        refused = author.post(f"/pathways/{made['id']}/approve", {"version": made["version"]})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "second_person_needed")
        assert act(second, made, "approve")["standing"] == "live"

    def test_the_next_assessment_is_decided_by_it_and_the_last_one_keeps_its_own(
        self, app, directory, author, second
    ):
        before = an_assessment("MHP.DIST", ("LEG.REG", {}))
        directory.route(before)
        made = a_draft(author, "El malestar psicosocial pasa a urgente")
        made = upload(author, made, "priority", changed("U-26", '""P2""', '""P1""')).get_json()
        made = published(author, second, made)
        directory.now = datetime.now(UTC)
        after = an_assessment("MHP.DIST", ("LEG.REG", {}))
        directory.route(after)
        versions = {
            row["assessment_id"]: row["version"]
            for row in directory.rows(
                "SELECT assessment_id::text, body #>> '{rules,version}' AS version FROM referral.receipt"
            )
        }
        assert versions[before.assessment_id] == Pathway.load().version
        assert versions[after.assessment_id] == made["content_hash"]
        asked = next(one for one in directory.referrals(after) if one.service_type == "LEG_MIG")
        text = focal_point(app).get(f"/referrals/{asked.id}/receipt").get_json()
        assert text["text"]

    def test_one_that_begins_later_decides_from_then_on(self, directory, author, second):
        soon = datetime.now(UTC) + timedelta(hours=1)
        made = published(author, second, a_draft(author), live_from=soon.isoformat())
        assert made["standing"] == "scheduled"
        rules = directory.router.rules
        with directory.engine.begin() as conn:
            assert rules.at(conn, soon - timedelta(seconds=1)).version == Pathway.load().version
            assert rules.at(conn, soon).version == made["content_hash"]

    def test_a_contingency_table_decides_for_its_term_only(self, directory, author, second):
        made = author.post("/pathways", {"note": "Inundación", "contingency": True}).get_json()
        made = upload(author, made, "priority", changed("U-26", '""P2""', '""P1""')).get_json()
        made = act(author, answered(author, made), "propose")
        refused = second.post(f"/pathways/{made['id']}/approve", {"version": made["version"]})
        assert refused.get_json()["code"] == "contingency_term"
        until = datetime.now(UTC) + timedelta(days=10)
        made = act(second, made, "approve", live_until=until.isoformat())
        with directory.engine.begin() as conn:
            rules = directory.router.rules
            assert rules.at(conn, datetime.now(UTC)).version == made["content_hash"]
            assert rules.at(conn, until).version == Pathway.load().version

    def test_a_retired_one_gives_way_to_what_was_before(self, directory, author, second):
        made = published(author, second, a_draft(author))
        made = act(second, made, "retire", reason="Se revisa de nuevo")
        assert made["standing"] == "retired"
        assert author.get("/pathways").get_json()["live"] == "packaged"


def test_the_file_of_another_table_is_refused_by_name(author):
    made = a_draft(author)
    answer = upload(author, made, "priority", packaged_files()["routing.csv"])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "another_table")
    assert answer.get_json()["table"] == "routing"
    assert "errors" not in answer.get_json()


class TestTry:
    def test_a_case_beside_the_table_says_what_and_why(self, author):
        made = a_draft(author)
        body = {"country": "CO", "age_band": "18-59", "need": "GBV.RAPE", "facts": {"elapsed": "le_24h"}}
        said = author.post(f"/pathways/{made['id']}/try", body).get_json()
        assert said["priority"] == "P0"
        assert said["services"][0]["service"] == "HE_CMR"
        assert said["reasons"][0]["title"]

    def test_what_the_rules_cannot_read_is_said(self, author):
        made = a_draft(author)
        for body, code in (
            ({"country": "CO", "need": "NO.PE"}, "need_unknown"),
            ({"country": "CO", "need": "GBV.RAPE", "facts": {"elapsed": "ayer"}}, "case_unreadable"),
        ):
            answer = author.post(f"/pathways/{made['id']}/try", body)
            assert (answer.status_code, answer.get_json()["code"]) == (422, code)
