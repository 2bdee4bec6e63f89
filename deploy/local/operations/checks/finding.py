"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deploy.local.terminal import either


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """`spanish` and `english` say what was seen and, unless all is well, what to do."""

    state: State
    name: str
    spanish: str
    english: str

    @property
    def text(self) -> str:
        return either(self.spanish, self.english)


def ok(name: str, spanish: str, english: str) -> Finding:
    return Finding(State.OK, name, spanish, english)


def warn(name: str, spanish: str, english: str) -> Finding:
    return Finding(State.WARN, name, spanish, english)


def fail(name: str, spanish: str, english: str) -> Finding:
    return Finding(State.FAIL, name, spanish, english)
