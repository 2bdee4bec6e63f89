"""Processes that are killed, stopped or paused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil

from tests.chaos.faults.catalogue import fault
from tests.chaos.world import World

WORKERS = ("worker-intake", "worker-referral", "worker-notifications")


def kill(world: World, name: str, *, first: int = 0) -> None:
    """SIGKILL process `name` (from its `first` descendant on: 0 is the process itself)."""
    for process in world.processes(name)[first:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


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
