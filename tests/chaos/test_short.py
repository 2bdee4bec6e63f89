"""The short chaos run, on the whole product: every kind of fault once, nothing lost, nothing doubled."""

import dataclasses
import sys

import pytest

from tests.chaos import report, run
from tests.chaos.faults import CATALOGUE

BROKER = tuple(name for name, one in CATALOGUE.items() if name.startswith("broker") and one.short is not None)


def carried_out(folder, size, capsys):
    """The result of a run. Seed and figures belong into the log of every run, not only of one that fails."""
    said = [f"chaos on {size.broker} with seed {size.seed}: repeat with RUTA_CHAOS_SEED={size.seed}"]
    result = run.run(folder, size, said.append)
    told = "\n".join([*said, report.as_text(result)])
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
    assert result.verdict.is_good, told
    return result


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_whatever_is_killed(run_folder, seed, capsys):
    result = carried_out(run_folder, run.short(seed), capsys)
    assert len(result.happened) >= 25


@pytest.mark.rabbitmq
@pytest.mark.timeout(600)
def test_nor_on_another_broker_whatever_is_done_to_it(run_folder, seed, capsys):
    size = dataclasses.replace(run.short(seed), only=(*BROKER, "all processes killed"), broker="rabbitmq")
    result = carried_out(run_folder, size, capsys)
    assert {one.name for one in result.happened} == set(size.only)
