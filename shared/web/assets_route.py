"""Serving what `python -m shared.web.assets` built: hashed names, cached for a year, compressed beforehand."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from shared.web.access import public

BUILD = Path(__file__).parent / "static" / "build"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
A_YEAR = "public, max-age=31536000, immutable"


def manifest() -> dict[str, str]:
    """Plain name -> hashed name, e.g. `ruta.css` -> `ruta-3f2a….css`. Empty before the assets are built; read again
    when they were built anew."""
    try:
        built_at = (BUILD / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return {}
    return _manifest(built_at)


@lru_cache(maxsize=1)
def _manifest(_built_at: int) -> dict[str, str]:
    return dict(json.loads((BUILD / "manifest.json").read_text()))


def asset(name: str) -> str:
    """The address of a built file by its plain name."""
    return f"/assets/{manifest().get(name, name)}"


def install(app: Flask) -> None:
    """Serve `/assets/…` from every service, so that one address caches for all."""
    app.add_url_rule("/assets/<name>", "assets", public(serve))
    app.jinja_env.globals["asset"] = asset


def serve(name: str) -> Response:
    """One built file."""
    if name not in manifest().values():
        raise NotFound
    path = BUILD / name
    packed = path.with_name(f"{name}.gz")
    zipped = packed.exists() and bool(request.accept_encodings["gzip"])
    response = Response((packed if zipped else path).read_bytes())
    response.content_type = TYPES.get(path.suffix, "application/octet-stream")
    response.headers["Cache-Control"] = A_YEAR
    response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(name)
    response.make_conditional(request)
    return response
