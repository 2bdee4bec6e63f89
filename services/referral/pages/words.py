"""Codes as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.referral.domain.status import Status
from shared import codes
from shared.web import N_, translate
from shared.web.catalog import language

REASONS: Mapping[Status, str] = {
    Status.ON_HOLD: "hold_reasons",
    Status.REJECTED: "rejection_reasons",
    Status.CANCELLED: "cancel_reasons",
    Status.FAILED: "fail_reasons",
}
TURNS: Mapping[str, str] = {
    "provider": N_("Le toca al prestador"),
    "focal_point": N_("Le toca al punto focal"),
    "coordinator": N_("Le toca a la coordinación"),
    "none": N_("Terminada"),
}
DAYS: Mapping[str, str] = {
    "mon": N_("lunes"),
    "tue": N_("martes"),
    "wed": N_("miércoles"),
    "thu": N_("jueves"),
    "fri": N_("viernes"),
    "sat": N_("sábado"),
    "sun": N_("domingo"),
}
ACTIONS: Mapping[str, str] = {
    "draft": N_("Borrador preparado"),
    "request": N_("Enviada al prestador"),
    "confirm": N_("Enviada al prestador"),
    "acknowledge": N_("El prestador la abrió"),
    "accept": N_("Aceptada"),
    "reject": N_("No aceptada"),
    "start": N_("Primer contacto"),
    "hold": N_("En pausa"),
    "resume": N_("Se retomó"),
    "complete": N_("Cerrada con resultado"),
    "cancel": N_("Cancelada"),
    "expire": N_("Venció sin respuesta"),
    "fail": N_("No se pudo entregar"),
    "clock_acknowledge": N_("Nadie la había abierto: aviso"),
    "clock_half": N_("Mitad del plazo: aviso"),
    "clock_due": N_("Fin del plazo: aviso"),
    "clock_late": N_("Plazo vencido: aviso a la coordinación"),
}

TABLES: Mapping[str, tuple[str, str]] = {
    "priority": (N_("Prioridad"), N_("Con qué urgencia se atiende cada necesidad")),
    "routing": (N_("Rutas"), N_("Qué ayuda corresponde a cada necesidad, y en qué orden")),
    "modifiers": (N_("Lo que sube la prioridad"), N_("Riesgos que suben un nivel")),
    "floors": (N_("Prioridad mínima"), N_("Hasta dónde puede bajarla una persona")),
    "clocks": (N_("Plazos de respuesta"), N_("Cuánto puede durar cada espera, por prioridad")),
    "unknowns": (N_("Lo que no se sabe"), N_("Cómo cuenta una pregunta sin respuesta")),
    "consent_policy": (N_("Consentimiento"), N_("Quién consiente, por edad y país")),
    "reporting_policy": (N_("Avisos a autoridades"), N_("Cuándo la ley pide avisar, por país")),
    "permit_windows": (N_("Plazos de permisos"), N_("Hasta cuándo se puede pedir cada permiso")),
    "follow_up": (N_("Seguimiento"), N_("Cuándo se vuelve a preguntar a la persona")),
    "limits": (N_("Límites"), N_("Cuánto es demasiado a la vez")),
    "invariants": (N_("Promesas de seguridad"), N_("Lo que ninguna tabla puede romper")),
}
"""Rule tables as a coordinator calls them, and what each is for; a table that is not here goes by its own name."""


def table_title(table: str) -> str:
    """What people call a rule table."""
    return translate(TABLES[table][0]) if table in TABLES else table


def table_purpose(table: str) -> str:
    """What a rule table is for, in half a line; empty for one that is not known."""
    return translate(TABLES[table][1]) if table in TABLES else ""


def turn_of(turn: str, reader: str) -> str:
    """Who has to act, said to `reader`, a party: nobody has to know which party they are."""
    return N_("Le toca a usted") if turn == reader else TURNS.get(turn, "")


def reason_text(status: Status | str | None, reason: str | None) -> str:
    """The reason behind a status, in the reader's language; empty without one."""
    if not status or not reason:
        return ""
    name = REASONS.get(Status(status))
    found = codes.load(name).get(reason) if name else None
    return found.label(language()) if found is not None else reason


def choices(name: str, *, only: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """The codes of a list with their names, for a select."""
    return [
        (one.code, one.label(language()))
        for one in codes.load(name).values()
        if only is None or one.code in only
    ]


def plain_service(code: str | None) -> str:
    """A kind of help in words that reveal nothing, for lists that others may see."""
    found = codes.load("service_types").get(code or "")
    if found is None:
        return ""
    plain = found.fact("plain_en" if language().startswith("en") else "plain_es")
    return plain[:1].upper() + plain[1:]


def what_for(shown: Mapping[str, Any]) -> str:
    """What a referral is for, in a list: the need, or for a restricted one a word that reveals nothing."""
    if shown["sensitivity"] == "S3" or not shown["need_code"]:
        return plain_service(shown["service_type"])
    return codes.load("needs")[shown["need_code"]].label(language())
