"""Coded reasons in words, for people who have to do something about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.web import N_, translate

REASONS: Final[Mapping[str, str]] = {
    "no_safe_contact": N_("La persona no tiene contacto seguro"),
    "no_contact_consent": N_("La persona no dio permiso para contactarla"),
    "opted_out": N_("La persona pidió no recibir mensajes"),
    "unexpected_reply": N_("Respuesta inesperada: los mensajes automáticos se detuvieron"),
    "danger_word": N_("Palabra de peligro: los mensajes automáticos se detuvieron"),
    "no_automatic_channel": N_("El contacto seguro no es por SMS"),
    "no_phone": N_("No hay número de teléfono"),
    "contact_unreadable": N_("El contacto seguro tiene un dato que no se entiende"),
    "no_safe_hours": N_("No hay horas seguras para escribir"),
    "too_late": N_("El mensaje llegaría demasiado tarde"),
    "sensitive": N_("Necesidad reservada: llama una persona"),
    "sensitive_under_18": N_("Necesidad reservada de una niña, niño o adolescente: llama una persona"),
    "sensitive_shared_phone": N_("Necesidad reservada y teléfono compartido: llama una persona"),
    "never_by_machine": N_("Nunca por mensaje automático: llama una persona"),
    "alias_not_listed": N_("El nombre acordado no está en la lista de nombres neutros"),
    "under_18": N_("Menor de 18 años sin persona adulta acordada"),
    "no_staff_phone": N_("La organización no dejó un teléfono de turno"),
    "slot_refused": N_("Un dato del mensaje no está en su lista"),
    "guard_word": N_("El texto tenía una palabra prohibida"),
    "guard_link": N_("El texto tenía un enlace"),
    "guard_number": N_("El texto tenía un número largo"),
    "guard_alphabet": N_("El texto tenía letras que acortan el SMS"),
    "guard_length": N_("El texto era demasiado largo"),
    "guard_placeholder": N_("El texto tenía un espacio sin llenar"),
    "guard_empty": N_("El texto estaba vacío"),
    "temporary": N_("El operador no pudo después de tres intentos"),
    "permanent": N_("El operador rechazó el mensaje"),
    "unknown": N_("No se sabe si llegó; no se repite"),
    "report": N_("El operador avisó que no llegó"),
}

TEMPLATES: Final[Mapping[str, str]] = {
    "S1": N_("Recordatorio de cita"),
    "S2": N_("Solicitud recibida"),
    "S3": N_("Pedido neutro de llamada"),
    "S4": N_("Pregunta de seguimiento"),
    "S5": N_("Pregunta por trabajo o ingreso"),
    "S6": N_("Pregunta por la atención"),
    "S7": N_("Aviso de caso nuevo"),
}


def reason_words() -> dict[str, str]:
    """Reason code -> words in the reader's language."""
    return {code: translate(words) for code, words in REASONS.items()}


def template_names() -> dict[str, str]:
    """Template id -> name in the reader's language."""
    return {code: translate(words) for code, words in TEMPLATES.items()}
