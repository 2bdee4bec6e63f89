"""The processes of Ruta on one machine: a web process and one Celery worker per service."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from deploy.local.embedded.children import Program
from deploy.local.embedded.forked import CAN_FORK, freeze
from deploy.local.environment import Address
from shared.background import GRACE_SECONDS

SERVICES = ("intake", "referral", "notifications")
ROOT = Path(__file__).parents[2]
WEB = "deploy.local.web"
WORKERS = {name: f"services.{name}.worker" for name in SERVICES}


def programs_of(data: Path, settings: Mapping[str, str], address: Address) -> list[Program]:
    """What `ruta up` runs beside PostgreSQL and Valkey; what they need is imported."""
    preload()

    def program(name: str, module: str, call: Callable[[], object], *arguments: str) -> Program:
        return Program(
            name=name,
            command=(sys.executable, "-m", module, *arguments),
            log=data / "log" / f"{name}.log",
            env=settings,
            grace=GRACE_SECONDS,
            folder=ROOT,
            call=call,
        )

    return [
        program("web", WEB, partial(_serve, address), address.host, str(address.port)),
        *(program(f"worker-{name}", module, partial(_work, module)) for name, module in WORKERS.items()),
    ]


def preload() -> None:
    """Import what the processes need, once for all of them: see `embedded.forked`."""
    if CAN_FORK:
        for module in (WEB, *WORKERS.values()):
            importlib.import_module(module)
        freeze()


def _serve(address: Address) -> None:
    importlib.import_module(WEB).serve(address.host, address.port)


def _work(module: str) -> None:
    importlib.import_module(module).main()
