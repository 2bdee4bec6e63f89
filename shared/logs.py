"""JSON logs on standard output, one line per fact, with the correlation id of the request that began it all.

Only the keys in `ALLOWED` are written: a name, a phone number or a text cannot slip into a log by being passed as
an extra field. Anything else is dropped and its key listed under `dropped`, so that the omission shows.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    """event level timestamp module service correlation_id subscriber attempts count seconds state status method route
    event_id event_type subject referral_id assessment_id notification_id delivery_id account_id organization_id
    person_id need_id error error_class where reason channel code job due lag port pid signal version process
    doorbell batch role template_id table row_id file line duration_ms exception""".split()
)


def configure(service: str, *, level: str = "INFO") -> None:
    """Set structlog and the standard library's logging up for this process."""
    logging.basicConfig(level=level, stream=sys.stdout, format="%(message)s", force=True)
    for noisy in ("urllib3", "kombu", "amqp", "celery.utils.functional"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _use_safe_processors(level)
    structlog.contextvars.bind_contextvars(service=service)


def _use_safe_processors(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_class_only,
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=_Output,
    )


class _Output(structlog.PrintLogger):
    """Standard output. A line that cannot be written (the disk is full) is lost; the work that it tells of is not."""

    def __init__(self, *_: Any) -> None:
        super().__init__()

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def get(name: str) -> Any:
    """A structlog logger bound to `name`."""
    return structlog.get_logger(module=name)


def _exception_class_only(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """An exception's text may quote a row's values: only its class and the place in our code are written."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["error_class"] = info[0].__name__
        trace = info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            event["where"] = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
    return event


def _only_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    if dropped:
        event["dropped"] = sorted(dropped)
    return event


_use_safe_processors(
    "INFO"
)  # a process that forgot to call configure() must not print tracebacks with values
