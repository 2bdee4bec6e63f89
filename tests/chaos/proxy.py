"""A TCP proxy on loopback that can delay, reset, go silent and refuse, on command."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field

CHUNK = 65_536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST


@dataclass(eq=False)
class Pair:
    """A client's connection and ours to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    silent: bool = False
    stranded: bool = False
    held: bool = False
    forever: asyncio.Future[None] | None = None
    """What a held connection waits for. Kept here: a task whose future nobody holds is collected, and hangs up."""


@dataclass
class Proxy:
    """Forwards 127.0.0.1:`port` to `target` in a thread of its own until `close()`.

    `delay` holds each chunk back by that many seconds. `reset()` breaks every connection at once. `silence()` makes
    connections half-open: the server loses them, the client hears nothing, new ones are accepted and not answered,
    until `heal()`, which breaks them as a rebooted host would. `strand()` does so to the connections that are open now,
    for good: nothing ever breaks them, and new ones are forwarded. With `held` the server does not lose them either: it
    hears nothing more, and not even that the client hung up.
    """

    target: tuple[str, int]
    port: int = 0
    delay: float = 0.0
    silent: bool = False
    _pairs: set[Pair] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> Proxy:
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="proxy", daemon=True)
        self._thread.start()
        listening.wait()
        return self

    def reset(self) -> int:
        """Break every connection. Returns how many there were."""
        return self._do(self._break(lambda pair: True))

    def silence(self) -> None:
        self.silent = True
        self._do(self._hush())

    def strand(self, *, held: bool = False) -> None:
        self._do(self._hush(for_good=True, held=held))

    def heal(self) -> None:
        """Forward as if nothing had been."""
        self.delay, self.silent = 0.0, False
        self._do(self._break(lambda pair: pair.silent and not pair.stranded))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = Pair(writer, silent=self.silent)
        self._pairs.add(pair)
        try:
            if pair.silent:
                await self._swallow(reader)
                return
            server_reader, pair.server = await asyncio.open_connection(*self.target)
            ways = [
                asyncio.ensure_future(self._forward(reader, pair.server, pair)),
                asyncio.ensure_future(self._forward(server_reader, writer, pair)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if pair.silent:
                await ways[0]
                await self._swallow(reader)
            if pair.held:
                pair.forever = self._loop.create_future()
                await pair.forever
            for way in ways:
                way.cancel()
        except (OSError, asyncio.CancelledError):
            pass  # the target is away, or we end: the client sees a closed connection
        finally:
            self._pairs.discard(pair)
            for side in (pair.client, pair.server):
                if side is not None:
                    side.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pair: Pair) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if not pair.silent:
                    writer.write(data)
                    await writer.drain()

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while await reader.read(CHUNK):
                pass

    async def _hush(self, *, for_good: bool = False, held: bool = False) -> None:
        for pair in list(self._pairs):
            pair.silent = True
            pair.stranded |= for_good
            pair.held |= held
            if pair.server is not None and not held:
                pair.server.transport.abort()

    async def _break(self, which) -> int:
        broken = [pair for pair in self._pairs if which(pair)]
        for pair in broken:
            for side in (pair.client, pair.server):
                if side is not None:
                    _reset(side)
        return len(broken)


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
