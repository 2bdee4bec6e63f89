"""The JSON side of the intake service, below `/intake/api/v1`."""

from services.intake.api import assessments, batches, cases, persons

BLUEPRINTS = (assessments.blueprint, batches.blueprint, cases.blueprint, persons.blueprint)
