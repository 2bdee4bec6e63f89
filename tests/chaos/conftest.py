"""What whole runs need."""

import os
import random
import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def run_folder():
    """A folder of our own: each run of pytest closes the one above its own folders, under running servers."""
    made = Path(tempfile.mkdtemp(prefix="ruta-chaos-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def seed():
    """The same in every run, so that a run can be compared with the last, unless RUTA_CHAOS_SEED says another, or
    `random`. `make chaos` always draws its own."""
    said = os.environ.get("RUTA_CHAOS_SEED", "11")
    return random.SystemRandom().randrange(1_000_000) if said == "random" else int(said)
