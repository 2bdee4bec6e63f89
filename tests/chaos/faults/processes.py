"""Processes that are killed, stopped or paused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import psutil

from tests.chaos.clocks import LIBRARY, wrong_by
from tests.chaos.faults.catalogue import fault
from tests.chaos.world import World

SERVICES = ("intake", "referral", "notifications")
WORKERS = tuple(f"worker-{name}" for name in SERVICES)


def kill(world: World, name: str, *, first: int = 0) -> None:
    """SIGKILL process `name` (from its `first` descendant on: 0 is the process itself)."""
    for process in world.processes(name)[first:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@contextlib.contextmanager
def suspended(processes: Sequence[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


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


@fault("supervisor killed")
def kill_supervisor(world, chance):
    """Its children hear of it and stop; whoever looks after the machine starts it again on the same folder."""
    world.kill_machine()
    world.start_machine()
    yield


@fault("worker with a wrong clock", short=8, full=20, possible=lambda _: LIBRARY is not None)
def wrong_clock(world, chance):
    """A worker on a host whose clock is an hour ahead or behind takes its part of the work for a while."""
    with world.guest(chance.choice(SERVICES), **wrong_by(chance.choice((1, -1)))):
        yield


@fault("workers paused", short=2, full=20)
def pause_workers(world, chance):
    with suspended([process for name in WORKERS for process in world.processes(name)]):
        yield
