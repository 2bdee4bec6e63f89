"""One chaos run from beginning to end."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.chaos import cases, checker, evidence, faults, leaks, ledger, recovery
from tests.chaos.brokers import QUEUES
from tests.chaos.recovery import Happened
from tests.chaos.world import ROOT, Broken, World

Tell = Callable[[str], None]
LISTEN_SECONDS = 30.0
BEHIND = """
    SELECT (SELECT count(*) FROM bus.inbox
            WHERE state = 'due' AND due_at < clock_timestamp() - interval '1 second')
         + (SELECT count(*) FROM notifications.notification
            WHERE status = 'queued' AND due_at < clock_timestamp() - interval '1 second')
"""


@dataclass(frozen=True)
class Size:
    """How large a run is: `rate` assessments a second, a `calm` beginning, faults, then at least `events` events.

    After a fault nothing new is done until all was well for `pause` seconds, or `gap` seconds have passed. At the end,
    everything has `rest` seconds to come to rest.
    """

    seed: int
    events: int
    faults: int | None
    rate: float
    full: bool
    calm: float
    gap: float
    pause: float
    rest: float
    only: tuple[str, ...] = ()
    broker: str = "valkey"


def short(seed: int) -> Size:
    """A few minutes: every kind of fault once, but those that take long."""
    return Size(seed, events=0, faults=None, rate=6, full=False, calm=5, gap=4, pause=1, rest=60)


def full(seed: int, events: int, count: int) -> Size:
    """100,000 events and 100 faults take about half an hour on two cores."""
    return Size(seed, events=events, faults=count, rate=8, full=True, calm=20, gap=20, pause=4, rest=300)


@dataclass
class Result:
    """What a run showed."""

    size: Size
    verdict: checker.Verdict
    acknowledged: int = 0
    events: int = 0
    messages: int = 0
    seconds: float = 0.0
    happened: list[Happened] = field(default_factory=list)
    felt: list[recovery.Felt] = field(default_factory=list)
    client: dict[str, object] = field(default_factory=dict)


def run(folder: Path, size: Size, tell: Tell) -> Result:
    """Start everything in `folder`, do harm, heal, wait, compare. Raises Broken when it cannot be carried out."""
    began = time.time()
    world = World(folder, size.broker)
    try:
        world.start()
        import_directory(world)
        tell(f"up after {time.time() - began:.0f} s; seed {size.seed}; folder {folder}")
        world.spawn("load", "tests.chaos.load", str(folder), str(size.seed), str(size.rate))
        world.spawn("actors", "tests.chaos.actors", str(folder), str(size.seed))
        happened, calm = _do_harm(world, size, tell)
        world.stop("actors")
        world.stop("load", patience=90)
        return _compare(world, size, Harm(happened, calm, began), tell)
    finally:
        world.close()


@dataclass(frozen=True)
class Harm:
    """What was done, and when the calm before it was."""

    happened: list[Happened]
    calm: tuple[float, float]
    began: float


def import_directory(world: World) -> None:
    """Give the referral service somebody to refer to, by the product's own command."""
    file = world.folder / "directory.json"
    file.write_text(json.dumps(cases.directory()))
    command = [
        sys.executable,
        "-m",
        "deploy.local.cli",
        "import",
        "directory",
        str(file),
        "--data",
        str(world.data),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(f"directory not imported: {done.stdout}{done.stderr}")


def _do_harm(world: World, size: Size, tell: Tell) -> tuple[list[Happened], tuple[float, float]]:
    chance = random.Random(size.seed)
    while (
        not (world.folder / "ledger.jsonl").exists()
        or len(ledger.read(world.folder / "ledger.jsonl")) < 3 * size.rate
    ):
        time.sleep(0.2)
    calm = (time.time(), time.time() + size.calm)
    time.sleep(size.calm)
    times: list[tuple[str, float, float, float]] = []
    for number, one in enumerate(faults.plan(size.seed, size.faults, size.only), 1):
        if not one.possible(world):
            tell(f"{number:3} {one.name}: not on this machine")
            continue
        began, ended = faults.happen(world, one, chance, full=size.full)
        waited = _wait_for_pace(world, size)
        times.append((one.name, began, ended, waited))
        tell(f"{number:3} {one.name}: lasted {ended - began:.1f} s, backlog gone after {waited:.1f} s")
        time.sleep(chance.uniform(0.0, 0.3))
    while size.events and _count(world, "SELECT count(*) FROM bus.event") < size.events:
        time.sleep(2)
    time.sleep(3)
    ends = [began for _, began, *_ in times[1:]] + [time.time()]
    return [Happened(*one, until=until) for one, until in zip(times, ends, strict=True)], calm


def _wait_for_pace(world: World, size: Size) -> float:
    """Wait until for `pause` seconds every service has answered and nothing due was more than a second late, at
    most `gap` seconds (ten times that while the product does not answer at all). Returns when it was last otherwise,
    in seconds from now; 0 when nothing was felt."""
    began = time.monotonic()
    last_bad = 0.0
    while True:
        behind = _count(world, BEHIND)
        answers = behind >= 0 and world.is_ready()
        passed = time.monotonic() - began
        if behind != 0 or not answers:
            last_bad = passed
        if passed - last_bad >= size.pause or passed > (size.gap if answers else 10 * size.gap):
            return last_bad
        time.sleep(0.1)


def _count(world: World, query: str) -> int:
    """The number that `query` gives, -1 while the database is away."""
    try:
        with world.database() as conn:
            return conn.execute(query).fetchone()[0]
    except psycopg.Error:
        return -1


def _come_to_rest(world: World, size: Size, tell: Tell) -> tuple[evidence.Evidence, checker.Verdict]:
    """Heal everything and look until all is well or patience ends: what is promised may still be under way."""
    world.heal()
    until = time.monotonic() + size.rest
    while (
        _count(world, "SELECT count(*) FROM bus.inbox WHERE state = 'due'") != 0 and time.monotonic() < until
    ):
        time.sleep(1)
    while True:
        found = evidence.collect(world)
        verdict = checker.judge(found)
        if verdict.is_good or time.monotonic() > until:
            break
        time.sleep(3)
    found.deaf = not _wait_for_listeners(world)
    found.leaks = leaks.look(world)
    tell(f"at rest after {size.rest - (until - time.monotonic()):.0f} s")
    return found, checker.judge(found)


def _wait_for_listeners(world: World) -> bool:
    """Whether every worker waits for doorbells again. One that does not would go unnoticed: it looks by itself."""
    until = time.monotonic() + LISTEN_SECONDS
    while world.broker.listening() < len(QUEUES):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _compare(world: World, size: Size, harm: Harm, tell: Tell) -> Result:
    found, verdict = _come_to_rest(world, size, tell)
    work = recovery.series(world, found.accepted)
    result = Result(
        size,
        verdict,
        acknowledged=len(found.ledger),
        events=_count(world, "SELECT count(*) FROM bus.event"),
        messages=len(found.accepted),
        seconds=time.time() - harm.began,
        happened=harm.happened,
        felt=recovery.felt(work, harm.calm, harm.happened),
        client=json.loads((world.folder / "load.json").read_text()),
    )
    for problem in result.client["problems"]:
        result.verdict.stuck.append(f"client: {problem}")
    return result
