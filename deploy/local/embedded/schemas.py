"""Every schema brought up to date, each owned by the role of its service."""

from __future__ import annotations

import importlib.util

from deploy.local.embedded.roles import role_of
from deploy.local.embedded.stack import EmbeddedStack
from shared.database import SCHEMAS, has_migrations, migrate


def migrate_all(stack: EmbeddedStack) -> None:
    """Run the migrations of the bus, of identity and of every service. Safe to repeat."""
    for package, schema in SCHEMAS.items():
        if importlib.util.find_spec(package) is not None and has_migrations(package):
            migrate(stack.database_url("admin"), package, owner=role_of(schema))
