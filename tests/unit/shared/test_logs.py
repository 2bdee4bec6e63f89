"""Logs: a full disk costs lines, never work."""

import subprocess
import sys

PROGRAM = """
import logging, sys
from shared import logs
logs.configure("sample")
logs.get("sample").info("said")
logging.getLogger("library").warning("said")
sys.stderr.write("went on")
"""


def test_a_line_that_cannot_be_written_stops_nobody():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert "went on" in done.stderr
