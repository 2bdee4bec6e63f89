"""Which WSGI app answers a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def by_first_segment(apps: Mapping[str, Wsgi], otherwise: Wsgi) -> Wsgi:
    """A WSGI app that hands `/<name>/…` to `apps[name]`, anything else to `otherwise`."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = str(environ.get("PATH_INFO", "")).strip("/").partition("/")[0]
        return apps.get(name, otherwise)(environ, start_response)

    return application
