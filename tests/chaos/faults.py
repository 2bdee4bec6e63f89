"""What can go wrong. A fault begins, lasts, and ends; some are over as soon as they have begun.

Each is a context manager: entering does the harm, leaving takes the cause away. What the product does about it is
its own affair: nothing here restarts anything.
"""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import psutil
import psycopg

from tests.chaos.world import World

WORKERS = ("worker-intake", "worker-referral", "worker-notifications")
Harm = Callable[[World, random.Random], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """`short` and `full` are how many seconds it lasts in the two sizes of a run; 0 for what happens at once."""

    name: str
    harm: Harm
    short: float = 0.0
    full: float = 0.0


CATALOGUE: dict[str, Fault] = {}


def fault(
    name: str, *, short: float = 0.0, full: float = 0.0
) -> Callable[[Callable[..., Iterator[None]]], Harm]:
    """Enter a fault into the catalogue."""

    def enter(harm: Callable[..., Iterator[None]]) -> Harm:
        made = contextlib.contextmanager(harm)
        CATALOGUE[name] = Fault(name, made, short, full)
        return made

    return enter


def kill(world: World, name: str, *, first: int = 0) -> None:
    """SIGKILL process `name` (from its `first` descendant on: 0 is the process itself)."""
    for process in world.processes(name)[first:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@fault("web process killed")
def kill_web(world, chance):
    kill(world, "web")
    yield


@fault("web child killed")
def kill_web_child(world, chance):
    kill(world, "web", first=1)
    yield


@fault("intake worker killed")
def kill_intake_worker(world, chance):
    kill(world, "worker-intake")
    yield


@fault("referral worker killed")
def kill_referral_worker(world, chance):
    kill(world, "worker-referral")
    yield


@fault("notifications worker killed")
def kill_notifications_worker(world, chance):
    kill(world, "worker-notifications")
    yield


@fault("all processes killed")
def kill_all(world, chance):
    for name in ("web", *WORKERS):
        kill(world, name)
    yield


@fault("worker asked to stop")
def stop_worker(world, chance):
    for process in world.processes(chance.choice(WORKERS))[:1]:
        process.terminate()
    yield


@fault("workers paused", short=2, full=20)
def pause_workers(world, chance):
    with paused(world, *WORKERS):
        yield


@fault("broker flushed")
def flush_broker(world, chance):
    with world.broker() as broker:
        broker.flushall()
    yield


@fault("broker paused", short=5, full=60)
def pause_broker(world, chance):
    with paused(world, "valkey"):
        yield


@fault("broker killed")
def kill_broker(world, chance):
    kill(world, "valkey")
    yield


@fault("database restarted at once")
def restart_database(world, chance):
    """What `pg_ctl -m immediate` does: every process of the server ends without a checkpoint."""
    for process in world.processes("postgres")[:1]:
        process.send_signal(signal.SIGQUIT)
    yield


@fault("database killed")
def kill_database(world, chance):
    kill(world, "postgres")
    yield


@fault("backends terminated", short=2, full=10)
def terminate_backends(world, chance):
    with in_background(lambda: terminate_some(world, chance), every=0.05):
        yield


@fault("pool exhausted", short=2, full=10)
def exhaust_pool(world, chance):
    """Hold every connection that the server has to give, then break those of the services: none can come back."""
    held: list[psycopg.Connection] = []
    watcher = world.database()
    try:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(world.database("referral"))
        pids = [connection.info.backend_pid for connection in held]
        watcher.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename LIKE 'ruta\\_%%' AND usename <> 'ruta_admin' AND NOT pid = ANY(%s)",
            (pids,),
        )
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(world.database("referral"))
        yield
    finally:
        for connection in [*held, watcher]:
            connection.close()


@fault("database slow on the wire", short=2, full=10)
def delay_database(world, chance):
    with delayed(world.database_proxy, chance.uniform(0.05, 0.2)):
        yield


@fault("database connections reset")
def reset_database(world, chance):
    world.database_proxy.reset()
    yield


@fault("database half-open", short=4, full=15)
def silence_database(world, chance):
    world.database_proxy.silence()
    try:
        yield
    finally:
        world.database_proxy.heal()


@fault("broker slow on the wire", short=2, full=10)
def delay_broker(world, chance):
    with delayed(world.broker_proxy, chance.uniform(0.05, 0.2)):
        yield


@fault("broker connections reset")
def reset_broker(world, chance):
    world.broker_proxy.reset()
    yield


@fault("broker half-open", short=4, full=15)
def silence_broker(world, chance):
    world.broker_proxy.silence()
    try:
        yield
    finally:
        world.broker_proxy.heal()


def gateway_fault(name: str, mode: str, *, short: float, full: float) -> None:
    @fault(name, short=short, full=full)
    def misbehave(world, chance):
        world.gateway_mode(mode)
        try:
            yield
        finally:
            world.gateway_mode("normal")


gateway_fault("gateway slow", "slow", short=2, full=10)
gateway_fault("gateway answers 500", "refuse", short=2, full=10)
gateway_fault("gateway hangs", "hang", short=2, full=10)
gateway_fault("gateway never reports", "silent", short=2, full=10)
gateway_fault("gateway accepts and resets", "reset", short=2, full=5)


@contextlib.contextmanager
def paused(world: World, *names: str) -> Iterator[None]:
    stopped = [process for name in names for process in world.processes(name)]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


@contextlib.contextmanager
def delayed(proxy, seconds: float) -> Iterator[None]:
    proxy.delay = seconds
    try:
        yield
    finally:
        proxy.delay = 0.0


@contextlib.contextmanager
def in_background(work: Callable[[], None], *, every: float) -> Iterator[None]:
    """Do `work` again and again until the end of the block."""
    ending = threading.Event()

    def go_on() -> None:
        while not ending.wait(every):
            work()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def terminate_some(world: World, chance: random.Random) -> None:
    """Terminate one backend of a service, whatever it is doing."""
    with contextlib.suppress(psycopg.OperationalError), world.database() as admin:
        pids = admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename LIKE 'ruta\\_%' AND usename <> 'ruta_admin'"
        ).fetchall()
        if pids:
            admin.execute("SELECT pg_terminate_backend(%s)", chance.choice(pids))


def plan(seed: int, count: int) -> list[Fault]:
    """`count` faults in an order that `seed` decides: every kind once before any comes again."""
    chance = random.Random(seed)
    chosen: list[Fault] = []
    while len(chosen) < count:
        round_of = list(CATALOGUE.values())
        chance.shuffle(round_of)
        chosen += round_of
    return chosen[:count]


def happen(world: World, one: Fault, chance: random.Random, *, full: bool) -> tuple[float, float]:
    """Let it happen. Returns when it began and when its cause was gone (seconds since the epoch)."""
    began = time.time()
    with one.harm(world, chance):
        time.sleep(one.full if full else one.short)
    return began, time.time()
