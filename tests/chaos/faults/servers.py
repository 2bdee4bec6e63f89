"""The broker and the database: flushed, paused, killed, restarted, and robbed of connections."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
from collections.abc import Callable, Iterator

import psycopg

from tests.chaos.faults.catalogue import fault
from tests.chaos.faults.processes import kill, suspended
from tests.chaos.world import World


@fault("broker flushed")
def flush_broker(world, chance):
    world.broker.flush()
    yield


@fault("broker paused", short=5, full=60)
def pause_broker(world, chance):
    with suspended(world.broker.processes()):
        yield


@fault("broker killed")
def kill_broker(world, chance):
    world.broker.kill()
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


@fault("disk full", short=3, full=15, possible=lambda world: world.disk.mounted)
def fill_disk(world, chance):
    """Not a byte is left for the database, the broker, the logs and the supervisor's notes. Whatever is freed meanwhile
    is taken as well; now and then the database is made to want a new segment of its log."""
    wanted = chance.random() < 0.5

    def go_on():
        world.disk.fill()
        if wanted:
            with contextlib.suppress(psycopg.Error), world.database() as admin:
                admin.execute("SELECT pg_switch_wal()")

    try:
        world.disk.fill()
        with in_background(go_on, every=0.2):
            yield
    finally:
        world.disk.give_back()


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
