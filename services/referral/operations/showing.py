"""Reading: whose referrals, and why they went where they went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from services.referral.domain import receipt_text
from services.referral.domain.pathway import Pathway
from services.referral.domain.status import Party
from services.referral.operations.contrasting import reason_not
from services.referral.operations.routing import Router
from services.referral.operations.steps import Who, get_visible
from services.referral.store import lists, versions
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
    return _in_words(conn, router, (referral.id, body), reading)


def read_gap_receipt(conn: Connection, router: Router, gap_id: str, *, reading: Reading) -> dict[str, Any]:
    """The receipt of a gap in words, for coordinators. Raises NotFound, Forbidden for a restricted one."""
    body = lists.receipt(conn, gap_id)
    if body is None or body["gap"] is None:
        raise NotFound("No encontramos el recibo de esta decisión.", code="receipt_not_found")
    if body["asked"]["sensitivity"] == "S3":
        raise Forbidden("El recibo de un caso reservado lo lee quien lo derivó.", code="restricted")
    return _in_words(conn, router, (gap_id, body), reading)


def titles_of(pathway: Pathway) -> receipt_text.Titles:
    """Spanish and English titles of the rows of a pathway; empty for a row that is no longer there."""
    found = {
        row.id: (row.annotations.get("title_es", ""), row.annotations.get("title_en", ""))
        for table in pathway.tables.values()
        for row in table.rows
    }
    return lambda row_id: found.get(row_id, ("", ""))


def _in_words(
    conn: Connection, router: Router, kept: tuple[str, dict[str, Any]], reading: Reading
) -> dict[str, Any]:
    decided_id, body = kept
    decided_by = router.rules.of_content(conn, body["rules"]["version"])
    titles = titles_of(decided_by or Pathway.load())
    reason = None if reading.service_id is None else reason_not(conn, decided_id, reading.service_id)
    return {
        "id": decided_id,
        "reader": reading.reader,
        "text": receipt_text.text(body, reading.reader, reading.locale, titles),
        "why_not": None if reason is None else receipt_text.reason(reason, reading.locale),
        "decided_by": {
            "version": body["rules"]["version"],
            **(versions.published_as(conn, body["rules"]["version"]) or {"id": None, "note": ""}),
        },
        "receipt": body if reading.reader == "auditor" else None,
    }
