"""The tables in force while the directory changes and exemptions run out: nothing silently, nothing unseen."""

from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta

import pytest
from bs4 import BeautifulSoup

from services.referral.operations import publishing, watching
from services.referral.operations.publishing import Asked
from services.referral.store import versions
from shared.clock import local_day
from shared.errors import AppError
from tests.integration.referral.browsing import Person, form_of
from tests.integration.referral.callers import AUTHOR, SECOND, Caller
from tests.integration.referral.world import a_service

ALL = ("HE_EMERG", "HE_CMR", "PS_CRISIS", "SAFE", "CP_AUTH", "LEG_MIG", "FOOD")
PAGE = "/referral/rules/standing"


@pytest.fixture
def rules(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *ALL))
    return Rules(world)


class Rules:
    """The steps of publishing and watching, each in a transaction of its own."""

    def __init__(self, world):
        self.world = world

    def do(self, operation, *args, **kwargs):
        with self.world.engine.begin() as conn:
            return operation(conn, *args, **kwargs)

    def look(self):
        assert self.do(watching.look, self.world.router, now=self.world.now)
        return self.now()

    def now(self):
        return self.do(watching.in_force, now=self.world.now)

    def due(self):
        return self.do(watching.oldest_due, now=self.world.now)

    def asked(self, version, by=AUTHOR):
        return Asked(version.id, self.do(versions.get, version.id).version, by, self.world.now)

    def published(self, days=30):
        """A version equal to the packaged tables, with every finding answered for during `days`."""
        made = self.do(publishing.draft, by=AUTHOR, note="Igual", now=self.world.now)
        snapshot = self.do(lambda conn: self.world.router.catalogue.snapshot(conn, now=self.world.now))
        made = self.do(publishing.prove_version, self.asked(made), snapshot)
        keys = [one.key for one in made.findings]
        made = self.do(
            publishing.exempt, self.asked(made), keys, reason="Se completa", expires_on=self.day(days)
        )
        made = self.do(publishing.propose, self.asked(made))
        return self.do(publishing.approve, self.asked(made, SECOND))

    def day(self, days):
        return local_day(self.world.now + timedelta(days=days))

    def without_housing_of_emergencies(self):
        """The only provider goes on without one emergency service."""
        self.world.directory(a_service("Todo", *(one for one in ALL if one != "SAFE")))

    def standings(self, found):
        return {name: count for name, count in found.counts.items() if count}


class TestLook:
    def test_the_packaged_tables_are_watched_too_and_nobody_answers_for_them(self, rules):
        assert rules.now().watch is None
        found = rules.look()
        assert (found.id, found.version) == ("packaged", None)
        assert set(rules.standings(found)) == {"unanswered"}
        assert all(one.noticed.found.place == "CO-CUCUTA" for one in found.cases)

    def test_what_was_answered_for_at_publishing_stays_answered(self, rules):
        rules.published()
        assert set(rules.standings(rules.look())) == {"answered"}

    def test_emergency_help_that_vanishes_is_told_with_its_place(self, rules):
        rules.published()
        rules.look()
        rules.without_housing_of_emergencies()
        found = rules.look()
        worst = found.cases[0]
        assert worst.standing == "blocking"
        assert "Cúcuta" in worst.noticed.found.es
        assert "(SAFE)" in worst.noticed.found.es
        assert found.demands == 1

    def test_since_when_it_is_there_is_kept_until_it_is_mended(self, rules):
        rules.without_housing_of_emergencies()
        first = rules.look().cases[0].noticed
        rules.world.later(hours=5)
        assert rules.look().cases[0].noticed.since == first.since
        rules.world.directory(a_service("Todo", *ALL))
        assert first.found.key not in {one.noticed.found.key for one in rules.look().cases}

    def test_a_place_stays_in_the_plan_when_its_last_provider_is_gone(self, rules):
        rules.world.directory(a_service("Piura", "HE_EMERG", locality="PE-PIURA"))
        rules.look()
        rules.world.directory(a_service("Piura", "HE_EMERG", locality="PE-PIURA", status="inactive"))
        found = rules.look()
        gone = [one for one in found.cases if one.noticed.found.place == "PE-PIURA"]
        assert {one.standing for one in gone} >= {"blocking"}
        made = rules.do(publishing.draft, by=AUTHOR, note="Otra", now=rules.world.now)
        snapshot = rules.do(lambda conn: rules.world.router.catalogue.snapshot(conn, now=rules.world.now))
        made = rules.do(publishing.prove_version, rules.asked(made), snapshot)
        assert any(one.blocking and one.place == "PE-PIURA" for one in made.findings)

    def test_it_is_due_at_once_for_other_rules_soon_after_a_change_and_twice_a_day(self, rules):
        assert rules.due() == 0.0
        rules.look()
        assert rules.due() is None
        rules.without_housing_of_emergencies()
        assert rules.due() is None
        rules.world.later(minutes=11)
        assert rules.due() is not None
        rules.look()
        rules.world.later(hours=11)
        assert rules.due() is None
        rules.world.later(hours=1)
        assert rules.due() is not None
        rules.look()
        draft = rules.do(publishing.draft, by=AUTHOR, note="Otra", now=rules.world.now)
        lines = dict(rules.do(versions.get, draft.id).files)["priority.csv"].replace("está", "esta", 1)
        rules.do(publishing.replace_file, rules.asked(draft), "priority.csv", lines)
        with rules.world.engine.begin() as conn:
            conn.exec_driver_sql(
                "UPDATE referral.pathway_version SET state = 'approved', approved_by = gen_random_uuid(),"
                " approved_at = %(now)s, live_from = %(now)s",
                {"now": rules.world.now},
            )
        assert rules.due() == 0.0
        assert rules.now().watch is None


