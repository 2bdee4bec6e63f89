"""The web frame of every service: guarded routes, one error shape, probes, languages and layout.

A service builds a `ServiceWeb` and calls `create_service_app`; its views use `@allow` or `@public`, and read
`current_actor()`, `engine()` and `resource(name)`.
"""

from shared.web.access import allow, current_actor, optional_actor, public, unnamed_routes
from shared.web.actor import Actor
from shared.web.api import ApiBlueprint
from shared.web.app import ServiceWeb, create_service_app, engine, metrics_registry, resource
from shared.web.bodies import json_object, ndjson_lines
from shared.web.catalog import N_, translate
from shared.web.messages import Coded
from shared.web.paging import PageArgs, decode_cursor, encode_cursor, keyset, page
from shared.web.probes import Check, Gauge

__all__ = [
    "N_",
    "Actor",
    "ApiBlueprint",
    "Check",
    "Coded",
    "Gauge",
    "PageArgs",
    "ServiceWeb",
    "allow",
    "create_service_app",
    "current_actor",
    "decode_cursor",
    "encode_cursor",
    "engine",
    "json_object",
    "keyset",
    "metrics_registry",
    "ndjson_lines",
    "optional_actor",
    "page",
    "public",
    "resource",
    "translate",
    "unnamed_routes",
]
