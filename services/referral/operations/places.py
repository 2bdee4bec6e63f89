"""Places left, as the provider says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from services.referral.domain.directory import CAPACITY_BELIEVED, Capacity, CapacityStatus
from services.referral.operations.steps import Who
from services.referral.store import directory, gaps, offers, services
from shared.errors import Invalid, NotFound

FARTHEST = timedelta(days=90)
"""How far ahead a count of places may be believed at most."""


def say_capacity(
    conn: Connection, who: Who, service_id: str, capacity: Capacity, *, now: datetime
) -> dict[str, Any]:
    """Keep how many places a service of the provider's own organization has left. Raises NotFound, Invalid."""
    service = offers.service(conn, service_id)
    if who.organization_id != service["organization_id"]:
        raise NotFound("No encontramos este servicio.", code="service_not_found")
    until = capacity.valid_until or now + CAPACITY_BELIEVED
    if not now < until <= now + FARTHEST:
        raise Invalid("La fecha hasta la que vale debe estar en los próximos 90 días.", code="valid_until")
    status = capacity.status
    if capacity.available == 0 and status is CapacityStatus.HAS_CAPACITY:
        status = CapacityStatus.NO_CAPACITY
    said = Capacity(status, capacity.available, until, now)
    version = directory.next_version(conn, now=now)
    directory.save_capacity(conn, service_id, said, version=version, by=who.account_id)
    if status is not CapacityStatus.NO_CAPACITY:
        gaps.look_again(conn, services.services_since(conn, version - 1)[1])
    return {
        "service_id": service_id,
        "status": str(said.status),
        "available": said.available,
        "valid_until": said.valid_until,
        "updated_at": said.updated_at,
    }
