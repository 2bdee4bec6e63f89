"""`ruta up` on another broker: `python -m tests.bench.other_broker DATA PORT`, its URL in BENCH_BROKER_URL."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.embedded.children import Program
from deploy.local.environment import Address
from deploy.local.processes import Supervisor
from deploy.local.programs import programs_of


def on_other_broker(data: Path, settings: Mapping[str, str], address: Address) -> list[Program]:
    """All of our processes, none of them knowing the embedded Valkey."""
    return programs_of(data, {**settings, "BROKER_URL": os.environ["BENCH_BROKER_URL"]}, address)


def main() -> None:
    address = Address("127.0.0.1", int(sys.argv[2]))
    supervisor = Supervisor(Path(sys.argv[1]), address, programs=on_other_broker)
    supervisor.on_signals()
    supervisor.start()
    supervisor.run()


if __name__ == "__main__":
    main()
