"""A replay on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.local.terminal import either

FEW = "<5"
Said = Mapping[str, Any]


def lines(found: Said) -> Iterator[str]:
    """The result for people, line by line."""
    yield either(
        f"{found['cases']} atenciones pasadas, {found['needs']} necesidades: {_total(found)}.",
        f"{found['cases']} past cases, {found['needs']} needs: {_total(found)}.",
    )
    if found["undecided"] != 0:
        count = _count(found["undecided"])
        yield either(
            f"{count} atenciones que ninguna de las dos reglas sabe decidir.",
            f"{count} cases that neither set of rules can decide.",
        )
    if found["matrix"]:
        yield from _matrix(found)
        yield from _changes(found)
    if found["providers"]:
        yield from _providers(found)
    yield from _directories(found)
    if found["stops"]:
        yield either(
            "ALTO: una persona con señal de protección perdería una ruta. Esto no se publica.",
            "STOP: a person with a safety flag would lose a protective route. This is not published.",
        )


def _total(found: Said) -> str:
    if found["differences"] == 0:
        return either("ninguna se decidiría de otro modo", "none would be decided otherwise")
    count = _count(found["differences"], found["more"])
    return either(f"cambian {count}", f"{count} change")


def _count(count: int | None, more: bool = False) -> str:
    if count is None:
        return FEW
    return f"{count} + {FEW}" if more else str(count)


def _matrix(found: Said) -> Iterator[str]:
    yield ""
    yield either("De qué a qué", "From and to")
    for one in found["matrix"]:
        yield f"  {_count(one['count'], one['more']):>8}  {one['before']}  →  {one['after']}"


def _changes(found: Said) -> Iterator[str]:
    yield ""
    yield either("Cada cambio y su motivo", "Each change and its reason")
    for one in found["changes"]:
        stop = either("  [ALTO]", "  [STOP]") if one["loses_protection"] else ""
        group = " ".join(part for part in (one["age_band"], one["gender"]) if part)
        group = group or either("(grupos pequeños)", "(small groups)")
        yield f"  {_count(one['count']):>8}  {one['need']} {group}{stop}"
        yield from (
            f"            {detail['aspect']}: {detail['before']} → {detail['after']}"
            for detail in one["details"]
        )
        for mark, rows in (("−", one["only_before"]), ("+", one["only_after"])):
            yield from (f"            {mark} {row['row']} {row['title']}".rstrip() for row in rows)


def _providers(found: Said) -> Iterator[str]:
    names = list(found["directories"])
    yield ""
    heading = ", ".join(either(*WHEN[name]) for name in names)
    yield either(f"Derivaciones por organización ({heading})", f"Referrals by organization ({heading})")
    for one in found["providers"]:
        counts = "".join(f"{_signed(one[name]):>8}" for name in names)
        yield f"{counts}  {one['name'] or one['organization_id']}"


def _directories(found: Said) -> Iterator[str]:
    yield ""
    for name, said in found["directories"].items():
        when = either(*WHEN[name])
        gone = (
            either("; se pierde ayuda protectora", "; protective help is lost") if said["unprotected"] else ""
        )
        gaps = f"{_count(said['gaps_before'])} → {_gaps_after(said)}"
        yield either(
            f"Brechas con el directorio de {when}: {gaps}{gone}",
            f"Gaps with the directory of {when}: {gaps}{gone}",
        )
    if found["unknown_then"] != 0:
        count = _count(found["unknown_then"])
        yield either(
            f"De {count} atenciones no se guardó el directorio de entonces.",
            f"Of {count} cases the directory of then was not kept.",
        )


def _gaps_after(said: Said) -> str:
    """How many; one that is not told beside one that is may be few, or few more or less than that."""
    if said["gaps_after"] is None and said["gaps_before"]:
        return f"{FEW} / ±{FEW}"
    return _count(said["gaps_after"])


def _signed(change: int | None) -> str:
    return f"±{FEW}" if change is None else f"{change:+d}" if change else "0"


WHEN = {"then": ("entonces", "then"), "now": ("hoy", "now")}
