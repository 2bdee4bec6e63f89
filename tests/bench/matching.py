"""Candidates for one need among 100,000 and 1,000,000 services, spread over the kinds of help and the localities
of the code lists; every hard filter and the whole score, one core."""

from __future__ import annotations

import gc
import random
import time
from datetime import UTC, date, datetime, timedelta

from services.referral.domain.directory import Capacity, CapacityStatus, Service
from services.referral.domain.filters import Wanted
from services.referral.domain.matching import match
from services.referral.domain.snapshot import Snapshot
from shared import codes
from tests.bench.figures import Figure, Results

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SIZES = {100_000: 3.0, 1_000_000: 30.0}
NEEDS = 200


def run(_stack: object, results: Results) -> None:
    """Add the median time of one match for each size, in milliseconds."""
    for size, budget in SIZES.items():
        snapshot = Snapshot().with_changes(services(size), version=1)
        values = [median_ms(snapshot, seed) for seed in range(3)]
        results.add(
            Figure(
                f"candidates for one need among {size:,} services",
                "ms",
                values,
                budget=budget,
                at_least=False,
            )
        )
        del snapshot
        gc.collect()


def services(size: int) -> list[Service]:
    """`size` services, one in four of them outside what most needs can use."""
    chance = random.Random(size)
    kinds = [kind for kind in codes.load("service_types") if kind != "EM_LINE"]
    places = list(codes.load("localities").values())
    until = NOW + timedelta(days=3)
    found = []
    for number in range(size):
        place = chance.choice(places)
        found.append(
            Service(
                id=f"{number:036d}",
                organization_id=f"{number // 3:036d}",
                name="",
                types=frozenset({chance.choice(kinds)}),
                country=place.fact("country"),
                areas=frozenset({place.code}),
                minimum_age=chance.choice([None, None, None, 18]),
                verified_at=date(2026, 2, 1),
                gates={"gbv_vetted": None, "cp_vetted": None, "tip_vetted": None},
                capacity=Capacity(CapacityStatus.HAS_CAPACITY, chance.randrange(4), until, NOW),
            )
        )
    return found


def median_ms(snapshot: Snapshot, seed: int) -> float:
    """The median of NEEDS matches for made-up people."""
    chance = random.Random(seed)
    kinds = [kind for kind in codes.load("service_types") if kind != "EM_LINE"]
    places = list(codes.load("localities").values())
    times = []
    for number in range(NEEDS):
        place = chance.choice(places)
        wanted = Wanted(
            seed=f"{number:036d}",
            need_code="LEG.REG",
            service_type=chance.choice(kinds),
            priority=chance.randrange(4),
            country=place.fact("country"),
            locality=place.code,
            age_band=chance.choice(["5-11", "12-17", "18-59", "60+"]),
            gender=chance.choice(["woman", "man", "trans_woman"]),
        )
        begun = time.perf_counter()
        match(snapshot, wanted, now=NOW)
        times.append(time.perf_counter() - begun)
    return sorted(times)[NEEDS // 2] * 1000
