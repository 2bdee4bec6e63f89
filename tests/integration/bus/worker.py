"""A worker of its own for test_worker: drains the referral inbox into the effects table.

Usage: python -m tests.integration.bus.worker REFERRAL_URL BROKER_URL
"""

import sys

from shared.background import Job, Worker, make_celery
from shared.bus import Doorbell, drain, oldest_due_seconds
from shared.database import make_engine
from tests.integration.bus.scenario import inbox


def main():
    engine, doorbell = make_engine(sys.argv[1]), Doorbell(sys.argv[2])

    def oldest_due():
        with engine.begin() as conn:
            return oldest_due_seconds(conn, "referral")

    job = Job(
        "referral.drain",
        oldest_due,
        lambda should_stop: drain(inbox(engine, doorbell=doorbell), should_stop=should_stop),
    )
    Worker(make_celery("referral"), doorbell, [job], sys.argv[2]).run()


if __name__ == "__main__":
    main()
