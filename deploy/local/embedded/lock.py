"""One stack per data folder. The kernel drops the lock when its holder dies, so none is ever stale."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from deploy.local.embedded.errors import FolderInUse


class FolderLock:
    """An exclusive lock on `folder`, from `take()` to `release()` or to the death of this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises FolderInUse, naming the holder's pid, when another process has it."""
        file = (self.folder / "lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = holder_of(self.folder) or "?"
            file.close()
            raise FolderInUse(
                f"La carpeta {self.folder} ya está en uso por otra Ruta (proceso {holder}): deténgala o use --data.",
                f"The folder {self.folder} is in use by another Ruta (process {holder}): stop it or use --data.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def holder_of(folder: Path) -> int | None:
    """The pid of the process that holds the lock of `folder`, or None when nobody does."""
    try:
        with (folder / "lock").open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                text = file.read().strip()
                return int(text) if text.isdigit() else 0
    except FileNotFoundError:
        return None
    return None
