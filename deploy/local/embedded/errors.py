"""What can go wrong with the embedded stack, as one sentence for the person at the terminal."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot start or stop. The message is one sentence in Spanish and the same in English."""

    def __init__(self, spanish: str, english: str) -> None:
        super().__init__(f"{spanish}\n{english}")


class FolderInUse(StackError):
    """Another process runs a stack in the same data folder."""


class PortInUse(StackError):
    """Another process listens where we were asked to listen."""
