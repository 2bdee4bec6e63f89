"""What the broker tells. It holds doorbells only, but a wrong setting makes them late."""

from __future__ import annotations

from collections.abc import Iterable

import redis

from deploy.local.operations.checks.finding import Finding, fail, ok, warn

FULL = 0.9


def look(url: str) -> Iterable[Finding]:
    """Reachable, no eviction, kept on disk, not full."""
    if not url:
        yield fail(
            "broker", "Falta BROKER_URL en este entorno.", "BROKER_URL is missing in this environment."
        )
        return
    if not url.startswith(("redis://", "rediss://", "valkey://", "unix://")):
        yield ok("broker", "No es Redis: no se examina.", "Not Redis: not looked at.")
        return
    try:
        with redis.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=5, decode_responses=True
        ) as client:
            settings = {
                name: client.config_get(name).get(name) for name in ("maxmemory-policy", "appendonly")
            }
            memory = client.info("memory")
    except redis.RedisError as error:
        yield fail(
            "broker",
            f"El broker no responde ({type(error).__name__}). Nada se pierde, pero todo va más lento: arránquelo.",
            f"The broker does not answer ({type(error).__name__}). Nothing is lost, all is slower: start it.",
        )
        return
    yield _eviction(settings["maxmemory-policy"])
    yield _persistence(settings["appendonly"])
    yield from _memory(int(memory.get("maxmemory", 0)), int(memory.get("used_memory", 0)))


def _eviction(policy: str | None) -> Finding:
    if policy == "noeviction":
        return ok("broker eviction", "El broker no desaloja nada.", "The broker evicts nothing.")
    return fail(
        "broker eviction",
        f"maxmemory-policy es {policy}: el broker puede tirar avisos. Póngalo en noeviction.",
        f"maxmemory-policy is {policy}: the broker may drop doorbells. Set it to noeviction.",
    )


def _persistence(append_only: str | None) -> Finding:
    if append_only == "yes":
        return ok("broker persistence", "El broker guarda en disco.", "The broker keeps a file on disk.")
    return warn(
        "broker persistence",
        "appendonly está apagado: tras un reinicio los avisos llegan con segundos de retraso. Enciéndalo.",
        "appendonly is off: after a restart doorbells are seconds late. Switch it on.",
    )


def _memory(limit: int, used: int) -> Iterable[Finding]:
    if limit and used > FULL * limit:
        yield warn(
            "broker memory",
            f"El broker usa {used * 100 // limit} % de su memoria: dele más, o busque qué la llena.",
            f"The broker uses {used * 100 // limit} % of its memory: give it more, or see what fills it.",
        )
