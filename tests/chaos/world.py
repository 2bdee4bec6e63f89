"""Everything that runs during a chaos run, and where it is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import requests

from deploy.local.embedded import credentials
from deploy.local.embedded.ports import free_port
from tests.chaos import machine
from tests.chaos.brokers import Broker, Valkey, broker_of
from tests.chaos.disk import Disk
from tests.chaos.proxy import Proxy

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


class Broken(Exception):
    """The run cannot go on; says which log to read."""


@dataclass
class World:
    """The machine, the gateway, the load client and the proxies between them, all on loopback, all in `folder`."""

    folder: Path
    broker_kind: str = "valkey"
    database_proxy: Proxy = field(default_factory=lambda: Proxy(("127.0.0.1", 1)))
    broker_proxy: Proxy = field(default_factory=lambda: Proxy(("127.0.0.1", 1)))
    layout: machine.Layout = field(init=False)
    disk: Disk = field(init=False)
    broker: Broker = field(init=False)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.broker = broker_of(self.broker_kind, self.folder / "broker", self._embedded_broker())

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.layout.web}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.layout.gateway}"

    @property
    def secret_key(self) -> str:
        return self.secret("SECRET_KEY")

    def start(self) -> World:
        """Start everything but the load. Raises Broken when it does not come up."""
        self.disk = Disk(self.data)
        self.disk.mount()
        self.database_proxy.start()
        self.broker_proxy.start()
        self.broker.start()
        proxies = self.database_proxy.port, self.broker_proxy.port
        self.layout = machine.Layout(free_port(), free_port(), *proxies, self.broker.url(proxies[1]))
        machine.save_layout(self.folder, self.layout)
        self.spawn(
            "gateway", "tests.chaos.gateway", str(self.layout.gateway), str(self.folder / "gateway.jsonl")
        )
        self.start_machine()
        self._wait_for(self.folder / "ready")
        return self

    def start_machine(self) -> None:
        """Start the supervisor, as a person or systemd would; return when its servers run."""
        for file in ("servers.json", "ready"):
            (self.folder / file).unlink(missing_ok=True)
        self.spawn("machine", "tests.chaos.machine", str(self.folder))
        self._wait_for(self.folder / "servers.json")
        self.database_proxy.target = ("127.0.0.1", self._servers()["database"])
        self.broker_proxy.target = ("127.0.0.1", self.broker.port)

    def kill_machine(self) -> None:
        """SIGKILL the supervisor, and it alone."""
        process = self._children.pop("machine")
        process.kill()
        process.wait()

    def spawn(self, name: str, module: str, *arguments: str, **env: str) -> None:
        """Start one of our own processes, with `env` added to ours; its output goes to FOLDER/NAME.log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**os.environ, **env},
                stdout=log,
                stderr=log,
            )

    @contextlib.contextmanager
    def guest(self, service: str, **env: str) -> Iterator[None]:
        """One more worker of `service`, as on another host, with `env` besides its settings."""
        settings = json.loads((self.folder / "settings.json").read_text())
        self.spawn("guest", f"services.{service}.worker", **{**settings, **env})
        try:
            yield
        finally:
            self.stop("guest")

    def stop(self, name: str, *, patience: float = 60.0) -> None:
        """Ask one of our own processes to end, and wait."""
        process = self._children.pop(name, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """End everything, softly where possible."""
        for name in ("guest", "actors", "load", "machine", "gateway"):
            self.stop(name)
        self.broker.stop()
        for proxy in (self.database_proxy, self.broker_proxy):
            proxy.close()
        self.disk.unmount()

    def processes(self, name: str) -> list[psutil.Process]:
        """The product's process `name` (`web`, `worker-intake`, `postgres`, `valkey`, …) and its descendants, as the
        supervisor has written it down. Empty while it is down."""
        try:
            rows = json.loads((self.data / "processes.json").read_text())
        except FileNotFoundError:  # the supervisor is starting
            return []
        for row in rows:
            if row["name"] == name:
                try:
                    found = psutil.Process(row["pid"])
                    return [found, *found.children(recursive=True)]
                except psutil.NoSuchProcess:
                    return []
        return []

    def secret(self, name: str) -> str:
        if not self._secrets:
            self._secrets = credentials.read(self.data / "secrets.env")
        return self._secrets[name]

    def database(self, owner: str = "admin", *, patience: int = 5) -> psycopg.Connection:
        """A connection past the proxy, in autocommit."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.database_proxy.target[1],
            user="ruta_admin" if owner == "admin" else f"ruta_{owner}",
            password=self.secret(f"POSTGRES_{owner.upper()}_PASSWORD"),
            dbname="ruta",
            autocommit=True,
            connect_timeout=patience,
        )

    def gateway_mode(self, mode: str) -> None:
        requests.post(f"{self.gateway_url}/control", params={"mode": mode}, timeout=5).raise_for_status()

    def is_ready(self) -> bool:
        """Whether every service says that it can work."""
        try:
            return all(
                requests.get(f"{self.url}/{name}/ready", timeout=3).status_code == 200
                for name in ("intake", "referral", "notifications")
            )
        except requests.RequestException:
            return False

    def heal(self) -> None:
        """End whatever a fault may have left: proxies forward, the gateway takes messages, nothing is paused."""
        self.disk.give_back()
        self.database_proxy.heal()
        self.broker_proxy.heal()
        self.gateway_mode("normal")
        names = ("postgres", "web", "worker-intake", "worker-referral", "worker-notifications")
        ours = [process for name in names for process in self.processes(name)]
        for process in [*self.broker.processes(), *ours]:
            if process.status() == psutil.STATUS_STOPPED:
                process.resume()

    def _embedded_broker(self) -> Valkey:
        return Valkey(
            self.data,
            port=lambda: int(self._servers()["broker"]),
            password=lambda: self.secret("BROKER_PASSWORD"),
            processes=lambda: self.processes("valkey"),
        )

    def _servers(self) -> dict[str, int]:
        """The ports of the embedded servers."""
        found: dict[str, int] = json.loads((self.folder / "servers.json").read_text())
        return found

    def _wait_for(self, file: Path) -> None:
        until = time.monotonic() + START_SECONDS
        while not file.exists():
            for name, process in self._children.items():
                if process.poll() is not None:
                    raise Broken(f"{name} ended: {(self.folder / f'{name}.log').read_text()[-3000:]}")
            if time.monotonic() > until:
                raise Broken(f"not up in {START_SECONDS} s: see {self.folder}")
            time.sleep(0.05)
