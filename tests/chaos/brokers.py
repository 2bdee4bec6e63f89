"""The broker of a chaos run: the embedded Valkey, which the product looks after itself, or a RabbitMQ by URL."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil
import redis
from celery import Celery

from tests.support.rabbitmq import RabbitMQ

QUEUES = ("intake", "referral", "notifications")
RESTART_SECONDS = 1.0
"""What a system that looks after RabbitMQ waits before it starts it again."""


class Broker(Protocol):
    """What faults do to a broker, and what is looked for in it."""

    @property
    def port(self) -> int:
        """Where it listens, past the proxy."""

    def url(self, proxy_port: int) -> str:
        """How the product reaches it through the proxy; "" when it knows by itself."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def flush(self) -> None:
        """Everything in it is gone."""

    def kill(self) -> None:
        """SIGKILL. Somebody starts it again."""

    def processes(self) -> list[psutil.Process]: ...

    def listening(self) -> int:
        """How many workers wait for its doorbells at this moment."""

    def values(self) -> Iterator[tuple[str, str]]:
        """What is in it, by name."""

    def folder(self) -> Path:
        """Where it keeps that."""


def broker_of(kind: str, folder: Path, embedded: Valkey) -> Broker:
    """The broker of that `kind`: `embedded` for `valkey`, else a `rabbitmq` in `folder`. Raises KeyError for others."""
    makers: dict[str, Callable[[], Broker]] = {"valkey": lambda: embedded, "rabbitmq": lambda: Rabbit(folder)}
    return makers[kind]()


class Valkey:
    """The embedded one. `port`, `password` and `processes` ask the running product."""

    def __init__(
        self,
        data: Path,
        port: Callable[[], int],
        password: Callable[[], str],
        processes: Callable[[], list[psutil.Process]],
    ) -> None:
        self._data, self._port, self._password, self._processes = data, port, password, processes

    @property
    def port(self) -> int:
        return self._port()

    def url(self, proxy_port: int) -> str:
        return ""

    def start(self) -> None:
        """The product starts it."""

    def stop(self) -> None:
        """The product stops it."""

    def flush(self) -> None:
        with self._client() as client:
            client.flushall()

    def kill(self) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def processes(self) -> list[psutil.Process]:
        return self._processes()

    def listening(self) -> int:
        with self._client() as client:
            return sum("brpop" in one["cmd"] for one in client.client_list())

    def values(self) -> Iterator[tuple[str, str]]:
        with self._client() as client:
            yield from values_of(client)

    def folder(self) -> Path:
        return self._data / "valkey"

    def _client(self) -> redis.Redis:
        return redis.Redis(port=self.port, password=self._password(), socket_timeout=5)


class Rabbit:
    """A server beside the product, which Docker or systemd would look after; here we do."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._server = RabbitMQ(folder)

    @property
    def port(self) -> int:
        return self._server.port

    def url(self, proxy_port: int) -> str:
        return f"amqp://guest:guest@127.0.0.1:{proxy_port}//"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def flush(self) -> None:
        """The queues are gone, and with them what was in them and who listened to them."""
        with self._channel() as channel:
            for queue in QUEUES:
                channel.queue_delete(queue)

    def kill(self) -> None:
        self._server.stop()
        time.sleep(RESTART_SECONDS)
        self._server.start()

    def processes(self) -> list[psutil.Process]:
        return self._server.processes()

    def listening(self) -> int:
        with self._channel() as channel:
            return sum(channel.queue_declare(queue, passive=True).consumer_count for queue in QUEUES)

    def values(self) -> Iterator[tuple[str, str]]:
        """Doorbells that nobody has taken."""
        with self._channel() as channel:
            for queue in QUEUES:
                while (message := channel.basic_get(queue, no_ack=True)) is not None:
                    yield queue, f"{message.body!r} {message.headers!r}"

    def folder(self) -> Path:
        return self._folder

    @contextlib.contextmanager
    def _channel(self) -> Iterator[Any]:
        with Celery("chaos", broker=self._server.url).connection_for_write() as connection:
            yield connection.default_channel


def values_of(client: redis.Redis) -> Iterator[tuple[str, str]]:
    """What is in a Valkey, by name."""
    for key in client.scan_iter(count=500):
        yield repr(key), repr(_value(client, key))


def _value(client: redis.Redis, key: bytes) -> object:
    readers: dict[bytes, Callable[[bytes], object]] = {
        b"string": client.get,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1),
    }
    return readers.get(client.type(key), lambda name: name)(key)
