"""How the demo names what it shows."""

from __future__ import annotations

from deploy.local.terminal import either, in_english
from shared import codes

STATES = {
    "not_shared": ("no se comparte", "not shared"),
    "withdrawn": ("permiso retirado", "consent withdrawn"),
    "routing": ("buscando prestador", "looking for a provider"),
    "gap": ("brecha: no hay prestador", "gap: no provider"),
    "stopped": ("terminó sin atención", "ended without help"),
    "draft": ("en borrador", "draft"),
    "requested": ("enviada", "sent"),
    "received": ("vista", "seen"),
    "accepted": ("aceptada", "accepted"),
    "rejected": ("no aceptada", "declined"),
    "in_progress": ("en atención", "under way"),
    "on_hold": ("en espera", "on hold"),
    "completed": ("cerrada con resultado", "closed with an outcome"),
    "cancelled": ("cancelada", "cancelled"),
    "failed": ("sin respuesta a tiempo", "no answer in time"),
}
MESSAGES = {
    "held": ("espera su hora", "waits for its hour"),
    "queued": ("en cola", "queued"),
    "sending": ("enviándose", "being sent"),
    "sent": ("enviado", "sent"),
    "delivered": ("entregado", "delivered"),
    "failed": ("no se pudo entregar", "not delivered"),
    "unknown": ("entrega sin confirmar", "delivery unknown"),
    "refused": ("no se envía: llama una persona", "not sent: a person calls"),
    "cancelled": ("ya no hace falta", "not needed any more"),
}
NO_PRIORITY = "–"


def state(code: str) -> str:
    """A need's or a referral's state."""
    return either(*STATES.get(code, (code, code)))


def message(code: str) -> str:
    """Where a message stands."""
    return either(*MESSAGES.get(code, (code, code)))


def need(code: str | None) -> str:
    """A need, in words."""
    return label("needs", code)


def service_type(code: str | None) -> str:
    return label("service_types", code)


def label(codelist: str, code: str | None) -> str:
    """The published words for a code; a restricted one (None) is only said to be that."""
    if code is None:
        return either("reservada", "restricted")
    known = codes.load(codelist)
    if code not in known:
        return code
    return known[code].en if in_english() else known[code].es


def priority(level: int | None) -> str:
    return NO_PRIORITY if level is None else f"P{level}"
