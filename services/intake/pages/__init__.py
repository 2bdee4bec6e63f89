"""The focal point's pages, below `/intake`, and the administrator's page of stuck events."""

from services.intake.pages import case, dead_letters, new, today

PAGES = (today.blueprint, case.blueprint, new.blueprint, dead_letters.blueprint)
