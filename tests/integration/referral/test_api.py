import json
from datetime import UTC, datetime, timedelta

import pytest

from services.referral.domain.receipt import rederived
from services.referral.operations import consent
from shared.clock import rfc3339
from shared.ids import new_id
from shared.web import unnamed_routes
from tests.integration.referral.callers import Caller, coordinator, focal_point, provider
from tests.integration.referral.world import a_service, an_assessment, an_id, received, withdrawn

SOON = rfc3339(datetime.now(UTC) + timedelta(days=3))


@pytest.fixture
def case(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.directory(
        a_service("Uno", "LEG_MIG"), a_service("Dos", "LEG_MIG"), a_service("VBG", "GBV_CM", "PS_BASIC")
    )
    made = an_assessment("LEG.REG")
    world.route(made)
    return made


@pytest.fixture
def referral(world, case):
    return next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")


def asked(app, referral):
    return Caller(app, "provider", referral.organization_id)


def test_every_route_names_who_may_call_it(app):
    assert unnamed_routes(app) == []


class TestReading:
    def test_a_provider_reads_what_its_organization_was_asked(self, app, referral):
        body = asked(app, referral).get("/referrals").get_json()
        assert [one["id"] for one in body["items"]] == [referral.id]
        assert body["items"][0]["allowed"] == ["acknowledge", "accept", "reject", "hold"]

    def test_another_organizations_referral_is_not_found(self, app, referral):
        other = Caller(app, "provider", an_id("organization none"))
        for path in ("", "/steps", "/person"):
            assert other.get(f"/referrals/{referral.id}{path}").status_code == 404
        assert other.step(referral.id, "accept", version=1).status_code == 404
        assert focal_point(app, an_id("other")).get(f"/referrals/{referral.id}").status_code == 404

    def test_a_coordinator_reads_codes_only(self, app, referral):
        one = coordinator(app).get(f"/referrals/{referral.id}").get_json()
        assert one["age_band"] is None
        assert one["gender"] is None
        assert "person_id" not in one

    def test_a_coordinator_does_not_learn_the_kind_of_a_restricted_referral(self, app, world, case):
        restricted = an_assessment("GBV.PSY")
        world.route(restricted)
        for one in world.referrals(restricted):
            read = coordinator(app).get(f"/referrals/{one.id}").get_json()
            assert (read["need_code"], read["service_type"]) == (None, None)
            refused = coordinator(app).get(f"/referrals/{one.id}/receipt")
            assert refused.status_code == 403

    def test_lists_go_on_by_key(self, app, world, case):
        world.route(*(an_assessment("LEG.REG") for _ in range(5)))
        caller, seen, after = focal_point(app), [], ""
        while after is not None:
            body = caller.get(f"/referrals?limit=2&after={after}").get_json()
            seen += [one["id"] for one in body["items"]]
            after = body["next"]
        assert len(seen) == len(set(seen)) == len(world.referrals())

    def test_a_list_of_one_case(self, app, world, case):
        world.route(an_assessment("LEG.REG"))
        items = focal_point(app).get(f"/referrals?assessment_id={case.assessment_id}").get_json()["items"]
        assert {one["assessment_id"] for one in items} == {case.assessment_id}

    @pytest.mark.parametrize(
        "query", ["after=x", "limit=0", "limit=a", "status=done", "assessment_id=7", "after=WyJ4Il0"]
    )
    def test_a_wrong_question_is_refused_by_field(self, app, query):
        assert focal_point(app).get(f"/referrals?{query}").status_code == 422


class TestSteps:
    def test_the_whole_way_by_api(self, app, referral):
        caller = asked(app, referral)
        accepted = caller.step(referral.id, "accept", version=1, appointment_at=SOON).get_json()
        assert (accepted["status"], accepted["turn"]) == ("accepted", "provider")
        started = caller.step(referral.id, "start", version=accepted["version"]).get_json()
        done = caller.step(referral.id, "complete", version=started["version"], outcome="NEED_MET")
        assert done.get_json()["status"] == "completed"
        history = caller.get(f"/referrals/{referral.id}/steps").get_json()["steps"]
        assert [one["action"] for one in history] == ["request", "accept", "start", "complete"]

    def test_an_illegal_step_is_409_and_says_what_is_allowed(self, app, referral):
        response = asked(app, referral).step(referral.id, "start", version=1)
        body = response.get_json()
        assert response.status_code == 409
        assert (body["code"], body["referral_status"]) == ("illegal_step", "requested")
        assert body["allowed"] == ["acknowledge", "accept", "reject", "hold"]

    def test_an_old_view_is_409_with_the_version_that_stands(self, app, referral):
        caller = asked(app, referral)
        caller.step(referral.id, "accept", version=1)
        response = caller.step(referral.id, "start", version=1)
        assert (response.status_code, response.get_json()["code"]) == (409, "stale_version")
        assert response.get_json()["version"] == 2

    @pytest.mark.parametrize(
        ("step", "body", "field"),
        [
            ("reject", {"version": 1}, "reason"),
            ("reject", {"version": 1, "reason": "TIRED"}, "reason"),
            ("reject", {"version": 1, "reason": "OTHER"}, "note"),
            ("accept", {}, "version"),
            ("accept", {"version": "1"}, "version"),
            ("accept", {"version": 1, "appointment_at": "tomorrow"}, "appointment_at"),
            ("hold", {"version": 1, "reason": "lunch"}, "reason"),
            ("accept", {"version": 1, "surprise": 1}, "surprise"),
        ],
    )
    def test_a_wrong_body_is_refused_by_field(self, app, referral, step, body, field):
        response = asked(app, referral).post(f"/referrals/{referral.id}/{step}", body)
        assert response.status_code == 422
        assert [one["field"] for one in response.get_json()["errors"]] == [field]

    def test_a_repeat_with_its_key_answers_the_same(self, app, world, referral):
        caller = asked(app, referral)
        first = caller.step(referral.id, "accept", key="abc", version=1)
        again = caller.step(referral.id, "accept", key="abc", version=1)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.get_json() == again.get_json()
        assert [kind for kind, _ in world.facts()].count("referral.accepted.v1") == 1

    def test_only_the_roles_of_a_step_may_take_it(self, app, referral):
        assert focal_point(app).step(referral.id, "accept", version=1).status_code == 403
        assert (
            asked(app, referral).step(referral.id, "cancel", version=1, reason="need_gone").status_code == 403
        )

    def test_another_try_after_nobody_was_left(self, app, world, referral):
        for _ in range(2):
            last = max(
                (one for one in world.referrals() if one.service_type == "LEG_MIG"),
                key=lambda one: one.attempt,
            )
            asked(app, last).step(last.id, "reject", version=1, reason="NO_CAPACITY")
        last = max(world.referrals(), key=lambda one: one.attempt)
        assert (
            coordinator(app).step(last.id, "reroute", version=last.version).get_json()["code"]
            == "nobody_left"
        )
        world.directory(a_service("Tres", "LEG_MIG"))
        again = coordinator(app).step(last.id, "reroute", version=last.version)
        assert again.get_json()["predecessor_id"] == last.id
        assert world.rows("SELECT id FROM referral.gap WHERE closed_at IS NULL") == []


class TestPerson:
    def test_a_person_is_shown_only_after_acceptance(self, app, referral):
        response = asked(app, referral).get(f"/referrals/{referral.id}/person")
        assert (response.status_code, response.get_json()["code"]) == (409, "not_accepted")

    def test_when_intake_is_away_the_answer_says_so(self, app, referral):
        caller = asked(app, referral)
        caller.step(referral.id, "accept", version=1)
        response = caller.get(f"/referrals/{referral.id}/person")
        assert response.status_code == 503
        assert "Retry-After" in response.headers

    def test_after_withdrawal_the_provider_finds_nothing(self, app, world, case, referral):
        caller = asked(app, referral)
        caller.step(referral.id, "accept", version=1)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case))], now=world.now)
        assert caller.get(f"/referrals/{referral.id}").status_code == 404
        assert caller.get("/referrals").get_json()["items"] == []


