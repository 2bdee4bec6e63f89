"""The machine that worker hosts work for: `python -m tests.bench.head DATA PORT` is `ruta up` without its workers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.embedded.children import Program
from deploy.local.environment import Address
from deploy.local.processes import Supervisor
from deploy.local.programs import programs_of


def without_workers(data: Path, settings: Mapping[str, str], address: Address) -> list[Program]:
    """The web process alone."""
    return [one for one in programs_of(data, settings, address) if not one.name.startswith("worker")]


def main() -> None:
    address = Address("127.0.0.1", int(sys.argv[2]))
    supervisor = Supervisor(Path(sys.argv[1]), address, programs=without_workers)
    supervisor.on_signals()
    supervisor.start()
    supervisor.run()


if __name__ == "__main__":
    main()
