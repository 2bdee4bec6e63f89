"""The whole product under its own supervisor, its processes behind proxies: `python -m tests.chaos.machine FOLDER`.

FOLDER/machine.json says where the proxies and the gateway are; FOLDER/servers.json is written as soon as PostgreSQL
and Valkey run, FOLDER/ready when every service answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.local.embedded.children import Program
from deploy.local.environment import Address
from deploy.local.processes import Supervisor
from deploy.local.programs import programs_of

OWNERS = ("intake", "referral", "notifications", "identity", "bus")


@dataclass(frozen=True)
class Layout:
    """Which ports are whose."""

    web: int
    gateway: int
    database_proxy: int
    broker_proxy: int
    broker_url: str = ""
    """Of another broker than the embedded one."""


def main() -> None:
    folder = Path(sys.argv[1])
    layout = Layout(**json.loads((folder / "machine.json").read_text()))

    def programs(data: Path, settings: Mapping[str, str], address: Address) -> list[Program]:
        servers = {"database": supervisor.stack.postgres.port, "broker": supervisor.stack.valkey.port}
        write(folder / "servers.json", servers)
        given = {**settings, **through_proxies(supervisor, layout)}
        write(folder / "settings.json", given)
        return programs_of(data, given, address)

    supervisor = Supervisor(folder / "data", Address("127.0.0.1", layout.web), programs=programs)
    supervisor.on_signals()
    supervisor.start()
    write(folder / "ready", {"pid": "up"})
    supervisor.run()


def through_proxies(supervisor: Supervisor, layout: Layout) -> dict[str, str]:
    """The settings that lead each process past the proxies and to the gateway."""
    secrets = supervisor.stack.secrets
    embedded = urlsplit(supervisor.stack.broker_url)
    host = f":{embedded.password}@127.0.0.1:{layout.broker_proxy}"
    return {
        **{
            f"{owner.upper()}_DATABASE_URL": f"postgresql://ruta_{owner}:{secrets[f'POSTGRES_{owner.upper()}_PASSWORD']}"
            f"@127.0.0.1:{layout.database_proxy}/ruta"
            for owner in OWNERS
        },
        "BROKER_URL": layout.broker_url or urlunsplit(embedded._replace(netloc=host)),
        "SMS_CHANNEL": "kannel",
        "KANNEL_SENDSMS_URL": f"http://127.0.0.1:{layout.gateway}/cgi-bin/sendsms",
        "KANNEL_USERNAME": "ruta",
        "KANNEL_PASSWORD": "chaos",
        "KANNEL_SMS_FROM": "88888",
        "FOLLOW_UP_DAY_SECONDS": "4",
        "MESSAGES_PER_DAY": "1000",
        "MESSAGES_PER_WEEK": "1000",
        "LOG_LEVEL": "WARNING",
    }


def write(file: Path, content: Mapping[str, object]) -> None:
    """Written whole or not at all."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(file)


def save_layout(folder: Path, layout: Layout) -> None:
    write(folder / "machine.json", asdict(layout))


if __name__ == "__main__":
    main()