class TestExemptions:
    def test_one_that_ran_out_changes_nothing_and_is_put_before_the_coordinator(self, rules):
        version = rules.published(days=20)
        assert set(rules.standings(rules.look())) == {"answered"}
        rules.world.later(days=10)
        assert set(rules.standings(rules.now())) == {"expiring"}
        rules.world.later(days=11)
        found = rules.now()
        assert set(rules.standings(found)) == {"expired"}
        assert found.id == version.id
        assert found.cases[0].exemption.reason == "Se completa"

    def test_its_last_day_ends_where_coordinators_work(self, rules):
        rules.published(days=20)
        rules.look()
        midnight = datetime.combine(rules.day(21), time(5), UTC)  # 00:00 in Bogota
        for moment, standing in ((midnight - timedelta(minutes=1), "expiring"), (midnight, "expired")):
            rules.world.now = moment
            assert set(rules.standings(rules.now())) == {standing}

    def test_a_new_one_counts_once_a_second_person_confirms_and_the_rules_stay(self, rules):
        version = rules.published(days=20)
        rules.look()
        rules.world.later(days=21)
        keys = [one.noticed.found.key for one in rules.now().cases]
        reason = {"reason": "Falta un convenio", "expires_on": rules.day(60)}
        rules.do(watching.ask, rules.asked(version, SECOND), keys, **reason)
        assert set(rules.standings(rules.now())) == {"awaiting"}
        with pytest.raises(AppError) as refused:
            rules.do(watching.confirm, rules.asked(version, SECOND), keys)
        assert refused.value.code == "second_person_needed"
        rules.do(watching.confirm, rules.asked(version, AUTHOR), keys)
        found = rules.now()
        assert set(rules.standings(found)) == {"answered"}
        assert found.id == version.id
        assert found.version.content_hash == version.content_hash
        steps = [one["step"] for one in rules.do(versions.steps, version.id)]
        assert steps[-2:] == ["exemption_asked", "exemption_confirmed"]

    def test_what_counted_goes_on_counting_when_a_longer_one_is_declined(self, rules):
        version = rules.published(days=10)
        key = rules.look().cases[0].noticed.found.key
        rules.do(watching.ask, rules.asked(version), [key], reason="Más tiempo", expires_on=rules.day(90))
        rules.do(watching.decline, rules.asked(version, SECOND), [key])
        one = next(one for one in rules.now().cases if one.noticed.found.key == key)
        assert (one.standing, one.exemption.expires_on) == ("expiring", rules.day(10))

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"expires_on": 0}, "expiry_out_of_range"),
            ({"expires_on": 200}, "expiry_out_of_range"),
            ({"reason": "  "}, "reason_missing"),
            ({"keys": ["nope"]}, "finding_unknown"),
            ({"blocking": True}, "finding_blocks"),
        ],
    )
    def test_what_nobody_may_sign(self, rules, change, code):
        version = rules.published()
        rules.without_housing_of_emergencies()
        cases = rules.look().cases
        wanted = "blocking" if change.get("blocking") else "answered"
        key = next(one.noticed.found.key for one in cases if one.standing == wanted)
        with pytest.raises(AppError) as refused:
            rules.do(
                watching.ask,
                rules.asked(version),
                change.get("keys", [key]),
                reason=change.get("reason", "Motivo"),
                expires_on=rules.day(change.get("expires_on", 30)),
            )
        assert refused.value.code == code

    def test_only_on_the_version_that_decides(self, rules):
        old = rules.published()
        rules.world.later(minutes=5)
        rules.published()
        key = rules.look().cases[0].noticed.found.key
        with pytest.raises(AppError) as refused:
            rules.do(watching.ask, rules.asked(old), [key], reason="Motivo", expires_on=rules.day(30))
        assert refused.value.code == "version_not_in_force"

    def test_a_kept_exemption_comes_back_as_it_was(self, rules):
        version = rules.published()
        key = rules.look().cases[0].noticed.found.key
        after = rules.do(watching.ask, rules.asked(version), [key], reason="Más", expires_on=rules.day(90))
        kept = rules.do(versions.get, version.id)
        assert [asdict(one) for one in kept.exemptions] == [asdict(one) for one in after.exemptions]


