"""Past decisions once more: a receipt derived again to the same bytes, and a case decided as of another day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.referral.domain import bundle as bundles
from services.referral.domain import planning
from services.referral.domain.case import from_facts
from services.referral.domain.decisions import DecisionError
from services.referral.domain.filters import RESTRICTED
from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_tables import packaged_files
from services.referral.domain.planned import World
from services.referral.domain.rederiving import NOBODY, NotDerivable, derive
from services.referral.domain.snapshot import Rewound
from services.referral.domain.status import Party
from services.referral.operations.catalogue import RECORD
from services.referral.operations.past import directory_at
from services.referral.operations.routing import Router
from services.referral.operations.steps import Who
from services.referral.store import past, receipts, routed, versions
from services.referral.store.services import rating
from shared.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a receipt came out the same again. `whole`: rules and matching, else matching alone, because what the
    person said was erased. `reason` tells why it could not be derived at all (`NotDerivable`); `differs` the paths that
    came out otherwise."""

    id: str
    sha256: str
    agrees: bool
    whole: bool = False
    reason: str | None = None
    differs: tuple[str, ...] = ()


def verify(conn: Connection, router: Router, receipt_id: str) -> Verified:
    """Derive the receipt of a referral or gap again, from what is kept here. Raises NotFound for no receipt."""
    kept = receipts.get(conn, receipt_id)
    digest = bundles.digest(kept.body)
    try:
        pathway = router.rules.of_content(conn, kept.body["rules"]["version"])
        if pathway is None:
            raise NotDerivable("rules")
        known = past.kept(conn)
        version = kept.body["directory_version"]
        if not known.first <= version <= known.version:
            raise NotDerivable("directory")
        services = past.services_at(conn, version, kinds=bundles.kinds_of(kept.body))
        case = None if kept.facts is None else from_facts(kept.facts)
        again = derive(kept.body, pathway, Rewound(services, version=version).snapshot(), case)
    except NotDerivable as error:
        return Verified(receipt_id, digest, agrees=False, reason=error.reason)
    differs = again.differs(kept.body)
    return Verified(receipt_id, digest, not differs, again.whole, None, tuple(differs))


def export(conn: Connection, receipt_id: str) -> dict[str, Any]:
    """Everything the receipt hangs on, for another machine. Raises NotFound, Conflict when its rules or its directory
    are not kept."""
    kept = receipts.get(conn, receipt_id)
    rules, version = kept.body["rules"], kept.body["directory_version"]
    files = _files(conn, rules["pathway"], rules["version"])
    known = past.kept(conn)
    if files is None or not known.first <= version <= known.version:
        raise Conflict("Ya no se guarda con qué se tomó esta decisión.", code="receipt_not_derivable")
    services = past.services_at(conn, version, kinds=bundles.kinds_of(kept.body))
    return bundles.bundle(kept.body, kept.facts, files, services)


def _files(conn: Connection, name: str, version: str) -> Mapping[str, str] | None:
    files = versions.content(conn, version)
    if files is None and Pathway.load(name).version == version:
        return packaged_files(name)
    return files


def rules_at(conn: Connection, router: Router, moment: datetime) -> Pathway:
    """The rules in force at `moment`: a published version, else the packaged tables that decided then, else those of
    this release."""
    found = router.pathway(conn, now=moment)
    if found.version != Pathway.load(found.name).version:
        return found
    decided_then = receipts.packaged_then(conn, found.name, moment)
    return (router.rules.of_content(conn, decided_then) if decided_then else None) or found


def decide_as_of(
    conn: Connection, router: Router, assessment_id: str, moment: datetime
) -> list[Mapping[str, Any]]:
    """The receipts that the case would have had at `moment`: by the rules in force, the directory and the unanswered
    referrals of that moment. Writes nothing.

    Raises NotFound for a case that is unknown or whose consent was withdrawn, and for a moment before the directory's
    past is kept.
    """
    facts = routed.facts_of(conn, [assessment_id]).get(assessment_id)
    if facts is None:
        raise NotFound("No encontramos esta atención.", code="assessment_not_found")
    case = from_facts(facts)
    waiting, answered = past.answers_at(conn, moment, since=moment - RECORD)
    record = {organization: rating(every, taken) for organization, every, taken in answered}
    snapshot = replace(directory_at(conn, past.version_at(conn, moment)), performance=record)
    world = World(rules_at(conn, router, moment), snapshot, moment, lambda: NOBODY, waiting)
    try:
        planned = planning.plan(world, case)
    except (LookupError, DecisionError, ValueError):
        planned = planning.unrouted(world, case)
    return [one.receipt for one in planned]


def shown_as_of(
    conn: Connection, router: Router, who: Who, assessment_id: str, moment: datetime
) -> dict[str, Any]:
    """`decide_as_of` for somebody who may know of the case: the organization that referred it, or a coordinator, from
    whom restricted needs stay closed. Raises NotFound."""
    facts = routed.facts_of(conn, [assessment_id]).get(assessment_id, {})
    own = who.organization_id is not None and facts.get("organization_id") == who.organization_id
    if not own and who.party is not Party.COORDINATOR:
        raise NotFound("No encontramos esta atención.", code="assessment_not_found")
    bodies = decide_as_of(conn, router, assessment_id, moment)
    return {
        "at": moment,
        "rules_version": bodies[0]["rules"]["version"] if bodies else None,
        "directory_version": bodies[0]["directory_version"] if bodies else None,
        "items": [_decided(one, closed=not own) for one in bodies],
    }


def _decided(body: Mapping[str, Any], *, closed: bool) -> dict[str, Any]:
    asked = body["asked"]
    known = {"sensitivity": asked["sensitivity"], "priority": body["priority"]["level"]}
    if closed and asked["sensitivity"] == RESTRICTED:
        return known
    chosen = body["candidates"][0] if body["candidates"] else {}
    return {
        **known,
        "need_code": body["need"]["code"],
        "service_type": asked["service_type"] or None,
        "row_id": body["route"]["row_id"] or None,
        "organization_id": chosen.get("organization_id"),
        "service_id": chosen.get("service_id"),
        "name": chosen.get("name"),
        "gap": body["gap"],
    }
