"""The jobs of the worker: each does what is due in its tables, any number of times, by any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine

from services.notifications.channels.base import Channel
from services.notifications.channels.kannel import KannelAccount, KannelChannel, report_url
from services.notifications.channels.sandbox import SandboxChannel
from services.notifications.clients.contacts import ContactBook
from services.notifications.domain import templates
from services.notifications.domain.gates import Limits
from services.notifications.operations import answering, following, playing, settling
from services.notifications.operations.sending import Sender, send_due
from services.notifications.settings import Settings
from services.notifications.store import answers, outbox, reading
from services.notifications.store.sealing import Seals
from shared import bus
from shared.background import URGENT_PAUSE, Job
from shared.bus import Doorbell, Handler, Inbox
from shared.clock import utc_now
from shared.database import make_engine
from shared.events import Fact

SERVICE: Final = "notifications"
SEND: Final = f"{SERVICE}.send"
SEND_URGENT: Final = f"{SERVICE}.send_urgent"
SLICE_SECONDS: Final = 0.25
"""How long the inbox is drained before whoever sends is woken."""
TELLING_PAUSE: Final = 0.1
TELLING_CROWD: Final = 16
"""Seconds that telling rests after it acted on this many facts at once: with fewer there is no hurry to save."""
SETTLING_PAUSE: Final = 0.25
"""Seconds that a page may be behind a delivery report. Reports that come meanwhile are settled together."""
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Parts:
    """What the jobs stand on."""

    engine: Engine
    doorbell: Doorbell
    sender: Sender
    handlers: Mapping[type[Fact], Handler]
    day: timedelta = A_DAY
    clock: Callable[[], datetime] = utc_now

    @classmethod
    def of(cls, settings: Settings, handlers: Callable[[timedelta], Mapping[type[Fact], Handler]]) -> Parts:
        """From the settings; `handlers` makes them for the length of a day. Raises SettingsError for a sandbox in
        production or a Kannel half set, ValueError for keys that are none."""
        settings.check()
        templates.packaged()
        engine = make_engine(settings.database_url, pool_size=12, application="ruta notifications worker")
        doorbell = Doorbell(settings.broker_url)
        seals = Seals.from_setting(settings.encryption_key)
        sender = Sender(
            engine=engine,
            doorbell=doorbell,
            contacts=ContactBook(
                intake_url=settings.intake_url,
                referral_url=settings.referral_url,
                secret_key=settings.secret_key,
            ),
            channel=make_channel(settings, engine, seals),
            seals=seals,
            limits=Limits(settings.per_day, settings.per_week),
            clock=utc_now,
        )
        day = timedelta(seconds=settings.follow_up_day_seconds)
        return cls(engine, doorbell, sender, handlers(day), day)


def make_channel(settings: Settings, engine: Engine, seals: Seals) -> Channel:
    """The channel that SMS_CHANNEL names."""
    if settings.sms_channel == "sandbox":
        return SandboxChannel(playing.keeper(engine, seals, utc_now))
    return KannelChannel(
        KannelAccount(
            sendsms_url=settings.kannel_sendsms_url,
            username=settings.kannel_username,
            password=settings.kannel_password,
            sender=settings.kannel_sms_from,
            report_url=report_url(settings.callback_url, settings.kannel_dlr_secret),
        )
    )


def make_jobs(parts: Parts) -> list[Job]:
    """Every job of the worker, by the name that doorbells ring."""
    return [
        _drain(parts, pause=TELLING_PAUSE),
        _send(SEND, parts.sender),
        _drain(parts, pause=URGENT_PAUSE, urgent=True),
        _send(SEND_URGENT, parts.sender.lane_for_urgent()),
        Job(
            f"{SERVICE}.settle",
            lambda: _asked(parts, _oldest_report),
            _repeat(parts, _settle, least=settling.BATCH),
            pause=SETTLING_PAUSE,
        ),
        Job(
            f"{SERVICE}.abandoned",
            lambda: _asked(parts, outbox.oldest_abandoned),
            _repeat(parts, _decide_abandoned),
        ),
        Job(f"{SERVICE}.answer", lambda: _asked(parts, _oldest_answer), _repeat(parts, _read_answers)),
        Job(
            f"{SERVICE}.follow_up",
            lambda: _asked(parts, following.oldest_due),
            _repeat(parts, _ask, wakes=SEND),
        ),
        Job(f"{SERVICE}.forget", lambda: _asked(parts, _oldest_text), _repeat(parts, _forget)),
    ]


Run = Callable[[Callable[[], bool]], Any]


def _asked(parts: Parts, question: Callable[[Connection, datetime], float | None]) -> float | None:
    with parts.engine.connect() as conn:
        return question(conn, parts.clock())


def _drain(parts: Parts, *, pause: float, urgent: bool = False) -> Job:
    """Act on facts, and wake whoever sends after each slice, so that the first message need not wait for the last."""
    inbox = Inbox(parts.engine, SERVICE, parts.handlers, parts.doorbell, urgent)

    def oldest_due(conn: Connection, _: datetime) -> float | None:
        return bus.oldest_due_seconds(conn, SERVICE, last_priority=inbox.last_priority)

    def run(should_stop: Callable[[], bool]) -> int:
        drained = bus.drain(inbox, seconds=SLICE_SECONDS, should_stop=should_stop, to_the_last=False)
        if drained.urgent:
            parts.doorbell.ring(SEND_URGENT)
        if drained.done > drained.urgent:
            parts.doorbell.ring(SEND)
        return drained.done

    return Job(inbox.job, lambda: _asked(parts, oldest_due), run, pause, TELLING_CROWD)


def _send(name: str, sender: Sender) -> Job:
    def oldest_due() -> float | None:
        with sender.engine.connect() as conn:
            return outbox.oldest_due(conn, sender.clock(), last_priority=sender.last_priority)

    return Job(name, oldest_due, lambda should_stop: send_due(sender, should_stop=should_stop))


def _repeat(
    parts: Parts,
    batch: Callable[[Parts, Connection, datetime], int],
    *,
    least: int = 1,
    wakes: str | None = None,
) -> Run:
    """Run `batch` in one transaction after the other until it does less than `least`. `wakes`: the job that has
    something to do after each."""

    def run(should_stop: Callable[[], bool]) -> int:
        total = 0
        while not should_stop():
            with bus.transaction(parts.engine, parts.doorbell) as conn:
                done = batch(parts, conn, parts.clock())
            if done and wakes:
                parts.doorbell.ring(wakes)
            total += done
            if done < least:
                break
        return total

    return run


def _settle(_: Parts, conn: Connection, now: datetime) -> int:
    return settling.settle_reports(conn, now=now)


def _decide_abandoned(_: Parts, conn: Connection, now: datetime) -> int:
    return settling.settle_abandoned(conn, now=now)


def _read_answers(parts: Parts, conn: Connection, now: datetime) -> int:
    return answering.read_answers(conn, parts.sender.seals, now=now)


def _ask(parts: Parts, conn: Connection, now: datetime) -> int:
    return following.ask_due(conn, now=now, day=parts.day)


def _forget(_: Parts, conn: Connection, now: datetime) -> int:
    return settling.forget_texts(conn, now=now)


def _oldest_report(conn: Connection, now: datetime) -> float | None:
    return answers.oldest(conn, "report", now)


def _oldest_answer(conn: Connection, now: datetime) -> float | None:
    return answers.oldest(conn, "inbound", now)


def _oldest_text(conn: Connection, now: datetime) -> float | None:
    return reading.oldest_text(conn, before=now - settling.KEEP_TEXTS)
