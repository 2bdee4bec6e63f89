"""The worker process of the referral service: `python -m services.referral.worker`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.referral.celery_app import celery
from services.referral.operations import clocks
from services.referral.settings import Settings
from services.referral.store import referrals
from services.referral.subscriptions import HANDLERS, ROUTER
from shared import bus, logs
from shared.background import Job, Worker, drain_job
from shared.bus import Doorbell, Inbox
from shared.bus.maintenance import Purge
from shared.clock import utc_now
from shared.database import make_engine
from shared.settings import load

SERVICE = "referral"


def make_worker(settings: Settings) -> Worker:
    """The worker with its jobs: act on what the other services tell and on clocks that ran out, and forget what was
    acted on long ago."""
    engine = make_engine(settings.database_url, application="ruta referral worker")
    doorbell = Doorbell(settings.broker_url)
    inbox = Inbox(engine, SERVICE, HANDLERS, doorbell)

    def clocks_due() -> float | None:
        with engine.connect() as conn:
            return referrals.oldest_due(conn)

    def run_due_clocks(should_stop: Callable[[], bool]) -> Any:
        return clocks.run_all_due(
            lambda: bus.transaction(engine, doorbell), ROUTER, now=utc_now, should_stop=should_stop
        )

    purge = Purge(engine, SERVICE)
    jobs = [
        drain_job(inbox),
        Job(f"{SERVICE}.run_due_clocks", clocks_due, run_due_clocks),
        Job(f"{SERVICE}.purge", purge.oldest_due, purge.run),
    ]
    return Worker(celery, doorbell, jobs, settings.broker_url)


def main() -> None:
    """Work until told to stop."""
    settings = load(Settings)
    logs.configure(SERVICE, level=settings.log_level)
    make_worker(settings).run()


if __name__ == "__main__":
    main()
