"""The short chaos run, on the whole product: every kind of fault once, nothing lost, nothing doubled."""

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos import report, run


@pytest.fixture
def folder():
    """A folder of our own: each run of pytest closes the one above its own folders, under running servers."""
    made = Path(tempfile.mkdtemp(prefix="ruta-chaos-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def chosen_seed():
    """The same in every run, so that a run can be compared with the last, unless RUTA_CHAOS_SEED says another, or
    `random`. `make chaos` always draws its own."""
    said = os.environ.get("RUTA_CHAOS_SEED", "11")
    return random.SystemRandom().randrange(1_000_000) if said == "random" else int(said)


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_whatever_is_killed(folder, capsys):
    seed = chosen_seed()
    said = [f"chaos with seed {seed}: repeat with RUTA_CHAOS_SEED={seed}"]
    result = run.run(folder, run.short(seed), said.append)
    told = "\n".join([*said, report.as_text(result)])
    with capsys.disabled():  # seed and figures belong into the log of every run, not only of one that fails
        sys.stdout.write(f"\n{told}\n")
    assert result.verdict.is_good, told
    assert len(result.happened) >= 25
