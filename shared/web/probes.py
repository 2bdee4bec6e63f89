"""Health, readiness and metrics that tell the truth."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import prometheus_client as prometheus
from flask import Flask, Response, current_app, g, jsonify, request
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, text

from shared import logs, tracing
from shared.web.access import METHODS, public

log = logs.get("web")
SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""Names a folder where several processes of one service behind one port count together, so that `metrics` tells their
sum whichever answers. `deploy/image/start.sh` makes it; the library itself reads it when it is imported."""


@dataclass(frozen=True)
class Check:
    """Something this service stands on. `probe` raises when it is away.

    Without a `required` one the service cannot work (503); without another it works, slower (200, `degraded`).
    """

    name: str
    probe: Callable[[], object]
    required: bool = True


@dataclass(frozen=True)
class Gauge:
    """A figure read when somebody looks: `read` returns (label values, number) pairs."""

    name: str
    description: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[tuple[Sequence[str], float]]]


def database_check(engine: Engine) -> Check:
    """The database answers."""

    def probe() -> None:
        with engine.connect() as conn:
            conn.execute(text("select 1"))

    return Check("database", probe, required=True)


class GaugeCollector(Collector):
    """Probes and reads at scrape time. A gauge that cannot be read is left out, not answered with an old figure; all
    are, when something is away that the service cannot work without: each would wait for it in vain."""

    def __init__(self, service: str, checks: Sequence[Check], gauges: Sequence[Gauge]) -> None:
        self.service = service
        self.checks = tuple(checks)
        self.gauges = tuple(gauges)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        states = {check.name: _state(check) for check in self.checks}
        family = GaugeMetricFamily(
            "ruta_check_ok", "Whether what the service stands on is well", labels=("service", "check")
        )
        for name, state in states.items():
            family.add_metric([self.service, name], float(state == "ok"))
        yield family
        if "unavailable" not in states.values():
            yield from self._read()

    def _read(self) -> Iterable[GaugeMetricFamily]:
        for gauge in self.gauges:
            family = GaugeMetricFamily(gauge.name, gauge.description, labels=gauge.labels)
            try:
                for labels, value in gauge.read():
                    family.add_metric(list(labels), value)
            except Exception as error:
                log.warning("gauge_unreadable", error_class=type(error).__name__, where=gauge.name)
                continue
            yield family


def install(app: Flask, *, checks: Sequence[Check], gauges: Sequence[Gauge]) -> prometheus.CollectorRegistry:
    """Add /<service>/health, /ready and /metrics. Returns the registry for counters of the service's own."""
    registry = prometheus.CollectorRegistry()
    own = None if os.environ.get(SHARED_COUNTS) else registry
    requests = prometheus.Counter(
        "ruta_http_requests", "Requests by route", ("method", "route", "status"), registry=own
    )
    seconds = prometheus.Histogram(
        "ruta_http_seconds", "Time to answer by route", ("method", "route"), registry=own
    )
    if own is None:
        MultiProcessCollector(registry)
    registry.register(GaugeCollector(app.name, checks, gauges))

    def measure(response: Response) -> Response:
        method = request.method if request.method in METHODS else "other"
        route = request.url_rule.rule if request.url_rule is not None else "(none)"
        requests.labels(method, route, str(response.status_code)).inc()
        taken = time.perf_counter() - g.get("started", time.perf_counter())
        seconds.labels(method, route).observe(taken)
        if method not in {"GET", "HEAD"}:
            log.info(
                "request", method=method, route=route, status=response.status_code, seconds=round(taken, 4)
            )
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, _start)
    app.after_request(measure)
    app.extensions["ruta-checks"] = tuple(checks)
    app.extensions["ruta-metrics"] = registry
    for path, view in (("health", health), ("ready", ready), ("metrics", metrics)):
        app.add_url_rule(f"/{app.name}/{path}", path, public(view))
    return registry


def _start() -> None:
    g.started = time.perf_counter()


def traced(app: Flask) -> None:
    """One span per request, named by its route, in the trace of its correlation id."""
    if not tracing.configure(f"{app.name} web"):
        return

    def begin() -> None:
        route = request.url_rule.rule if request.url_rule is not None else "(none)"
        g.span = tracing.span(f"{request.method} {route}", g.get("correlation_id"))
        g.span.__enter__()

    def end(_error: BaseException | None) -> None:
        opened = g.pop("span", None)
        if opened is not None:
            opened.__exit__(None, None, None)

    app.before_request(begin)
    app.teardown_request(end)


def health() -> Response:
    """The process answers."""
    return jsonify(status="ok", service=current_app.name)


def ready() -> tuple[Response, int]:
    """What this service stands on, each asked now: `ready`, `degraded` (works without) or `unavailable` (503)."""
    found = {check.name: _state(check) for check in current_app.extensions["ruta-checks"]}
    states = set(found.values())
    status = "unavailable" if "unavailable" in states else "degraded" if "degraded" in states else "ready"
    return jsonify(
        status=status, service=current_app.name, checks=found
    ), 503 if status == "unavailable" else 200


def _state(check: Check) -> str:
    try:
        check.probe()
    except Exception as error:
        log.warning("check_failed", where=check.name, error_class=type(error).__name__)
        return "unavailable" if check.required else "degraded"
    return "ok"


def metrics() -> Response:
    """Prometheus text format."""
    return Response(
        prometheus.generate_latest(current_app.extensions["ruta-metrics"]),
        content_type=prometheus.CONTENT_TYPE_LATEST,
    )
