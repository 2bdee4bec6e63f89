"""What goes with every request and response: correlation id, security headers, compression."""

from __future__ import annotations

import gzip
import re

import structlog
from flask import Flask, Response, current_app, g, request

from shared.ids import new_id

CORRELATION_HEADER = "X-Correlation-Id"
CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,64}")
COMPRESSIBLE = ("text/", "application/json", "application/problem+json", "image/svg+xml")
WORTH_COMPRESSING = 860

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FOR_PROGRAMS = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)
FOR_BROWSERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)


def install(app: Flask) -> None:
    """Add all of it to `app`."""
    app.before_request(correlate)
    app.after_request(finish)


def correlate() -> None:
    """Take the caller's correlation id when it is one, else begin a new one; bind it to every log line."""
    sent = request.headers.get(CORRELATION_HEADER, "")
    g.correlation_id = sent if CORRELATION.fullmatch(sent) else new_id()
    structlog.contextvars.bind_contextvars(correlation_id=g.correlation_id, service=current_app.name)


def finish(response: Response) -> Response:
    """After each request. Programs need fewer headers than browsers, and ask more often."""
    headers = response.headers
    to_program = request.path.startswith(f"/{current_app.name}/api/v1/")
    headers.extend(FOR_PROGRAMS if to_program else FOR_BROWSERS)
    if is_https():
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    correlation_id = g.get("correlation_id")
    if correlation_id is not None:
        headers[CORRELATION_HEADER] = correlation_id
    if not headers.getlist("Cache-Control"):  # `in` makes an exception where there is none
        headers["Cache-Control"] = "no-store"
    return compress(response)


def compress(response: Response) -> Response:
    """gzip text that is worth it. Form tokens are masked, so compression does not give them away."""
    if (
        (response.content_length or 0) < WORTH_COMPRESSING
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or not (response.content_type or "").startswith(COMPRESSIBLE)
    ):
        return response
    response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "Accept-Encoding"]))
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def is_https() -> bool:
    """Whether people reach us by https, so that cookies may be marked secure."""
    return request.is_secure or current_app.extensions["ruta"].public_url.startswith("https://")
