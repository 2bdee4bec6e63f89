"""The worker process of the notifications service: `python -m services.notifications.worker`."""

from __future__ import annotations

from collections.abc import Callable

from services.notifications.celery_app import celery
from services.notifications.settings import Settings
from services.notifications.store import reading
from services.notifications.subscriptions import make_handlers
from services.notifications.tasks import SERVICE, Parts, make_jobs
from shared import logs
from shared.background import Worker
from shared.bus import Outlet, tell_outlet
from shared.settings import load


def make_worker(settings: Settings) -> Worker:
    """The worker with all its jobs. Raises as `Parts.of`."""
    parts = Parts.of(settings, make_handlers)
    jobs = make_jobs(parts)
    return Worker(celery, parts.doorbell, jobs, settings.broker_url, parts.engine, tell=standing(parts))


def standing(parts: Parts) -> Callable[[], None]:
    """Says on the bus how many messages wait for the gateway: intake stops letting cases in when they are too many."""

    def tell() -> None:
        with parts.engine.begin() as conn:
            tell_outlet(conn, SERVICE, Outlet(*reading.overdue(conn, parts.clock())))

    return tell


def main() -> None:
    """Work until told to stop."""
    settings = load(Settings)
    logs.configure("notifications", level=settings.log_level)
    make_worker(settings).run()


if __name__ == "__main__":
    main()
