"""The past over the API: receipts verified, cases decided as of another day, offers for the proof."""

from datetime import UTC, datetime, timedelta

import pytest

from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_tables import packaged_files
from services.referral.operations import rederiving
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from services.referral.store import versions
from shared.clock import rfc3339
from tests.integration.referral.callers import Caller, coordinator, focal_point
from tests.integration.referral.drafting import EVERYTHING, a_draft, changed, published, upload
from tests.integration.referral.world import a_service, an_assessment, an_id

RAPED = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})


@pytest.fixture
def case(world, app):
    """One person with an open need and a restricted one, decided."""
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.directory(a_service("Legal", "LEG_MIG"), a_service("Salud", "HE_CMR", capabilities=("cmr_kit",)))
    made = an_assessment("LEG.REG", RAPED)
    world.route(made)
    return made


class TestVerification:
    def test_a_coordinator_learns_that_it_agrees_and_nothing_of_what_is_in_it(self, world, app, case):
        for row in world.rows("SELECT id::text FROM referral.receipt"):
            found = coordinator(app).get(f"/receipts/{row['id']}/verification").get_json()
            assert (found["agrees"], found["whole"], found["reason"], found["differs"]) == (
                True,
                True,
                None,
                [],
            )
            assert set(found) == {"id", "agrees", "whole", "reason", "differs", "sha256"}

    def test_others_may_not_ask(self, app, case):
        answer = focal_point(app).get(f"/receipts/{an_id('x')}/verification")
        assert answer.status_code == 403
        assert coordinator(app).get(f"/receipts/{an_id('x')}/verification").status_code == 404


class TestDecision:
    def decided(self, caller, case, moment):
        return caller.get(f"/assessments/{case.assessment_id}/decision", query_string={"at": rfc3339(moment)})

    def test_who_referred_reads_all_and_a_coordinator_nothing_restricted(self, world, app, case):
        at = world.now + timedelta(minutes=1)
        own = self.decided(focal_point(app), case, at).get_json()
        assert {"LEG_MIG", "HE_CMR"} <= {one["service_type"] for one in own["items"]}
        other = self.decided(coordinator(app), case, at).get_json()
        closed = [one for one in other["items"] if one["sensitivity"] == "S3"]
        assert closed
        assert all(set(one) == {"sensitivity", "priority"} for one in closed)
        assert "HE_CMR" not in str(other)
        assert "LEG_MIG" in str(other)

    def test_nobody_else_learns_that_it_exists(self, world, app, case):
        stranger = Caller(app, "focal_point", an_id("another organization"))
        answer = self.decided(stranger, case, world.now)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "assessment_not_found")
        assert self.decided(coordinator(app), case, world.now - timedelta(days=9000)).status_code == 404
        assert self.decided(Caller(app, "provider", an_id("o")), case, world.now).status_code == 403
        path = f"/assessments/{case.assessment_id}/decision?at=ayer"
        assert coordinator(app).get(path).status_code == 422


class TestRulesOfThen:
    def test_a_case_is_decided_by_the_rules_that_were_in_force_at_the_moment(self, world, app):
        app.extensions["ruta"].resources["router"].catalogue.forget()
        world.now = datetime.now(UTC)
        world.directory(a_service("Todo", *EVERYTHING, "PS_BASIC", capabilities=("cmr_kit",)))
        made = an_assessment("MHP.DIST", assessed_at=rfc3339(world.now))
        world.route(made)
        author, second = (Caller(app, "coordinator", account_id=an_id(name)) for name in ("one", "two"))
        draft = a_draft(author)
        draft = upload(author, draft, "priority", changed("U-26", '""P2""', '""P1""')).get_json()
        begins = datetime.now(UTC) + timedelta(hours=1)
        version = published(author, second, draft, live_from=begins.isoformat())

        def decided(at):
            path = f"/assessments/{made.assessment_id}/decision"
            said = author.get(path, query_string={"at": rfc3339(at)}).get_json()
            return said["rules_version"], {one["priority"] for one in said["items"]}

        assert decided(begins - timedelta(minutes=1)) == (Pathway.load().version, {2})
        assert decided(begins + timedelta(minutes=1)) == (version["content_hash"], {1})

    def test_the_tables_of_an_earlier_release_decide_what_they_decided(self, world, case):
        """The packaged tables change with a release; those that decided are kept."""
        earlier = {**packaged_files(), "priority.csv": changed("U-26", '""P2""', '""P1""')}
        pathway = Pathway.from_texts("community", earlier)
        with world.engine.begin() as conn:
            versions.keep_content(conn, pathway.version, "community", earlier, world.now - timedelta(days=9))
            router = Router(Catalogue())
            then = rederiving.rules_at(conn, router, world.now - timedelta(days=5))
            now = rederiving.rules_at(conn, router, world.now + timedelta(days=1))
            before = rederiving.rules_at(conn, router, world.now - timedelta(days=20))
        assert (then.version, now.version) == (pathway.version, Pathway.load().version)
        assert before.version == Pathway.load().version


def test_offers_are_what_verified_providers_give_by_locality(app, case):
    found = coordinator(app).get("/offers").get_json()["offers"]
    assert found["CO-CUCUTA"] == ["HE_CMR", "LEG_MIG"]
    assert focal_point(app).get("/offers").status_code == 403
