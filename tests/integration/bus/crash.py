"""Run by test_crash_points in a process of its own, which the armed fail-point kills.

Usage: python -m tests.integration.bus.crash INTAKE_URL REFERRAL_URL BROKER_URL
"""

import sys

from shared.bus import Doorbell, drain, publish, transaction
from shared.database import make_engine
from tests.integration.bus.scenario import NOW, inbox, withdrawn, write_effect


def write_and_publish(conn, events):
    """Handler: one effect row and one new fact per event, with a step of its own to die at."""
    write_effect(conn, events)
    publish(
        conn,
        [withdrawn(event.fact.person_id, seq=event.seq + 1000) for event in events if event.seq < 1000],
        now=NOW,
    )


def main():
    intake, referral = make_engine(sys.argv[1]), make_engine(sys.argv[2])
    doorbell = Doorbell(sys.argv[3])
    with transaction(intake, doorbell) as conn:
        publish(conn, [withdrawn() for _ in range(5)], now=NOW)
    drain(inbox(referral, write_and_publish, doorbell))


if __name__ == "__main__":
    main()
