import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path():
    """A folder of our own: each run of pytest closes the folder above its own ones again, under running servers."""
    folder = Path(tempfile.mkdtemp(prefix="ruta-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
