"""The focal point's pages, below `/intake`."""

from services.intake.pages import case, new, today

PAGES = (today.blueprint, case.blueprint, new.blueprint)
