"""The rules of consent as they were told last: one row for each pathway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.database import json_rows

KEEP = text(
    """
    INSERT INTO intake.consent_policy AS kept (pathway, seq, periods, told_at)
    VALUES (:pathway, :seq, CAST(:periods AS jsonb), :told_at)
    ON CONFLICT (pathway) DO UPDATE SET seq = excluded.seq, periods = excluded.periods, told_at = excluded.told_at
    WHERE kept.seq < excluded.seq
    """
)
NEWER = text("SELECT seq, periods FROM intake.consent_policy WHERE pathway = :pathway AND seq > :seq")


def keep(
    conn: Connection, pathway: str, seq: int, periods: Sequence[dict[str, Any]], *, told_at: datetime
) -> None:
    """Keep what was told, unless something later is kept already."""
    conn.execute(
        KEEP, {"pathway": pathway, "seq": seq, "periods": json_rows(list(periods)), "told_at": told_at}
    )


def newer(conn: Connection, pathway: str, seq: int) -> Row[Any] | None:
    """`seq` and `periods` of what was told after `seq`, or None."""
    return conn.execute(NEWER, {"pathway": pathway, "seq": seq}).one_or_none()
