"""A small directory, assessments and people for the integration tests of the referral service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text

from services.referral.domain.referral import Answer
from services.referral.domain.status import Action, Party
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.directory import import_hsds
from services.referral.operations.routing import Router
from services.referral.operations.steps import Asked, Who, take_step
from services.referral.store.rows import from_row
from shared.bus import Received
from shared.clock import rfc3339
from shared.events.intake import AssessmentSubmitted, ConsentWithdrawn
from shared.ids import new_id

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in Bogotá
FOCAL_ORGANIZATION = str(uuid5(NAMESPACE_URL, "focal organization"))
FOCAL_POINT = str(uuid5(NAMESPACE_URL, "focal point"))
ALL_GATES = ("psea", "gbv_vetted", "cp_vetted", "tip_vetted")


def an_id(name):
    return str(uuid5(NAMESPACE_URL, f"test {name}"))


def attribute(taxonomy, code, value=None):
    term = {"id": an_id(code), "taxonomy": f"ruta:{taxonomy}", "code": code, "name": code, "description": ""}
    return {"id": an_id(code), "taxonomy_term": term} | ({"value": value} if value else {})


def a_service(name, *types, locality="CO-CUCUTA", capabilities=(), reach=(), **changes):
    """A service called `name` of an organization of the same name, always open, verified and vetted."""
    areas = [{"id": an_id("a"), "extent": locality, "extent_type": "text"}] if locality else []
    return {
        "id": an_id(f"service {name}"),
        "organization": {
            "id": an_id(f"organization {name}"),
            "name": f"{name} ejemplo",
            "description": "Inventada",
            "phones": [{"id": an_id("p"), "number": "+573000000000"}],
            "attributes": [attribute("country", locality[:2] or "CO")]
            + [attribute("gate", gate) for gate in ALL_GATES],
        },
        "name": f"Servicio {name}",
        "status": "active",
        "assured_date": datetime.now(UTC).date().isoformat(),
        "schedules": [{"id": an_id("s"), "freq": "WEEKLY", "opens_at": "00:00", "closes_at": "23:59"}],
        "service_areas": areas or [{"id": an_id("a"), "extent": "CO", "extent_type": "text"}],
        "attributes": [attribute("service_type", one) for one in types]
        + [attribute("capability", one) for one in capabilities]
        + [attribute("reach", one) for one in reach],
        **changes,
    }


def an_assessment(*needs, **changes):
    """An assessment of an adult woman in Cúcuta; needs are codes or (code, facts)."""
    fields = {
        "assessment_id": new_id(),
        "person_id": new_id(),
        "organization_id": FOCAL_ORGANIZATION,
        "focal_point_id": FOCAL_POINT,
        "country": "CO",
        "locality": "CO-CUCUTA",
        "age_band": "18-59",
        "gender": "woman",
        "population_type": "in_destination",
        "assessed_at": rfc3339(NOW),
        "languages": ["es"],
        "documents": ["ppt"],
        "contact_allowed": True,
        "needs": [
            {"need_id": new_id(), "code": code, "facts": facts}
            for code, facts in (one if isinstance(one, tuple) else (one, {}) for one in needs)
        ],
    }
    return AssessmentSubmitted(seq=1, sensitivity="S3", priority=1, **{**fields, **changes})


def received(fact, time=NOW):
    return Received(
        id=new_id(),
        type=fact.TYPE,
        subject=fact.subject,
        seq=fact.seq,
        time=time,
        priority=fact.priority,
        correlation_id=f"c-{fact.subject[-6:]}",
        fact=fact,
    )


def withdrawn(case, scope="share"):
    return ConsentWithdrawn(seq=1, person_id=case.person_id, scope=scope, assessment_ids=[case.assessment_id])


class World:
    """The referral service without its web process and worker: operations on a real database."""

    def __init__(self, stack):
        self.stack = stack
        self.engine = stack.engine("referral")
        self.router = Router(Catalogue())
        self.now = NOW

    def directory(self, *services):
        with self.engine.begin() as conn:
            report = import_hsds(conn, list(services), now=self.now)
        assert report.problems == ()

    def route(self, *cases):
        with self.engine.begin() as conn:
            self.router.route(conn, [received(case) for case in cases], now=self.now)

    def later(self, **span):
        self.now += timedelta(**span)

    def step(self, referral, action, who=None, **answer):
        who = who or self.provider(referral)
        version = answer.pop("version", referral.version)
        key = answer.pop("key", None)
        with self.engine.begin() as conn:
            asked = Asked(referral.id, Action(action), version, Answer(**answer), key)
            return take_step(conn, self.router, who, asked, now=self.now)

    def provider(self, referral):
        return Who(Party.PROVIDER, an_id("provider account"), referral.organization_id)

    def referrals(self, case=None):
        with self.engine.begin() as conn:
            rows = conn.execute(text("SELECT * FROM referral.referral ORDER BY created_at, id")).mappings()
            found = [from_row(row) for row in rows]
        return [one for one in found if case is None or one.assessment_id == case.assessment_id]

    def rows(self, sql, **params):
        with self.engine.begin() as conn:
            return [dict(row) for row in conn.execute(text(sql), params).mappings()]

    def facts(self):
        """What was published, in order: (type, data)."""
        rows = self.rows("SELECT type, data FROM bus.event ORDER BY id")
        return [(row["type"], row["data"]) for row in rows]


FOCAL = Who(Party.FOCAL_POINT, FOCAL_POINT, FOCAL_ORGANIZATION)
COORDINATOR = Who(Party.COORDINATOR, an_id("coordinator account"), None)
