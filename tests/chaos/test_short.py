"""The short chaos run, on the whole product: every kind of fault once, nothing lost, nothing doubled."""

import os
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


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_whatever_is_killed(folder):
    seed = int(os.environ.get("RUTA_CHAOS_SEED", "11"))  # the same in every run; `make chaos` draws its own
    said = [f"repeat with RUTA_CHAOS_SEED={seed}"]
    result = run.run(folder, run.short(seed), said.append)
    told = "\n".join([*said, report.as_text(result)])
    sys.stdout.write(told)
    assert result.verdict.is_good, told
    assert len(result.happened) >= 20
