"""Why not that provider: answered by the directory as it was when it was decided, not as it is today."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.referral.domain import receipt_text
from services.referral.domain.matching import why_not
from services.referral.domain.rederiving import wanted_in
from services.referral.domain.snapshot import Rewound
from services.referral.store import past, receipts
from shared.clock import parse_time
from shared.errors import NotFound

NOT_LISTED = "not_listed"
"""The service was not in the directory yet."""


def reason_not(conn: Connection, receipt_id: str, service_id: str) -> str:
    """A code of WHY_NOT: as the receipt itself says, else as its directory, its moment and what the person asked for
    say. Raises NotFound for a service that there is not, and for a directory of which nothing is kept."""
    kept = receipts.get(conn, receipt_id)
    body: dict[str, Any] = kept.body
    said = receipt_text.why_not(body, service_id)
    if said is not None:
        return said
    version, known = body["directory_version"], past.kept(conn)
    if version < known.first:
        raise NotFound("De esa versión del directorio no se guardó el contenido.", code="directory_not_kept")
    found = past.services_at(conn, version, ids=[service_id])
    if not found:
        if not past.services_at(conn, known.version, ids=[service_id]):
            raise NotFound("No encontramos este servicio.", code="service_not_found")
        return NOT_LISTED
    withheld = frozenset((kept.facts or {}).get("withheld_from", ()))
    failed = why_not(
        Rewound(found, version=version).snapshot(),
        wanted_in(body, withheld),
        found[0],
        now=parse_time(body["decided_at"]),
        pending=body.get("measured", {}).get("waiting", {}),
    )
    return failed or "lower_score"
