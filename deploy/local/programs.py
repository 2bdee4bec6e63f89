"""The processes of Ruta on one machine: a web process and one Celery worker per service."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.embedded.children import Program
from deploy.local.environment import Address

SERVICES = ("intake", "referral", "notifications")
ROOT = Path(__file__).parents[2]
SOFT_STOP_SECONDS = 30.0  # a worker ends the batch under way, then stops
WEB_THREADS = 8


def programs_of(data: Path, settings: Mapping[str, str], address: Address) -> list[Program]:
    """What `ruta up` runs beside PostgreSQL and Valkey."""
    commands = {"web": _web(address)}
    commands |= {f"worker-{name}": (sys.executable, "-m", f"services.{name}.worker") for name in SERVICES}
    return [
        Program(
            name=name,
            command=command,
            log=data / "log" / f"{name}.log",
            env=settings,
            grace=SOFT_STOP_SECONDS,
            folder=ROOT,
        )
        for name, command in commands.items()
    ]


def _web(address: Address) -> tuple[str, ...]:
    options = {
        "--interface": "wsgi",
        "--host": address.host,
        "--port": str(address.port),
        "--workers": "1",
        "--blocking-threads": str(WEB_THREADS),
        "--backpressure": "256",
        "--log-level": "warning",
    }
    flags = [part for option in options.items() for part in option]
    return (
        sys.executable,
        "-m",
        "granian",
        *flags,
        "--no-ws",
        "--respawn-failed-workers",
        "deploy.local.web:application",
    )
