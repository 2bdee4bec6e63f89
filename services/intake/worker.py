"""The worker process of the intake service: `python -m services.intake.worker`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.intake.celery_app import celery
from services.intake.settings import Settings
from services.intake.subscriptions import HANDLERS
from shared import bus, logs
from shared.background import Job, Worker
from shared.bus import Doorbell, Inbox
from shared.bus.maintenance import Purge
from shared.database import make_engine
from shared.settings import load

SERVICE = "intake"


def make_worker(settings: Settings) -> Worker:
    """The worker with its jobs: act on what the other services tell, and forget what was acted on long ago."""
    engine = make_engine(settings.database_url, application="ruta intake worker")
    doorbell = Doorbell(settings.broker_url)
    inbox = Inbox(engine, SERVICE, HANDLERS, doorbell)

    def oldest_due() -> float | None:
        with engine.connect() as conn:
            return bus.oldest_due_seconds(conn, SERVICE)

    def run(should_stop: Callable[[], bool]) -> Any:
        return bus.drain(inbox, should_stop=should_stop)

    purge = Purge(engine, SERVICE)
    jobs = [
        Job(f"{SERVICE}.drain", oldest_due, run),
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
