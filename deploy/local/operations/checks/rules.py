"""Whether the rules in force have the rows that come with this release."""

from __future__ import annotations

from datetime import datetime

from deploy.local.operations.checks.finding import Finding, ok, warn
from services.referral.operations import watching
from shared.database import make_engine

SHOWN = 5


def look(url: str, *, now: datetime) -> Finding:
    """Asked of the referral service's own tables. Raises SQLAlchemyError when they are away."""
    engine = make_engine(url, pool_size=1, application="ruta doctor")
    try:
        with engine.connect() as conn:
            lacking = [one.row_id for one in watching.lacking(conn, now=now)]
    finally:
        engine.dispose()
    if not lacking:
        return ok(
            "rules", "Las reglas que rigen no carecen de ninguna fila.", "The rules in force lack no row."
        )
    named = ", ".join(lacking[:SHOWN]) + (", …" if len(lacking) > SHOWN else "")
    return warn(
        "rules",
        f"Las reglas que rigen no tienen {len(lacking)} filas que vienen con esta versión ({named}): que una "
        "coordinadora mire «Lo que rige ahora».",
        f"The rules in force lack {len(lacking)} rows that come with this release ({named}): let a coordinator look at "
        "what is in force.",
    )