class TestReceipts:
    @pytest.mark.parametrize("locale", ["es", "en"])
    @pytest.mark.parametrize("reader", ["worker", "person", "auditor"])
    def test_a_receipt_reads_for_three_readers_in_two_languages(self, app, referral, reader, locale):
        caller = focal_point(app)
        caller.headers["Accept-Language"] = locale
        body = caller.get(f"/referrals/{referral.id}/receipt?reader={reader}").get_json()
        assert body["text"]
        if reader == "person":
            assert "ejemplo" not in " ".join(body["text"])
        if reader == "auditor":
            assert rederived(body["receipt"]) == referral.service_id
        else:
            assert body["receipt"] is None

    def test_why_not_answers_for_every_service(self, app, world, referral):
        for row in world.rows("SELECT id FROM referral.service"):
            body = focal_point(app).get(f"/referrals/{referral.id}/receipt?service_id={row['id']}").get_json()
            assert body["why_not"]
        unknown = focal_point(app).get(f"/referrals/{referral.id}/receipt?service_id={new_id()}")
        assert unknown.status_code == 404

    def test_a_provider_does_not_read_it(self, app, referral):
        assert asked(app, referral).get(f"/referrals/{referral.id}/receipt").status_code == 403

    def test_a_gap_has_a_receipt(self, app, world, case):
        world.route(an_assessment("BAS.FOOD"))
        gap = coordinator(app).get("/gaps").get_json()["items"][0]
        body = coordinator(app).get(f"/gaps/{gap['id']}/receipt").get_json()
        assert body["id"] == gap["id"]
        assert "Nadie pudo" in " ".join(body["text"])