class TestPage:
    def test_from_a_vanished_provider_to_a_confirmed_exemption(self, app, rules):
        rules.published()
        rules.world.directory(a_service("Todo", *(one for one in ALL if one != "FOOD")))
        author, second = (Person(app, "coordinator", None, one) for one in (AUTHOR, SECOND))
        author.send(form_of(author.open("/referral/rules/standing"), "/look"))
        start = author.open("/referral/clocks").select_one("a[href='/referral/rules/standing']")
        assert (start.b.text, start["class"]) == ("1", ["ruta-alert"])
        assert "por los que nadie responde" in author.open("/referral/rules").text
        page = author.open(PAGE)
        ask = form_of(page, "/standing/ask")
        key = next(one["value"] for one in ask.select("[name=keys]") if "FOOD" in one.parent.text)
        response = author.send(ask, keys=key, reason="", expires_on="")
        assert response.status_code == 422
        again = BeautifulSoup(response.data, "html.parser")
        assert again.select_one(".govuk-error-summary")
        assert again.select_one(f"[value='{key}']").has_attr("checked")
        day = rules.day(30).isoformat()
        author.send(ask, keys=key, reason="Se firma un convenio", expires_on=day)
        assert form_of(author.open(PAGE), "/standing/confirm") is None
        second.send(form_of(second.open(PAGE), "/standing/confirm"))
        assert rules.standings(rules.now())["answered"]
        assert rules.now().demands == 0

    def test_a_place_where_nobody_works_any_more_leaves_the_plan_with_a_reason(self, app, rules):
        rules.world.directory(a_service("Piura", "HE_EMERG", locality="PE-PIURA"))
        rules.look()
        rules.world.directory(a_service("Piura", "HE_EMERG", locality="PE-PIURA", status="inactive"))
        rules.look()
        person = Person(app, "coordinator", None, AUTHOR)
        leave = form_of(person.open(PAGE), "/leave")
        assert person.send(leave, reason="").status_code == 422
        person.send(leave, reason="El proyecto terminó ahí")
        assert "Piura" not in person.open(PAGE).select_one("main").text
        assert "PE-PIURA" not in rules.look().watch.plan
        kept = rules.world.rows("SELECT locality, reason FROM referral.plan_left")
        assert kept == [{"locality": "PE-PIURA", "reason": "El proyecto terminó ahí"}]

    def test_its_figures_are_in_the_metrics(self, app, rules):
        rules.without_housing_of_emergencies()
        rules.look()
        text = app.test_client().get("/referral/metrics").text
        assert 'ruta_rules_findings{standing="blocking"} 1.0' in text
        assert "ruta_rules_look_late_seconds 0.0" in text


class TestApi:
    def test_the_same_by_program(self, app, rules):
        version = rules.published(days=5)
        rules.look()
        author, second = (Caller(app, "coordinator", account_id=one) for one in (AUTHOR, SECOND))
        found = author.get("/pathways/in-force").get_json()
        assert found["id"] == version.id
        assert {one["standing"] for one in found["items"]} == {"expiring"}
        assert {one["place"] for one in found["items"]} == {"CO-CUCUTA"}
        keys = [one["key"] for one in found["items"]]
        path = f"/pathways/{version.id}/exemptions"
        day = rules.day(90).isoformat()
        body = {"version": version.version, "keys": keys, "reason": "Falta", "expires_on": day}
        seen = author.post(path, body).get_json()["version"]
        refused = author.post(f"{path}/confirm", {"version": seen, "keys": keys})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "second_person_needed")
        assert second.post(f"{path}/confirm", {"version": seen, "keys": keys}).status_code == 200
        found = author.get("/pathways/in-force").get_json()
        assert {one["standing"] for one in found["items"]} == {"answered"}
