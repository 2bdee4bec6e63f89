"""The ready-made form with the questions about consent as the rules in force ask them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deploy.local.embedded.lock import holder_of
from deploy.local.environment import RUNNING, names_a_server, settings_for
from services.intake.domain.consent_rules import Schedule
from services.intake.operations import consent_rules
from services.intake.schemas.xlsform import of_consent
from shared.clock import utc_now
from shared.database import make_engine


def survey(rows: Sequence[list[str]], data: Path) -> list[list[str]]:
    """The sheet `survey` by the rules of today: those of the server or of the stack that runs on `data`, the packaged
    ones where there is none."""
    header, *questions = rows
    name = header.index("name")
    asked = of_consent(in_force(data), utc_now())
    return [
        header,
        *(
            [asked.get((row[name], column), cell) for column, cell in zip(header, row, strict=True)]
            for row in questions
        ),
    ]


def in_force(data: Path) -> Schedule:
    """Which rules of consent count when."""
    runs = holder_of(data) is not None and (data / RUNNING).exists()
    if not (runs or names_a_server()):
        return Schedule()
    with settings_for(data) as settings:
        engine = make_engine(settings["INTAKE_DATABASE_URL"], pool_size=1, application="ruta form")
        try:
            with engine.connect() as conn:
                return consent_rules.read(conn)
        finally:
            engine.dispose()
