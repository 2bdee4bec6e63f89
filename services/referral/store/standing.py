"""Figures of how the promise is kept, for metrics. Counted over what is open, so that they stay cheap."""

from __future__ import annotations

from sqlalchemy import Connection, text


def by_status(conn: Connection) -> dict[str, int]:
    """Open referrals by status."""
    rows = conn.execute(
        text(
            """
            SELECT status, count(*) FROM referral.referral
            WHERE status NOT IN ('rejected', 'completed', 'cancelled', 'failed') GROUP BY status
            """
        )
    )
    return {str(status): int(count) for status, count in rows}


def ownerless(conn: Connection) -> int:
    """Open referrals without a clock that a person does not hold either. Always 0."""
    return int(
        conn.execute(
            text(
                """
                SELECT count(*) FROM referral.referral r
                WHERE status NOT IN ('rejected', 'completed', 'cancelled', 'failed')
                  AND turn <> 'coordinator'
                  AND NOT EXISTS (SELECT FROM referral.clock c WHERE c.referral_id = r.id)
                """
            )
        ).scalar_one()
    )


def late_clocks(conn: Connection) -> int:
    """Clocks that have been due for more than half a minute."""
    return int(
        conn.execute(
            text(
                "SELECT count(*) FROM referral.clock WHERE due_at < statement_timestamp() - interval '30 seconds'"
            )
        ).scalar_one()
    )
