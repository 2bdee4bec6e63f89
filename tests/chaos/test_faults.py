"""Which faults a run does, in which order, and the small disk that one of them fills."""

import errno
from collections import Counter

import pytest

from tests.chaos.disk import Disk
from tests.chaos.faults import CATALOGUE, plan

LONG = {name for name, one in CATALOGUE.items() if one.short is None}


def names(faults):
    return [one.name for one in faults]


class TestPlan:
    def test_a_short_run_has_every_kind_once_but_those_that_take_long(self):
        assert LONG
        assert sorted(names(plan(1, None))) == sorted(set(CATALOGUE) - LONG)

    def test_a_full_run_has_every_kind_before_any_comes_again(self):
        counts = Counter(names(plan(1, 100)))
        assert set(counts) == set(CATALOGUE)
        assert max(counts.values()) - min(counts.values()) <= 1

    def test_the_seed_decides_the_order(self):
        assert names(plan(1, 100)) == names(plan(1, 100)) != names(plan(2, 100))

    def test_one_kind_alone(self):
        (long,) = sorted(LONG)[:1]
        assert names(plan(1, None, ["disk full", long])) in (["disk full", long], [long, "disk full"])


@pytest.mark.namespaces
class TestDisk:
    @pytest.fixture
    def disk(self, tmp_path):
        made = Disk(tmp_path / "data")
        assert made.mount()
        yield made
        made.unmount()

    def test_filled_it_takes_nothing_and_then_everything_again(self, disk):
        file = disk.place / "file"
        disk.fill()
        with pytest.raises(OSError, match="space") as full:
            file.write_bytes(bytes(10_000))
        assert full.value.errno == errno.ENOSPC
        disk.give_back()
        assert file.write_bytes(bytes(10_000)) == 10_000
