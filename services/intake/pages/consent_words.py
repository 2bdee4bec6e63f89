"""Who consents at which age, in words, as the rules say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.age import OLDEST
from services.intake.domain.consent import MAY, PERSON
from services.intake.domain.consent_rules import WITH_PERMISSION, WRITTEN_ASSENT, Rule, Schedule
from services.intake.pages.words import GIVER_NAMES
from shared import codes
from shared.web import N_, translate
from shared.web.catalog import language

TOO = N_("%(ages)s, también quien la cuida si la persona lo permite.")
IN_WRITING = N_("Por escrito: %(ages)s.")


@dataclass(frozen=True)
class Asked:
    """The rules of a moment."""

    schedule: Schedule
    at: datetime

    def ages(self, applies: Callable[[Rule], bool]) -> str:
        """At which ages the rule is such a one, country by country where they differ; empty for none."""
        countries = codes.load("countries").values()
        found = {one.label(language()): self._in(one.code, applies) for one in countries}
        said = set(found.values())
        if len(said) == 1:
            return said.pop()
        return "; ".join(f"{country}: {_inside(ages)}" for country, ages in found.items() if ages)

    def _in(self, country: str, applies: Callable[[Rule], bool]) -> str:
        spans = self.schedule.spans(applies, country=country, at=self.at)
        said = [_span(first, last) for first, last in spans]
        return ", ".join([*said[:1], *map(_inside, said[1:])])


def givers(asked: Asked) -> list[tuple[str, str, str]]:
    """Who may consent at some age: code, name, and at which ages."""
    found = [(code, translate(GIVER_NAMES[code]), asked.ages(may)) for code, may in MAY.items()]
    too = asked.ages(lambda rule: rule.own and rule.caregiver == WITH_PERMISSION)
    return [
        (code, name, f"{ages}. {translate(TOO, {'ages': too})}" if code == PERSON and too else f"{ages}.")
        for code, name, ages in found
        if ages
    ]


def assent(asked: Asked) -> str:
    """At which ages the child is asked too, and where in writing."""
    ages = asked.ages(lambda rule: not rule.own and rule.assent(caregiver=False))
    written = asked.ages(lambda rule: not rule.own and rule.child == WRITTEN_ASSENT)
    more = f" {translate(IN_WRITING, {'ages': _inside(written)})}" if written else ""
    return f"{ages}.{more}" if ages else ""


def _span(first: int, last: int) -> str:
    if first == 0 and last == OLDEST:
        return translate(N_("A cualquier edad"))
    if last == OLDEST:
        return translate(N_("Desde los %(first)s años"), {"first": first})
    if first == 0:
        return translate(N_("Hasta los %(last)s años"), {"last": last})
    if first == last:
        return translate(N_("A los %(first)s años"), {"first": first})
    return translate(N_("De %(first)s a %(last)s años"), {"first": first, "last": last})


def _inside(sentence: str) -> str:
    """As it stands inside another sentence."""
    return sentence[:1].lower() + sentence[1:]
