"""A replay's short notation as a coordinator reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_changes import RowChange
from shared import codes
from shared.web import N_, translate
from shared.web.catalog import language

PRIORITIES: Mapping[str, str] = {
    "P0": N_("Emergencia"),
    "P1": N_("Urgente"),
    "P2": N_("Prioritario"),
    "P3": N_("Normal"),
}
MODES: Mapping[str, str] = {
    "FIRST": N_("primero"),
    "PAR": N_("al mismo tiempo"),
    "THEN": N_("después"),
    "OPT": N_("si la persona quiere"),
    "AUTH": N_("aviso a una autoridad"),
    "C1": N_("consiente la persona"),
    "C2": N_("consiente quien la cuida"),
    "C3": N_("consentimiento o excepción anotada"),
    "deferred": N_("se aplaza"),
}
ASPECTS: Mapping[str, str] = {
    "priority": N_("prioridad"),
    "services": N_("ayuda"),
    "deadline": N_("plazo en horas"),
    "window": N_("ventana clínica en horas"),
    "floor": N_("prioridad mínima"),
    "mode": N_("modo"),
    "provider": N_("qué prestador"),
    "waits": N_("qué espera"),
    "consent": N_("consentimiento"),
    "offers": N_("se menciona"),
    "excluded": N_("no se deriva a"),
    "clocks": N_("plazos de respuesta"),
}
SPEED = frozenset({"priority", "deadline", "window", "floor", "clocks"})
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def route_words(text: str) -> str:
    """`P1 HE_CMR + SAFE` with the names of priorities, kinds of help, modes and aspects; what is none stays."""
    kinds = codes.load("service_types")
    english = language() == "en"

    def word(match: re.Match[str]) -> str:
        code = match.group()
        if code in kinds:
            return kinds[code].en if english else kinds[code].es
        if code in PRIORITIES:
            return f"{translate(PRIORITIES[code])} ({code})"
        said = MODES.get(code) or ASPECTS.get(code)
        return translate(said) if said else code

    return WORD.sub(word, text)


class Reasons:
    """Which of the rows that say something else stand behind a changed decision."""

    def __init__(self, rules: Pathway, changes: Iterable[RowChange]) -> None:
        self.rules = rules
        self.changed = [one for one in changes if one.kind == "changed" and one.table in rules.tables]
        self.tables = {row.id: table.name for table in rules.tables.values() for row in table.rows}

    def table_of(self, row_id: str) -> str:
        """The table that holds a row, in this version or the one before."""
        return self.tables.get(row_id, "routing" if row_id.startswith("R-") else "priority")

    def rows(self, change: Mapping[str, Any]) -> list[dict[str, str]]:
        """The changed rows that may apply to the need of a decision that the same rows decide otherwise, first those of
        the tables that settle what differs."""
        english = language() == "en"
        speed = any(one["aspect"] in SPEED for one in change["details"])
        found = [one for one in self.changed if self._applies(one, change["need"])]
        found.sort(key=lambda one: (one.table != "routing") != speed)
        return [{"row": one.row_id, "title": one.title_en if english else one.title_es} for one in found[:8]]

    def _applies(self, change: RowChange, need: str) -> bool:
        table = self.rules.tables[change.table]
        row = table.row(change.row_id)
        return all(
            cell.holds(need)
            for column, cell in zip(table.inputs, row.cells, strict=True)
            if column.name == "need"
        )


def aspect(name: str) -> str:
    """What people call an aspect of a decision."""
    return translate(ASPECTS[name]) if name in ASPECTS else name
