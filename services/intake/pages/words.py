"""Codes as people read them."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.domain.journey import STEPS
from services.intake.operations.showing import NeedView
from shared import codes
from shared.web import N_, translate
from shared.web.catalog import language

STEP_NAMES: Mapping[str, str] = {
    "registered": N_("Registrada"),
    "requested": N_("Enviada"),
    "received": N_("Vista"),
    "accepted": N_("Aceptada"),
    "in_progress": N_("En atención"),
    "completed": N_("Completada"),
}
STATE_NAMES: Mapping[str, str] = {
    "not_shared": N_("Sin derivar, como pidió la persona"),
    "withdrawn": N_("La persona retiró su permiso"),
    "routing": N_("Buscando quién puede ayudar"),
    "together": N_("Se atiende junto con otra necesidad"),
    "gap": N_("Nadie disponible: brecha registrada"),
    "stopped": N_("No se logró; revise qué sigue"),
    "restricted": N_("Reservada: la ve quien la registró"),
    "draft": N_("Espera su confirmación"),
    "on_hold": N_("En pausa"),
}
TURN_NAMES: Mapping[str, str] = {
    "provider": N_("Le toca al prestador"),
    "focal_point": N_("Le toca a usted"),
    "coordinator": N_("Le toca a la coordinación"),
    "person": N_("Le toca a la persona"),
    "none": "",
}
AUDIENCE_NAMES: Mapping[str, str] = {
    "person": N_("A la persona"),
    "organization": N_("Al prestador"),
    "focal_point": N_("A usted"),
    "coordinator": N_("A la coordinación"),
}
CHANNEL_NAMES: Mapping[str, str] = {
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "call": N_("Llamada"),
    "sandbox": N_("Página de mensajes"),
}
OWNER_NAMES: Mapping[str, str] = {
    "self": N_("Propio"),
    "shared": N_("Compartido"),
    "third_person": N_("De otra persona"),
}
GIVER_NAMES: Mapping[str, str] = {
    "person": N_("La propia persona"),
    "caregiver": N_("Madre, padre o quien la cuida"),
    "other_adult": N_("Otra persona adulta de confianza"),
    "mature_minor": N_("Una persona menor de edad con madurez suficiente, sin quien la cuide"),
}
DAY_NAMES: Mapping[str, str] = {
    "mon": N_("lunes"),
    "tue": N_("martes"),
    "wed": N_("miércoles"),
    "thu": N_("jueves"),
    "fri": N_("viernes"),
    "sat": N_("sábado"),
    "sun": N_("domingo"),
}
SOURCE_NAMES: Mapping[str, str] = {
    "person": N_("lo dijo la persona"),
    "provider": N_("lo dijo el prestador"),
    "focal_point": N_("lo anotó el punto focal"),
}
CALL_REASONS: Mapping[str, str] = {
    "follow_up": N_("Toca saber cómo va"),
    "provider_did_not_call": N_("El prestador no hizo la llamada de seguimiento: llame usted"),
    "no_answer": N_("No respondió el mensaje"),
    "answered_no": N_("Respondió que no"),
    "bad_experience": N_("Dijo que la atención fue mala"),
    "asked_for_call": N_("Pidió que la llamen"),
    "can_talk_now": N_("Puede hablar ahora"),
    "call_another_time": N_("Prefiere otro momento"),
    "change_appointment": N_("Necesita cambiar su cita"),
    "danger_word": N_("Escribió una palabra de peligro"),
    "unexpected_reply": N_("Respondió algo que no entendimos"),
    "choose_provider": N_("Nadie aceptó: elija con la persona qué sigue"),
    "no_safe_contact": N_("No hay contacto seguro: busque cómo avisarle"),
    "no_contact_consent": N_("No aceptó mensajes: avísele en persona"),
    "opted_out": N_("Pidió no recibir mensajes"),
    "no_automatic_channel": N_("Su contacto seguro es por llamada"),
    "sensitive": N_("Caso reservado: avísele en persona o por llamada"),
    "sensitive_under_18": N_("Caso reservado de menor de 18 años: avísele en persona"),
    "sensitive_shared_phone": N_("Caso reservado y teléfono compartido: avísele en persona"),
    "never_by_machine": N_("Nunca por mensaje: avísele en persona"),
    "under_18": N_("Menor de 18 años: hable con la persona adulta acordada"),
    "message_failed": N_("El mensaje no llegó"),
    "message_unknown": N_("No se sabe si el mensaje llegó"),
}
OTHER_CALL = N_("Un mensaje no pudo salir: hable con la persona")
TEMPLATE_NAMES: Mapping[str, str] = {
    "S1": N_("Recordatorio de cita"),
    "S2": N_("Solicitud recibida"),
    "S3": N_("Pedido neutro de llamada"),
    "S4": N_("Pregunta de seguimiento"),
    "S5": N_("Pregunta por trabajo o ingreso"),
    "S6": N_("Pregunta por la atención"),
    "S7": N_("Aviso de caso nuevo"),
}
PURPOSE_NAMES: Mapping[str, str] = {
    "case": N_("Un punto focal abrió los datos"),
    "referral": N_("Un prestador pidió los datos"),
    "notification": N_("Para enviar un mensaje"),
}
REASON_LISTS: Mapping[str, str] = {
    "rejected": "rejection_reasons",
    "on_hold": "hold_reasons",
    "cancelled": "cancel_reasons",
    "failed": "fail_reasons",
}
ANOTHER_OPEN = N_("falta otra derivación")
"""Beside the end of the line while another referral of the same need waits for somebody."""


def name_of(code: str | None, names: Mapping[str, str]) -> str:
    """`code` in words; the code itself when there are none for it."""
    if not code:
        return ""
    return translate(names[code]) if names.get(code) else names.get(code, code)


def call_reason(code: str) -> str:
    """Why somebody has to be called."""
    return translate(CALL_REASONS.get(code, OTHER_CALL))


def label_of(code: str | None, code_list: str) -> str:
    """The name of `code` in a published list."""
    found = codes.load(code_list).get(code or "")
    return found.label(language()) if found is not None else (code or "")


def reason_of(status: str, reason: str | None) -> str:
    """Why a referral has its status; empty without a reason."""
    if not reason:
        return ""
    code_list = REASON_LISTS.get(status)
    return label_of(reason, code_list) if code_list else ""


def journey_of(view: NeedView, *, whole: bool = True) -> list[dict[str, str]]:
    """The steps of a need for the journey line: what is done, where it stands and, for the `whole` line, what is
    next."""
    state, reached = view.progress.state, view.progress.step
    if state in STATE_NAMES and state not in {"draft", "on_hold", "routing"}:
        stopped = "stop" if state in {"gap", "stopped"} else "now"
        return [_step("registered", "done"), {"text": name_of(state, STATE_NAMES), "state": stopped}]
    steps = [
        _step(name, "done" if index < reached else "now" if index == reached else "next")
        for index, name in enumerate(STEPS)
    ]
    if state == "completed" and view.progress.turn == "none":
        steps[-1]["state"] = "done"
    elif state == "completed":
        steps[-1]["detail"] = translate(ANOTHER_OPEN)
    if state in STATE_NAMES:
        steps[reached]["detail"] = name_of(state, STATE_NAMES)
    return steps if whole else [step for step in steps if step["state"] != "next"]


def _step(name: str, state: str) -> dict[str, str]:
    return {"text": name_of(name, STEP_NAMES), "state": state}


def choices(code_list: str) -> list[tuple[str, str]]:
    """The codes of a list with their names, for a select."""
    return [(one.code, one.label(language())) for one in codes.load(code_list).values()]
