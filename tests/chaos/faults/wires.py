"""The wires to the database and the broker, and the SMS gateway at the end of another."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.chaos.faults.catalogue import fault


@contextlib.contextmanager
def delayed(proxy, seconds: float) -> Iterator[None]:
    proxy.delay = seconds
    try:
        yield
    finally:
        proxy.delay = 0.0


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


@fault("database silent for good", short=None, full=2)
def strand_database(world, chance):
    """What is open goes silent and is never broken: only those who wait can notice."""
    world.database_proxy.strand()
    yield


@fault("database silent, and not told", short=None, full=2)
def hold_database(world, chance):
    """The same, and the server goes on believing in those connections, with all that they hold."""
    world.database_proxy.strand(held=True)
    yield


@fault("broker silent for good", short=1, full=2)
def strand_broker(world, chance):
    world.broker_proxy.strand()
    yield


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
gateway_fault("gateway answers garbage", "garbage", short=1, full=5)
gateway_fault("gateway redirects", "redirect", short=1, full=5)
gateway_fault("gateway answers 200 with an error", "error", short=1, full=5)
