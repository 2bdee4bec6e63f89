"""The client's own file of what the system has promised: one line per acknowledged assessment, on disk before the
client goes on. It is the only witness that does not depend on the system."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """An assessment that was answered 2xx: what it asked for."""

    id: str
    organization_id: str
    needs: tuple[str, ...]
    at: float
    tries: int = 1


class Ledger:
    """Appends entries; thread-safe; each is on disk when `write` returns."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry)) + "\n"
        with self._lock:
            os.write(self._descriptor, line.encode())
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def read(file: Path) -> list[Entry]:
    """Every entry of a ledger, none when there is no file; a last line that was cut off is no promise."""
    entries: list[Entry] = []
    if not file.exists():
        return entries
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            break
        entries.append(Entry(**{**row, "needs": tuple(row["needs"])}))
    return entries
