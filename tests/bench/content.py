"""What one case of the benchmark is made of, counted in the tables after the load."""

from __future__ import annotations

from tests.bench.figures import Figure, Results
from tests.bench.stack import Stack

COUNTED = {
    "referrals": "SELECT count(*) FROM referral.referral",
    "messages handed over": "SELECT count(*) FROM notifications.delivery",
    "delivery reports": "SELECT count(*) FROM notifications.report",
    "events": "SELECT count(*) FROM bus.event",
    "events to act on, all listeners": "SELECT count(*) FROM bus.inbox",
}


def what_a_case_is(stack: Stack, results: Results) -> None:
    """Add how many referrals, messages and events one case gave rise to, so that a faster run that does less shows."""
    with stack.admin() as conn:
        cases = _count(conn, "SELECT count(*) FROM intake.assessment")
        for what, query in COUNTED.items():
            results.add(Figure(f"in one case: {what}", "", [_count(conn, query) / cases]))


def _count(conn, query: str) -> int:
    row = conn.execute(query).fetchone()
    return int(row[0])
