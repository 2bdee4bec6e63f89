"""So much processor and no more, for a group of processes: a control group of Linux, version 1 or 2."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_US = 100_000
ROOT = Path("/sys/fs/cgroup")


@contextmanager
def quota(name: str, cores: float) -> Iterator[Path]:
    """A group that gets `cores` at most; yields the file to write a pid to. Raises OSError where that is forbidden."""
    version_1 = (ROOT / "cpu").is_dir()
    group = (ROOT / "cpu" if version_1 else ROOT) / f"ruta-bench-{os.getpid()}-{name}"
    if not version_1:
        with contextlib.suppress(OSError):
            (ROOT / "cgroup.subtree_control").write_text("+cpu")
    group.mkdir()
    try:
        allowed = int(cores * PERIOD_US)
        if version_1:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(allowed))
        else:
            (group / "cpu.max").write_text(f"{allowed} {PERIOD_US}")
        yield group / "cgroup.procs"
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    """The last one in it may not be quite dead yet."""
    until = time.monotonic() + 5
    while group.exists() and time.monotonic() < until:
        with contextlib.suppress(OSError):
            group.rmdir()
        time.sleep(0.05)
