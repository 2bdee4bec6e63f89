"""Hosts on one machine: network namespaces with a cable each to the machine that holds database and broker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field

NETWORK = "10.77"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@dataclass
class Host:
    """A host with the address 10.77.NUMBER.2; the machine is 10.77.NUMBER.1 to it."""

    number: int
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"ruta-{os.getpid()}-{self.number}"

    @property
    def cable(self) -> str:
        return f"ruta{os.getpid() % 10_000}-{self.number}"

    @property
    def machine(self) -> str:
        return f"{NETWORK}.{self.number}.1"

    def start(self) -> Host:
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.machine}/24", "dev", self.cable)
        ip("link", "set", self.cable, "up")
        for command in (
            ("addr", "add", f"{NETWORK}.{self.number}.2/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-n", self.name, *command)
        return self

    def run(self, module: str, *arguments: str) -> subprocess.Popen:
        """Start one of our modules on this host."""
        command = ["ip", "netns", "exec", self.name, sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self.processes.append(process)
        return process

    def cut(self) -> None:
        """Pull the cable: nothing gets through, and nobody is told."""
        ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        ip("link", "set", self.cable, "up")

    def remove(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


class Forwarder:
    """Listens on a host's side of the machine and forwards to a port on loopback, as a server that listens on its own
    network card would; notices a dead host by keep-alive, as PostgreSQL and Valkey are set to."""

    IDLE, INTERVAL, COUNT = 4, 2, 2
    NOTICES_WITHIN = IDLE + INTERVAL * COUNT

    def __init__(self, address: str, port: int, target: int) -> None:
        self.address, self.port, self.target = address, port, target
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self._serve, self.address, self.port))
        ready.set()
        self.loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        watched = writer.get_extra_info("socket")
        watched.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, self.IDLE)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, self.INTERVAL)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, self.COUNT)
        watched.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self.NOTICES_WITHIN * 1000)
        inner = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._pump(reader, inner[1]), self._pump(inner[0], writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    def stop(self) -> None:
        """Break every connection and end."""
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
