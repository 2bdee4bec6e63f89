"""A worker of its own for test_worker: drains the referral inbox into the effects table.

Usage: python -m tests.integration.bus.worker REFERRAL_URL BROKER_URL [PAUSE]
"""

import sys

from shared.background import Worker, drain_job, make_celery
from shared.bus import Doorbell
from shared.database import make_engine
from tests.integration.bus.scenario import inbox


def main():
    engine, doorbell = make_engine(sys.argv[1]), Doorbell(sys.argv[2])
    job = drain_job(inbox(engine, doorbell=doorbell), pause=float(sys.argv[3]) if sys.argv[3:] else 0.0)
    Worker(make_celery("referral"), doorbell, [job], sys.argv[2]).run()


if __name__ == "__main__":
    main()
