"""Settings: one frozen dataclass per process, read from the environment once.

    @dataclass(frozen=True)
    class Settings:
        database_url: str = setting("INTAKE_DATABASE_URL", secret=True, doc="PostgreSQL, role ruta_intake")
        max_batch: int = setting("INTAKE_MAX_BATCH", default=1000, parse=int, doc="lines per batch")

    settings = load(Settings)

A missing value stops the process with one error that names all that is missing. There is no default that is
right only in tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

T = TypeVar("T")


class SettingsError(Exception):
    """The environment lacks settings, or holds some that cannot be read. The message names each, never its value."""


def setting(
    name: str,
    *,
    default: Any = MISSING,
    parse: Callable[[str], Any] = str,
    secret: bool = False,
    doc: str = "",
) -> Any:
    """A dataclass field read from the environment variable `name`.

    A `secret` does not show in the dataclass's repr.
    """
    metadata = {"env": name, "parse": parse, "secret": secret, "doc": doc}
    if default is MISSING:
        return field(metadata=metadata, repr=not secret, kw_only=True)
    return field(default=default, metadata=metadata, repr=not secret, kw_only=True)


def load(cls: type[T], environ: Mapping[str, str] | None = None) -> T:
    """Read `cls` from the environment. Raises SettingsError that names every missing or unreadable variable."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    problems: list[str] = []
    for one in described(cls):
        text = source.get(one.metadata["env"], "")
        if text == "":
            if one.default is MISSING:
                problems.append(f"{one.metadata['env']} is missing ({one.metadata['doc']})")
            continue
        try:
            values[one.name] = one.metadata["parse"](text)
        except (ValueError, TypeError):
            problems.append(f"{one.metadata['env']} cannot be read ({one.metadata['doc']})")
    if problems:
        raise SettingsError("; ".join(problems))
    return cls(**values)


def described(cls: type) -> list[Field[Any]]:
    """The fields of `cls` that come from the environment, in order."""
    return [one for one in fields(cls) if "env" in one.metadata]


def flag(text: str) -> bool:
    """Parse `true/false`, `1/0`, `yes/no`. Raises ValueError for anything else."""
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on", "si"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError(text)
