"""OpenTelemetry traces across HTTP, bus and Celery, when an endpoint is set; nothing otherwise.

A trace *is* a correlation id: its 128 bits are those of the UUID under which the first request came in. So a request,
the drains that act on its events hours later in other processes, and the message that follows stand in one trace,
and nothing needs to be carried along that does not travel anyway. Spans hold names of routes, jobs and event types
and counts, never what is in them.

`OTEL_EXPORTER_OTLP_ENDPOINT` turns it on; it needs the extra `tracing`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from shared import logs

log = logs.get(__name__)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

_tracer: Any = None


def configure(service: str) -> bool:
    """Turn tracing on if an endpoint is set and the extra `tracing` is installed. Returns whether it is on.

    The endpoint is a common variable, often set for a whole machine: without the extra a warning is logged, and no
    process that carries emergencies ends for want of traces.
    """
    global _tracer  # noqa: PLW0603 - one tracer per process, like the logger
    if not os.environ.get(ENDPOINT):
        return False
    if not installed():
        log.warning("no traces: the extra `tracing` is not installed", where=ENDPOINT)
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"ruta-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("ruta")
    return True


def installed() -> bool:
    """Whether the extra `tracing` is there."""
    try:
        return importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def span(
    name: str, correlation_id: str | None = None, **attributes: str | int
) -> AbstractContextManager[Any]:
    """A span called `name` in the trace of `correlation_id`, or below the current span without one."""
    if _tracer is None:
        return nullcontext()
    return _tracer.start_as_current_span(
        name, context=_context(correlation_id), attributes=attributes, record_exception=False
    )


@contextmanager
def spans(name: str, correlation_ids: Sequence[str | None]) -> Iterator[None]:
    """One span per distinct correlation id around work that a batch does for all of them together."""
    if _tracer is None:
        yield
        return
    opened = [
        _tracer.start_span(name, context=_context(one), attributes={"ruta.batch": len(correlation_ids)})
        for one in dict.fromkeys(correlation_ids)
        if one
    ]
    try:
        yield
    finally:
        for one in opened:
            one.end()


def trace_id(correlation_id: str) -> int:
    """The trace of a correlation id: the UUID's own bits, or a hash's for an id of another form."""
    try:
        return uuid.UUID(correlation_id).int
    except ValueError:
        return int.from_bytes(hashlib.sha256(correlation_id.encode()).digest()[:16], "big")


def _context(correlation_id: str | None) -> Any:
    if not correlation_id:
        return None
    from opentelemetry import trace  # noqa: PLC0415

    number = trace_id(correlation_id)
    root = trace.SpanContext(
        trace_id=number,
        span_id=(number & 0xFFFFFFFFFFFFFFFF) or 1,
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(root))
