"""A process whose clock is wrong, by Debian's libfaketime. Clocks that nobody can set stay right, as on a real host."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
LIBRARY = next(iter(LIBRARIES), None)


def wrong_by(hours: int) -> dict[str, str]:
    """The environment of a process whose clock is `hours` ahead (behind when negative)."""
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{hours:+d}h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
