"""The worker process of the referral service: `python -m services.referral.worker`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from services.referral.celery_app import celery
from services.referral.operations import clocks, consent_policy, filling, watching
from services.referral.operations.batches import until_none_is_left
from services.referral.settings import Settings
from services.referral.store import gaps, referrals
from services.referral.subscriptions import HANDLERS, ROUTER
from shared import bus, logs
from shared.background import URGENT_PAUSE, Job, Worker, drain_job
from shared.bus import Doorbell, Inbox
from shared.bus.maintenance import Purge
from shared.clock import utc_now
from shared.database import make_engine
from shared.failpoints import reach
from shared.settings import load

SERVICE = "referral"
ROUTING_PAUSE = 0.1
ROUTING_CROWD = 8
"""Seconds that routing rests after it routed this many assessments at once: with fewer there is no hurry to save."""
Work = Callable[..., int]
"""An operation that does up to a batch and says how much it did."""


def make_worker(settings: Settings) -> Worker:
    """The worker with its jobs: act on what the other services tell, on clocks that ran out and on gaps that somebody
    may fill now, look whether the directory still gives what the rules name, tell what nobody was told of the rules of
    consent, and forget what was acted on long ago."""
    engine = make_engine(settings.database_url, application="ruta referral worker")
    doorbell = Doorbell(settings.broker_url)

    def clocks_due() -> float | None:
        with engine.connect() as conn:
            return referrals.oldest_due(conn)

    def gaps_marked() -> float | None:
        with engine.connect() as conn:
            return 0.0 if gaps.any_marked(conn) else None

    def in_batches(work: Work, batch: int) -> Callable[[Callable[[], bool]], Any]:
        def run(should_stop: Callable[[], bool]) -> Any:
            return until_none_is_left(
                lambda: bus.transaction(engine, doorbell),
                lambda conn: work(conn, ROUTER, now=utc_now()),
                batch=batch,
                should_stop=should_stop,
            )

        return run

    purge = Purge(engine, SERVICE)
    jobs = [
        *_drains(Inbox(engine, SERVICE, HANDLERS, doorbell)),
        Job(f"{SERVICE}.run_due_clocks", clocks_due, in_batches(clocks.run_due, clocks.BATCH)),
        Job(f"{SERVICE}.look_at_gaps_again", gaps_marked, in_batches(filling.look_again, filling.BATCH)),
        *_about_rules(engine, doorbell),
        Job(f"{SERVICE}.purge", purge.oldest_due, purge.run),
    ]
    return Worker(celery, doorbell, jobs, settings.broker_url, engine)


def _drains(inbox: Inbox) -> list[Job]:
    """Routing, and beside it a lane for emergencies: they wait for no batch that is under way."""
    return [
        drain_job(inbox, pause=ROUTING_PAUSE, crowd=ROUTING_CROWD),
        drain_job(replace(inbox, urgent=True), pause=URGENT_PAUSE, crowd=ROUTING_CROWD),
    ]


def _about_rules(engine: Engine, doorbell: Doorbell) -> tuple[Job, Job]:
    """The jobs that look after the rules in force."""

    def unwatched() -> float | None:
        with engine.connect() as conn:
            return watching.oldest_due(conn, now=utc_now())

    def watch(_should_stop: Callable[[], bool]) -> Any:
        with engine.begin() as conn:
            looked = watching.look(conn, ROUTER, now=utc_now())
            reach("rules.before_commit")
        return looked

    def untold() -> float | None:
        with engine.connect() as conn:
            return 0.0 if consent_policy.untold(conn) else None

    def tell(_should_stop: Callable[[], bool]) -> Any:
        with bus.transaction(engine, doorbell) as conn:
            return consent_policy.tell(conn, now=utc_now())

    return (
        Job(f"{SERVICE}.watch_rules", unwatched, watch),
        Job(f"{SERVICE}.tell_consent_policy", untold, tell),
    )


def main() -> None:
    """Work until told to stop."""
    settings = load(Settings)
    logs.configure(SERVICE, level=settings.log_level)
    make_worker(settings).run()


if __name__ == "__main__":
    main()
