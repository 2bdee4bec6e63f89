"""The worker process of the intake service: `python -m services.intake.worker`."""

from __future__ import annotations

from services.intake.celery_app import celery
from services.intake.settings import Settings
from services.intake.subscriptions import HANDLERS
from shared import logs
from shared.background import Job, Worker, drain_job
from shared.bus import Doorbell, Inbox
from shared.bus.maintenance import Purge
from shared.database import make_engine
from shared.settings import load

SERVICE = "intake"
FOLLOWING_PAUSE = 0.25
"""Seconds that a page may be behind what the other services say. Under load their facts are then acted on by the
hundred instead of by twos and threes, at a fraction of the cost."""


def make_worker(settings: Settings) -> Worker:
    """The worker with its jobs: act on what the other services tell, and forget what was acted on long ago."""
    engine = make_engine(settings.database_url, application="ruta intake worker")
    doorbell = Doorbell(settings.broker_url)
    inbox = Inbox(engine, SERVICE, HANDLERS, doorbell)

    purge = Purge(engine, SERVICE)
    jobs = [
        drain_job(inbox, pause=FOLLOWING_PAUSE),
        Job(f"{SERVICE}.purge", purge.oldest_due, purge.run),
    ]
    return Worker(celery, doorbell, jobs, settings.broker_url, engine)


def main() -> None:
    """Work until told to stop."""
    settings = load(Settings)
    logs.configure(SERVICE, level=settings.log_level)
    make_worker(settings).run()


if __name__ == "__main__":
    main()
