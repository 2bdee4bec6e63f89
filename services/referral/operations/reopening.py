"""Where the system gave up, somebody asks for another try, or decides that it stays so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from services.referral.domain.record import Referral
from services.referral.domain.referral import IllegalStep, check_version
from services.referral.domain.status import CANCEL_REASONS, Status
from services.referral.operations.routing import Router
from services.referral.operations.steps import Who, get_visible
from services.referral.store import cases, gaps, ledger, routed
from services.referral.store import referrals as store
from shared.errors import Conflict, FieldError, Invalid


def reroute(conn: Connection, router: Router, who: Who, ended: tuple[str, int], *, now: datetime) -> Referral:
    """Ask the next candidate after the referral `ended` (its id and the version that was read) was rejected or failed
    and nobody took over; answers the new referral. A person may go beyond the five attempts of the system.

    Raises NotFound, Conflict (`illegal_step`, `stale_version`, `consent_withdrawn`, `nobody_left`).
    """
    referral_id, version = ended
    referral = get_visible(conn, who, referral_id, lock=True)
    if referral.status not in {Status.REJECTED, Status.FAILED} or referral.successor_id:
        raise IllegalStep(
            "Este paso no es posible ahora.", extra={"allowed": [], "referral_status": str(referral.status)}
        )
    check_version(referral, version)
    if cases.is_withdrawn(conn, referral.assessment_id):
        raise Conflict("La persona retiró su permiso.", code="consent_withdrawn")
    found = router.search_again(conn, referral, now=now)
    if found.referral is None:
        raise Conflict(
            "No queda nadie a quien preguntar.", code="nobody_left", extra={"gap": found.receipt["gap"]}
        )
    routed.close_gaps(conn, referral.need_id, str(referral.route["row_id"]), now=now)
    return store.get(conn, found.referral.id)


def close_gap(conn: Connection, who: Who, gap_id: str, *, reason: str, now: datetime) -> None:
    """A coordinator closes a gap with a coded reason (those of a cancelled referral). Raises NotFound, Conflict
    (`gap_closed`), Invalid."""
    if reason not in CANCEL_REASONS:
        raise Invalid(
            "Elija un motivo de la lista.",
            fields={"reason": [FieldError("unknown_reason", "Elija un motivo de la lista.")]},
        )
    ledger.gap(conn, gap_id)
    if not gaps.close(conn, gap_id, reason=reason, by=who.account_id, now=now):
        raise Conflict("Esta brecha ya está cerrada.", code="gap_closed", extra={"allowed": []})