class TestGaps:
    def test_a_coordinator_decides_that_nobody_is_looked_for_any_more(self, app, world, case):
        world.route(an_assessment("BAS.FOOD"))
        caller = coordinator(app)
        gap = caller.get("/gaps").get_json()["items"][0]
        path = f"/gaps/{gap['id']}/close"
        assert caller.post(path, {"reason": "bored"}).status_code == 422
        assert focal_point(app).post(path, {"reason": "need_gone"}).status_code == 403
        assert caller.post(path, {"reason": "need_gone"}).get_json()["closed_reason"] == "need_gone"
        assert caller.post(path, {"reason": "need_gone"}).status_code == 409
        assert gap["id"] not in {one["id"] for one in caller.get("/gaps").get_json()["items"]}
        assert caller.post(f"/gaps/{new_id()}/close", {"reason": "need_gone"}).status_code == 404


class TestDirectory:
    def test_services_are_found_by_kind_and_place(self, app, case):
        found = focal_point(app).get("/services?service_type=LEG_MIG&locality=CO-CUCUTA").get_json()
        assert {one["name"] for one in found["items"]} == {"Servicio Uno", "Servicio Dos"}
        named = focal_point(app).get("/services?search=dos EJEMPLO").get_json()["items"]
        assert [one["name"] for one in named] == ["Servicio Dos"]
        assert focal_point(app).get(f"/services/{named[0]['id']}").get_json()["id"] == named[0]["id"]

    def test_a_provider_says_how_many_places_its_own_service_has(self, app, case):
        path = f"/services/{an_id('service Uno')}/capacity"
        said = provider(app, "Uno").put(path, {"available": 0})
        assert said.get_json()["status"] == "no_capacity"
        assert provider(app, "Dos").put(path, {"available": 3}).status_code == 404
        late = provider(app, "Uno").put(path, {"available": 3, "valid_until": "2020-01-01T00:00:00Z"})
        assert late.status_code == 422

    def test_a_full_service_is_not_asked(self, app, world, case):
        provider(app, "Uno").put(f"/services/{an_id('service Uno')}/capacity", {"available": 0})
        world.now = datetime.now(UTC)
        cases = [an_assessment("LEG.REG") for _ in range(4)]
        world.route(*cases)
        assert len({one.assessment_id for one in world.referrals()}) == 5
        for one in cases:
            assert an_id("service Uno") not in {found.service_id for found in world.referrals(one)}

    def test_the_phones_of_organizations_are_for_our_services_alone(self, app, case):
        ids = [an_id("organization Uno"), an_id("nobody")]
        answer = Caller(app, "service").post("/organization-contacts/lookup", {"organization_ids": ids})
        assert answer.get_json()["contacts"] == [
            {
                "organization_id": ids[0],
                "phone": "+573000000000",
                "language": "es",
                "timezone": "America/Bogota",
            }
        ]
        refused = provider(app, "Uno").post("/organization-contacts/lookup", {"organization_ids": ids})
        assert refused.status_code == 403


class TestContract:
    def test_the_document_names_every_route_and_role(self, app):
        document = json.loads(app.test_client().get("/referral/api/openapi.json").data)
        paths = document["paths"]
        assert "/referral/api/v1/referrals/{referral_id}/accept" in paths
        for operations in paths.values():
            for name, operation in operations.items():
                if name in {"get", "post", "put"}:
                    assert "x-roles" in operation
