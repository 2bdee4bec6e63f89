"""What the rules tell whoever makes a referral: what to mind, who must be told by law, which permits are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.referral.domain.pathway import Pathway
from services.referral.domain.pathway_policies import Duty, PermitState, duties, permits
from services.referral.domain.record import Referral
from shared import codes

PERMITS, REPORT = "check_permit_window", "report_by_policy"
NOTICE = "AUTH"


@dataclass(frozen=True, slots=True)
class Law:
    """A duty to report in words; `reviewed` says whether somebody signed the row."""

    title: str
    basis: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Guidance:
    """`notes` are codes of `route_notes`; `told_before` says that the person hears of the duty first; `permits` are
    sentences."""

    notes: tuple[str, ...] = ()
    laws: tuple[Law, ...] = ()
    told_before: bool = False
    permits: tuple[str, ...] = ()


def guidance(pathway: Pathway, referral: Referral, *, on: date, language: str) -> Guidance:
    """What holds for a referral on a day by the rules in force. The route was kept when it was decided; law and permits
    are those of the day."""
    route = referral.route
    notes = tuple(one for one in route.get("notes", ()) if one in codes.values("route_notes"))
    found = _duties(pathway, referral) if route.get("mode") == NOTICE or REPORT in notes else ()
    table = pathway.tables["reporting_policy"]
    laws = tuple(
        Law(_title(table.row(one.row_id).annotations, language), one.legal_basis or "", one.reviewed)
        for one in found
    )
    states = permits(pathway, country=referral.country, on=on) if PERMITS in notes else ()
    return Guidance(notes, laws, any(one.told_before for one in found), _sentences(pathway, states, language))


def _duties(pathway: Pathway, referral: Referral) -> tuple[Duty, ...]:
    """The duties of everybody who may have learned of it, each row once."""
    table = pathway.tables["reporting_policy"]
    reporters = next(column.values for column in table.inputs if column.name == "reporter")
    found = {}
    for reporter in reporters:
        for one in duties(
            pathway,
            country=referral.country,
            age_band=referral.age_band,
            need=referral.need_code,
            reporter=str(reporter),
        ):
            found[one.row_id] = one
    return tuple(found.values())


def _sentences(pathway: Pathway, states: tuple[PermitState, ...], language: str) -> tuple[str, ...]:
    table = pathway.tables["permit_windows"]
    return tuple(
        f"{_title(table.row(one.row_id).annotations, language)}. "
        f"{one.note_en if language == 'en' else one.note_es}."
        for one in states
    )


def _title(annotations: Mapping[str, str], language: str) -> str:
    return annotations.get("title_en" if language == "en" else "title_es", "")
