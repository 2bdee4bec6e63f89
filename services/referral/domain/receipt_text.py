"""The decision receipt in words, for three readers: the worker, the person, the auditor. Spanish and English.

The person's text names neither the need nor the organization: it may be read over a shoulder. Short sentences.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from services.referral.domain.receipt import canonical, rederived
from shared import codes

Titles = Callable[[str], tuple[str, str]]
"""Row id to its Spanish and English title."""
Pair = tuple[str, str]

WHY_NOT: Mapping[str, Pair] = {
    "excluded": ("la persona no quiere que sepa de su caso", "the person does not want it to know"),
    "tried_before": ("ya se le preguntó", "it was asked before"),
    "capability": ("le falta lo que este caso necesita", "it lacks what this case needs"),
    "age": ("no atiende esa edad", "it does not serve that age"),
    "gender": ("no atiende a personas de ese género", "it does not serve that gender"),
    "not_vetted": (
        "nadie ha verificado que sea seguro para este caso",
        "nobody has verified that it is safe for this case",
    ),
    "stale": ("sus datos llevan más de 180 días sin confirmar", "its data are more than 180 days old"),
    "preference": ("no cumple lo que pidió la persona", "it does not meet what the person asked for"),
    "documents": ("pide un documento que la persona no tiene", "it asks for a paper the person lacks"),
    "language": ("no atiende en la lengua de la persona", "it does not speak the person's language"),
    "accessibility": (
        "el lugar no es accesible para la persona",
        "the place is not accessible to the person",
    ),
    "cost": ("cobra, y esta ayuda debe ser gratuita", "it charges, and this help must be free"),
    "no_capacity": ("no tiene cupo", "it has no places left"),
    "closed_now": ("no abre dentro del plazo", "it does not open in time"),
    "other_area": ("atiende en otra zona", "it serves another area"),
    "other_service": ("no presta ese servicio", "it does not give that service"),
    "not_active": ("no está activo", "it is not active"),
    "not_listed": ("aún no estaba en el directorio", "it was not in the directory yet"),
    "lower_score": ("podía atender; otro quedaba mejor", "it could serve; another one fitted better"),
    "chosen": ("es el que se eligió", "it is the one that was chosen"),
}
PARTS: Mapping[str, Pair] = {
    "distance": ("cercanía", "closeness"),
    "availability": ("cupo", "places left"),
    "fit": ("afinidad con lo que pidió", "fit with what was asked"),
    "performance": ("cómo responde", "how it answers"),
    "fairness": ("reparto de la carga", "sharing the load"),
}
RINGS: Mapping[int, Pair] = {
    1: ("atiende en la misma localidad", "it serves in the same locality"),
    2: ("atiende en una localidad vecina", "it serves in a neighbouring locality"),
    3: ("atiende a distancia o en todo el país", "it serves remotely or nationwide"),
}
WARNINGS: Mapping[str, Pair] = {
    "not_verified_lately": ("nadie confirmó sus datos hace poco", "nobody confirmed its data lately"),
    "capacity_unknown": ("no se sabe si tiene cupo: pregunte", "places left are not known: ask"),
    "hours_unknown": ("no se conoce su horario", "its hours are not known"),
}
READERS = ("worker", "person", "auditor")


def text(body: Mapping[str, Any], reader: str, locale: str, titles: Titles) -> list[str]:
    """The receipt as paragraphs. Raises KeyError for a reader that does not exist."""
    write = {"worker": _worker, "person": _person, "auditor": _auditor}[reader]
    return write(body, 1 if locale.startswith("en") else 0, titles)


def why_not(body: Mapping[str, Any], service_id: str) -> str | None:
    """What the receipt itself says about a service: a code of WHY_NOT, or None when it does not name it."""
    candidates = [one["service_id"] for one in body["candidates"]]
    if service_id in candidates:
        return "chosen" if candidates[0] == service_id else "lower_score"
    return body["why_not"].get(service_id)


def reason(code: str, locale: str) -> str:
    """The sentence for a code of WHY_NOT."""
    return WHY_NOT[code][1 if locale.startswith("en") else 0]


def _worker(body: Mapping[str, Any], number: int, titles: Titles) -> list[str]:
    route = body["route"]
    lines = [*_urgency(body, number, titles)]
    lines.append(
        (
            f"Qué se pide: {_service(route['service'], number)}, por la regla {route['row_id']}"
            if number == 0
            else f"What is asked for: {_service(route['service'], number)}, by rule {route['row_id']}"
        )
        + _titled(titles, route["row_id"], number)
    )
    best = body["candidates"]
    if not best:
        gap = codes.load("gap_reasons")[body["gap"]].label("en" if number else "es")
        gap = gap[:1].lower() + gap[1:]
        lines.append(f"Nadie pudo: {gap}." if number == 0 else f"Nobody could: {gap}.")
    else:
        lines.append(_chosen(best[0], number))
        lines += [_other(one, best[0], number) for one in best[1:]]
    lines += [f"{count} × {WHY_NOT[code][number]}." for code, count in sorted(body["excluded"].items())]
    if body["offers"]:
        offered = ", ".join(_service(one, number) for one in body["offers"])
        lines.append(
            f"También se puede ofrecer, si la persona quiere: {offered}."
            if number == 0
            else f"May also be offered, if the person wants: {offered}."
        )
    return lines


def _urgency(body: Mapping[str, Any], number: int, titles: Titles) -> list[str]:
    priority = body["priority"]
    rows = ", ".join(priority["rows"])
    hours = f"{priority['deadline_hours']:g}"
    first = (
        f"Prioridad P{priority['level']}, ayuda antes de {hours} h, por: {rows}"
        if number == 0
        else f"Priority P{priority['level']}, help within {hours} h, by: {rows}"
    )
    lines = [first + (_titled(titles, priority["rows"][0], number) if priority["rows"] else ".")]
    if body["need"]["assumed"]:
        facts = codes.load("need_facts")
        asked = ", ".join(facts[one].label("en" if number else "es") for one in body["need"]["assumed"])
        lines.append(
            f"Sin respuesta se tomó lo más prudente: {asked}"
            if number == 0
            else f"Without an answer the cautious value counts: {asked}"
        )
    return lines


def _chosen(one: Mapping[str, Any], number: int) -> str:
    parts = "; ".join(f"{said[number]} {one['parts'][name]:g}" for name, said in PARTS.items())
    warned = "".join(f" ({WARNINGS[code][number]})" for code in one["warnings"])
    if number == 0:
        return f"Se eligió {one['name']}: {RINGS[one['ring']][0]}; {parts}. Puntos {one['score']:g}{warned}."
    return f"Chosen: {one['name']}: {RINGS[one['ring']][1]}; {parts}. Score {one['score']:g}{warned}."


def _other(one: Mapping[str, Any], best: Mapping[str, Any], number: int) -> str:
    worse = [said[number] for name, said in PARTS.items() if one["parts"][name] < best["parts"][name]]
    if not worse:
        tied = ("empate, lo decidió el sorteo fijo del caso", "a tie, settled by the fixed draw")[number]
        return f"{one['name']}: {tied}."
    joined = ", ".join(worse)
    return f"{one['name']}: menos en {joined}." if number == 0 else f"{one['name']}: less in {joined}."


def _person(body: Mapping[str, Any], number: int, _titles: Titles) -> list[str]:
    kind = codes.load("service_types").get(body["asked"]["service_type"])
    plain = "" if kind is None else kind.fact("plain_en" if number else "plain_es")
    if not body["candidates"]:
        return (
            ["Buscamos ayuda para usted.", "Hoy no hay un lugar libre.", "Seguimos buscando. Le avisamos."]
            if number == 0
            else [
                "We looked for help for you.",
                "Today no place is free.",
                "We keep looking. We will tell you.",
            ]
        )
    near = body["candidates"][0]["ring"]
    if number == 0:
        lines = [f"Pedimos para usted: {plain}.", "Lo elegimos por esto:"]
        lines += ["Da la ayuda que usted pidió."]
        lines += {
            1: ["Queda cerca de usted."],
            2: ["Es lo más cerca que hay."],
            3: ["Puede ser por teléfono."],
        }[near]
        return [*lines, "Usted puede decir que no. No pierde nada."]
    lines = [f"We asked for this: {plain}.", "We chose it because:", "It gives the help you asked for."]
    lines += {1: ["It is near you."], 2: ["It is the nearest there is."], 3: ["It can be by phone."]}[near]
    return [*lines, "You may say no. You lose nothing."]


def _auditor(body: Mapping[str, Any], number: int, titles: Titles) -> list[str]:
    again = rederived(body)
    chosen = body["candidates"][0]["service_id"] if body["candidates"] else None
    agrees = again == chosen
    said = ("coincide" if agrees else "NO COINCIDE", "agrees" if agrees else "DOES NOT AGREE")[number]
    digest = hashlib.sha256(canonical(body)).hexdigest()
    return [
        *_worker(body, number, titles),
        (
            f"Reglas {body['rules']['pathway']} versión {body['rules']['version']}; directorio versión "
            f"{body['directory_version']}; decidido {body['decided_at']}."
            if number == 0
            else f"Rules {body['rules']['pathway']} version {body['rules']['version']}; directory version "
            f"{body['directory_version']}; decided {body['decided_at']}."
        ),
        (
            f"Derivado otra vez de sus propios datos: {said}. SHA-256 {digest}."
            if number == 0
            else f"Derived again from its own data: {said}. SHA-256 {digest}."
        ),
        json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True),
    ]


def _service(code: str, number: int) -> str:
    found = codes.load("service_types").get(code)
    return code if found is None else found.label("en" if number else "es")


def _titled(titles: Titles, row_id: str, number: int) -> str:
    title = titles(row_id)[number]
    return f" ({title})." if title else "."
