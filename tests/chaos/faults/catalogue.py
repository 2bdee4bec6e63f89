"""The catalogue of faults, and how one happens."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.chaos.world import World

Harm = Callable[[World, random.Random], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """`short` and `full` are how many seconds it lasts in the two sizes of a run; 0 for what happens at once, None for
    what a short run leaves out. `possible` says whether this machine lets it happen."""

    name: str
    harm: Harm
    short: float | None = 0.0
    full: float = 0.0
    possible: Callable[[World], bool] = lambda _: True


CATALOGUE: dict[str, Fault] = {}


def fault(
    name: str,
    *,
    short: float | None = 0.0,
    full: float = 0.0,
    possible: Callable[[World], bool] = lambda _: True,
) -> Callable[[Callable[..., Iterator[None]]], Harm]:
    """Enter a fault into the catalogue."""

    def enter(harm: Callable[..., Iterator[None]]) -> Harm:
        made = contextlib.contextmanager(harm)
        CATALOGUE[name] = Fault(name, made, short, full, possible)
        return made

    return enter


def plan(seed: int, count: int | None, only: Sequence[str] = ()) -> list[Fault]:
    """`count` faults in an order that `seed` decides: every kind once before any comes again. Without a count: once
    each kind that a short run has. `only` names the kinds, when not all are wanted."""
    chance = random.Random(seed)
    kinds = [one for one in CATALOGUE.values() if not only or one.name in only]
    if count is None:
        kinds = [one for one in kinds if one.short is not None or only]
        count = len(kinds)
    chosen: list[Fault] = []
    while len(chosen) < count:
        round_of = list(kinds)
        chance.shuffle(round_of)
        chosen += round_of
    return chosen[:count]


def happen(world: World, one: Fault, chance: random.Random, *, full: bool) -> tuple[float, float]:
    """Let it happen. Returns when it began and when its cause was gone (seconds since the epoch)."""
    began = time.time()
    with one.harm(world, chance):
        time.sleep(one.full if full or one.short is None else one.short)
    return began, time.time()
