"""Past decisions once more: to the same bytes here and on another machine, and as of another day."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.referral.domain.bundle import derive_bundled
from services.referral.domain.receipt import canonical
from services.referral.operations import consent, contrasting, filling, rederiving
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.routing import Router
from shared.errors import NotFound
from tests.integration.referral.test_directory_history import say
from tests.integration.referral.world import a_service, an_assessment, an_id, received, withdrawn

ROOT = Path(__file__).parents[3]
ELSEWHERE = """
import json, sys
from services.referral.domain.bundle import derive_bundled, digest
for line in sys.stdin:
    print(digest(derive_bundled(json.loads(line)).body))
"""
RAPED = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "yes"})


def many_decisions(world):
    """First ones, one after a refusal, gaps, a gap filled, and somebody who excludes an organization."""
    legal = [a_service(f"Legal {number}", "LEG_MIG") for number in range(30)]
    world.directory(
        *legal,
        a_service("Salud", "HE_CMR", "HE_PRIM", capabilities=("cmr_kit",)),
        a_service("Apoyo", "PS_BASIC", "PS_FOCUS", "GBV_CM", capabilities=("gbv_specialist",)),
    )
    for number in range(0, 30, 2):
        say(world, f"Legal {number}", number % 3 + 1)
    world.later(minutes=1)
    world.route(*(an_assessment("LEG.REG", "MHP.DIST") for _ in range(5)), an_assessment(RAPED, "LEG.REG"))
    world.route(
        an_assessment("MHP.DIST", country="PE", locality="PE-PIURA")
    )  # the second step waits for nobody
    world.later(hours=2)
    world.route(an_assessment("LEG.REG", withheld_from=[an_id("organization Legal 3")]))
    for one in world.referrals():
        if one.service_type == "LEG_MIG" and str(one.status) == "requested":
            world.later(minutes=3)
            world.step(one, "reject", reason="NO_CAPACITY")
    world.route(an_assessment("BAS.SHEL", "MHP.DIST"))
    world.later(hours=1)
    world.directory(a_service("Techo", "SHEL", "SAFE", "PS_CRISIS", "FOOD", "CASH"))
    with world.engine.begin() as conn:
        filling.look_again(conn, world.router, now=world.now)
    world.route(*(an_assessment("LEG.REG", "MHP.DIST") for _ in range(4)))


def ids(world):
    return [row["id"] for row in world.rows("SELECT id::text FROM referral.receipt ORDER BY id")]


class TestTheSameBytes:
    def test_every_receipt_comes_out_the_same_from_a_new_process_state(self, world):
        many_decisions(world)
        occasions = {
            row["occasion"]
            for row in world.rows("SELECT DISTINCT body ->> 'occasion' AS occasion FROM referral.receipt")
        }
        assert {"first", "next"} <= occasions
        released = "SELECT 1 FROM referral.receipt WHERE body #>> '{measured,missing,0}' = 'PS_BASIC'"
        assert world.rows(released)
        with world.engine.begin() as conn:
            fresh = Router(Catalogue())
            found = [rederiving.verify(conn, fresh, one) for one in ids(world)]
        assert [(one.id, one.reason, one.differs) for one in found if not one.agrees] == []
        assert all(one.whole for one in found)
        assert len(found) > 30

    def test_another_machine_needs_the_bundle_and_no_database(self, world):
        many_decisions(world)
        with world.engine.begin() as conn:
            bundles = [rederiving.export(conn, one) for one in ids(world)]
        for seed in ("0", "77"):
            done = subprocess.run(
                [sys.executable, "-c", ELSEWHERE],
                input="\n".join(json.dumps(one) for one in bundles),
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
            )
            assert done.stdout.split() == [one["sha256"] for one in bundles]

    def test_a_bundle_names_nobody(self, world):
        case = an_assessment(RAPED)
        world.route(case)
        with world.engine.begin() as conn:
            said = json.dumps([rederiving.export(conn, one) for one in ids(world)])
        for secret in (case.person_id, case.focal_point_id, case.organization_id):
            assert secret not in said

    def test_a_changed_receipt_is_told_with_the_place(self, world):
        many_decisions(world)
        chosen = next(
            row["id"]
            for row in world.rows(
                "SELECT id::text FROM referral.receipt WHERE body ->> 'occasion' = 'first' AND body ->> 'gap' IS NULL"
            )
        )
        with world.engine.begin() as conn:
            conn.execute(
                text(
                    "UPDATE referral.receipt SET body = jsonb_set(body, '{candidates,0,score}', '0.99') WHERE id = :id"
                ),
                {"id": chosen},
            )
            found = rederiving.verify(conn, world.router, chosen)
            bundled = derive_bundled(rederiving.export(conn, chosen))
            first = rederiving.export(conn, chosen)["receipt"]
        assert (found.agrees, found.differs) == (False, ("candidates[0].score",))
        assert canonical(bundled.body) != canonical(first)

    def test_after_a_withdrawal_the_matching_alone_is_derived(self, world):
        """What the person said is erased: nobody can ask the rules about her again."""
        world.directory(a_service("Legal", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        with world.engine.begin() as conn:
            consent.withdraw(conn, [received(withdrawn(case))], now=world.now)
            found = [rederiving.verify(conn, world.router, one) for one in ids(world)]
        assert found
        assert all(one.agrees and not one.whole for one in found)


class TestWhyNot:
    def test_the_directory_as_of_the_decision_answers(self, world):
        """One was defunct then and works today, one works no more, one came later, one the person excluded."""
        world.directory(
            *(a_service(name, "LEG_MIG") for name in ("Primera", "Excluida")),
            a_service("Cerrada", "LEG_MIG", status="defunct"),
            a_service("Lejos", "LEG_MIG", locality="CO-BOGOTA"),
        )
        case = an_assessment("LEG.REG", withheld_from=[an_id("organization Excluida")])
        world.route(case)
        referral = next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")
        world.later(days=1)
        world.directory(
            a_service("Primera", "LEG_MIG", status="defunct"),
            *(a_service(name, "LEG_MIG") for name in ("Cerrada", "Nueva", "Lejos")),
        )

        def why(name):
            with world.engine.begin() as conn:
                return contrasting.reason_not(conn, referral.id, an_id(f"service {name}"))

        assert [why(name) for name in ("Primera", "Cerrada", "Nueva", "Lejos", "Excluida")] == [
            "chosen",
            "not_active",
            "not_listed",
            "other_area",
            "excluded",
        ]
        with pytest.raises(NotFound):
            why("Ninguna")


class TestAnotherDay:
    def test_a_case_is_decided_as_of_a_past_date(self, world):
        world.directory(a_service("Primera", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        (then,) = [one.organization_id for one in world.referrals(case) if one.service_type == "LEG_MIG"]
        long_ago = world.now + timedelta(minutes=1)
        world.later(days=40)
        world.directory(a_service("Primera", "LEG_MIG", status="defunct"), a_service("Otra", "LEG_MIG"))

        def chosen(moment):
            with world.engine.begin() as conn:
                receipts = rederiving.decide_as_of(conn, world.router, case.assessment_id, moment)
            return [
                one["candidates"][0]["organization_id"]
                for one in receipts
                if one["asked"]["service_type"] == "LEG_MIG" and one["candidates"]
            ]

        assert chosen(long_ago) == [then]
        assert chosen(world.now + timedelta(minutes=1)) == [an_id("organization Otra")]
        before = len(ids(world))
        assert len(ids(world)) == before

    def test_a_moment_before_the_directory_was_kept_is_refused(self, world):
        world.directory(a_service("Primera", "LEG_MIG"))
        case = an_assessment("LEG.REG")
        world.route(case)
        with world.engine.begin() as conn, pytest.raises(NotFound) as refused:
            rederiving.decide_as_of(conn, world.router, case.assessment_id, world.now - timedelta(days=9000))
        assert refused.value.code == "directory_not_kept"
