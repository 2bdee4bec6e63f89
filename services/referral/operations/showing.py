"""Reading: whose referrals, and why they went where they went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.referral.domain import receipt_text
from services.referral.domain.filters import Wanted
from services.referral.domain.matching import why_not
from services.referral.domain.pathway import Pathway
from services.referral.domain.status import Party
from services.referral.operations.routing import Router
from services.referral.operations.steps import Who, get_visible
from services.referral.store import lists
from shared.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Reading:
    """How a receipt is read: for whom, in which language, and about which service."""

    reader: str
    locale: str
    service_id: str | None = None


def scope_of(who: Who) -> lists.Scope:
    """Whose referrals `who` may list. Raises Forbidden for an account without an organization that needs one."""
    if who.party is Party.COORDINATOR:
        return lists.Scope()
    if who.organization_id is None:
        raise Forbidden("Su cuenta no pertenece a ninguna organización.", code="no_organization")
    if who.party is Party.PROVIDER:
        return lists.Scope(provider_id=who.organization_id)
    return lists.Scope(referrer_id=who.organization_id)


def read_receipt(
    conn: Connection, router: Router, who: Who, referral_id: str, *, reading: Reading
) -> dict[str, Any]:
    """The receipt of a referral in words. A provider reads none: it names its competitors. For a coordinator a
    restricted receipt stays closed but for the auditor's record without the need.

    Raises NotFound.
    """
    referral = get_visible(conn, who, referral_id)
    body = lists.receipt(conn, referral.id)
    if body is None or who.party is Party.PROVIDER:
        raise NotFound("No encontramos el recibo de esta decisión.", code="receipt_not_found")
    if who.party is Party.COORDINATOR and referral.sensitivity == "S3":
        raise Forbidden("El recibo de un caso reservado lo lee quien lo derivó.", code="restricted")
    return _in_words(conn, router, body, reading) | {"id": referral.id}


def read_gap_receipt(conn: Connection, router: Router, gap_id: str, *, reading: Reading) -> dict[str, Any]:
    """The receipt of a gap in words, for coordinators. Raises NotFound, Forbidden for a restricted one."""
    body = lists.receipt(conn, gap_id)
    if body is None or body["gap"] is None:
        raise NotFound("No encontramos el recibo de esta decisión.", code="receipt_not_found")
    if body["asked"]["sensitivity"] == "S3":
        raise Forbidden("El recibo de un caso reservado lo lee quien lo derivó.", code="restricted")
    return _in_words(conn, router, body, reading) | {"id": gap_id}


def titles_of(pathway: Pathway) -> receipt_text.Titles:
    """Spanish and English titles of the rows of a pathway; empty for a row that is no longer there."""
    found = {
        row.id: (row.annotations.get("title_es", ""), row.annotations.get("title_en", ""))
        for table in pathway.tables.values()
        for row in table.rows
    }
    return lambda row_id: found.get(row_id, ("", ""))


def _in_words(conn: Connection, router: Router, body: dict[str, Any], reading: Reading) -> dict[str, Any]:
    decided_by = router.rules.of_content(conn, body["rules"]["version"])
    titles = titles_of(decided_by or Pathway.load())
    reason = None if reading.service_id is None else _why_not(conn, router, body, reading.service_id)
    return {
        "reader": reading.reader,
        "text": receipt_text.text(body, reading.reader, reading.locale, titles),
        "why_not": None if reason is None else receipt_text.reason(reason, reading.locale),
        "receipt": body if reading.reader == "auditor" else None,
    }


def _why_not(conn: Connection, router: Router, body: dict[str, Any], service_id: str) -> str:
    """A code of WHY_NOT: as the receipt says, else as the directory of today says."""
    said = receipt_text.why_not(body, service_id)
    if said is not None:
        return said
    now = datetime.fromisoformat(body["decided_at"])
    snapshot = router.catalogue.snapshot(conn, now=now)
    service = snapshot.services.get(service_id)
    if service is None:
        raise NotFound("No encontramos este servicio.", code="service_not_found")
    names = Wanted.__dataclass_fields__
    asked: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in body["asked"].items()
        if name in names and name != "withheld"
    }
    return why_not(snapshot, Wanted(**asked), service, now=now, pending={}) or "lower_score"
