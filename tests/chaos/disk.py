"""A small disk of its own for the product's data, so that it can be filled: a loop-mounted file system. Root only."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SIZE = 6 * 1024**3
"""Bytes; the image is sparse, so only what is written takes space. Room for a full run."""


@dataclass
class Disk:
    """A disk mounted at `place`, from `mount()` to `unmount()`."""

    place: Path
    mounted: bool = False

    @property
    def image(self) -> Path:
        return self.place.with_suffix(".img")

    @property
    def ballast(self) -> Path:
        return self.place / "ballast"

    def mount(self) -> bool:
        """Whether this machine lets us."""
        if os.geteuid() != 0:
            return False
        self.place.mkdir(mode=0o700)
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        try:
            run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", self.image)
            run("mount", "-o", "loop", self.image, self.place)
        except (OSError, subprocess.CalledProcessError):
            self.image.unlink()
            return False
        self.mounted = True
        return True

    def fill(self) -> None:
        """Leave not a byte. What the product frees meanwhile is taken as well, if called again."""
        descriptor = os.open(self.ballast, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while free := self.free_bytes():
                size = os.fstat(descriptor).st_size
                try:
                    os.posix_fallocate(descriptor, size, free)
                except OSError:  # somebody was faster, or the file system needs some for itself: less, then
                    if free <= os.statvfs(self.place).f_frsize:
                        return
                    half(descriptor, size, free)
        finally:
            os.close(descriptor)

    def free_bytes(self) -> int:
        state = os.statvfs(self.place)
        return state.f_bavail * state.f_frsize

    def give_back(self) -> None:
        """Space again."""
        self.ballast.unlink(missing_ok=True)

    def unmount(self) -> None:
        """The image stays, for a look: `mount -o loop FOLDER/data.img SOMEWHERE`."""
        if self.mounted:
            run("umount", "--lazy", self.place)
            self.mounted = False


def half(descriptor: int, size: int, free: int) -> None:
    """Take half of what is free, if that can be had."""
    try:
        os.posix_fallocate(descriptor, size, max(free // 2, 1))
    except OSError:
        os.ftruncate(descriptor, size)


def run(*command: str | Path) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    subprocess.run([*map(str, command)], check=True, capture_output=True, env={**os.environ, "PATH": path})
