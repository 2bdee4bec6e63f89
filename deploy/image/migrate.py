"""Bring the schemas that this image knows up to date: `python -m deploy.image.migrate`, a one-off before the rest.

Every image may do it, in any order and at the same time: each schema is locked while it moves. Reads
MIGRATION_DATABASE_URL, of a role that may act as the owners (see `deploy/roles.sql`).
"""

from __future__ import annotations

import importlib.util
import os
import sys

from shared.database import SCHEMAS, migrate


def main() -> None:
    url = os.environ.get("MIGRATION_DATABASE_URL")
    if not url:
        sys.exit("MIGRATION_DATABASE_URL is missing")
    for package, schema in SCHEMAS.items():
        if importlib.util.find_spec(package) is not None:
            migrate(url, package, owner=f"ruta_{schema}")
            sys.stdout.write(f"{schema} is up to date\n")


if __name__ == "__main__":
    main()
