"""Who may consent to what: pure rules, asked before anything is kept or shared.

Whose word is asked at which age is in the rules (`consent_rules`); the override follows [CFG-1]: a defined basis, an
author and an approver. Refusing one thing never blocks another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.domain import sensitivity
from services.intake.domain.age import ADULT
from services.intake.domain.consent_rules import NONE, Rule
from services.intake.domain.findings import Findings

PERSON, CAREGIVER, OTHER_ADULT, MATURE_MINOR = "person", "caregiver", "other_adult", "mature_minor"
GIVERS = (PERSON, CAREGIVER, OTHER_ADULT, MATURE_MINOR)
"""`mature_minor`: no caregiver can be asked, and the child is mature enough that the child's own assent counts."""
MAY: Mapping[str, Callable[[Rule], bool]] = {
    PERSON: lambda rule: rule.own,
    CAREGIVER: lambda rule: not rule.own,
    OTHER_ADULT: lambda rule: not rule.own and rule.another_adult,
    MATURE_MINOR: lambda rule: not rule.own and rule.mature,
}
"""Whether a rule lets such a giver consent, at a known age."""
BASES = ("vital_interest", "best_interest_child", "legal_duty")
BEST_INTEREST_CHILD = "best_interest_child"

CHILD_CRITERIA = frozenset({"V02", "V03", "V04"})
"""Criteria that speak of the person as a child (unaccompanied, separated, heading a household): without an age nobody
can tell who may consent."""


@dataclass(frozen=True, slots=True)
class Override:
    """Sharing without consent: on a defined basis only, asked for by one person and approved by another."""

    basis: str
    author: str
    approver: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person agreed to, each thing by itself. `withheld_from` are organizations that must not learn of it."""

    share: bool
    given_by: str
    obtained_at: datetime
    assent: bool = False
    contact: bool = False
    statistics: bool = False
    authorities: bool = False
    withheld_from: tuple[str, ...] = field(default=())
    override: Override | None = None

    @property
    def allows_sharing(self) -> bool:
        """Whether needs may be referred: by consent, or by a recorded override."""
        return self.share or self.override is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done with the consent: the person's age (None: unknown) and what the rules ask at it, criteria,
    needs as `(code, refer)`, and whose phone would carry messages (None: no phone)."""

    age: int | None
    rule: Rule
    criteria: Sequence[str]
    needs: Sequence[tuple[str, bool]]
    phone_owner: str | None = None
    sensitive_ok: bool = False


def check(consent: Consent, asked: Asked, findings: Findings) -> None:
    """Add to `findings` everything that the rules of consent forbid. Adds nothing for a lawful assessment."""
    _check_giver(consent, asked, findings)
    _check_needs(consent, asked, findings)
    if consent.override is not None:
        _check_override(consent, consent.override, asked.age, findings)
    if asked.phone_owner is not None:
        _check_contact(consent, asked, findings)


def _check_giver(consent: Consent, asked: Asked, findings: Findings) -> None:
    """A refusal needs no giver, and an override stands for the consent that could not be had."""
    if consent.override is not None or not (consent.share or consent.contact):
        return
    if asked.age is None:
        if CHILD_CRITERIA.intersection(asked.criteria) or not _fits_unknown_age(consent, asked.rule):
            findings.add("person.age", "age_needed")
        return
    wrong = _objection(consent, asked.rule)
    if wrong is None:
        return
    if wrong == "own_consent":
        wrong = "adult_own_consent" if asked.age >= ADULT else "teen_own_consent"
    findings.add("consent.assent" if wrong == "assent_missing" else "consent.given_by", wrong, age=asked.age)


def _objection(consent: Consent, rule: Rule) -> str | None:
    """Why the rule does not let this person give the consent, as a code, or None."""
    giver = consent.given_by
    if not MAY[giver](rule):
        if rule.own:
            return "own_consent"
        return "caregiver_consent" if giver == OTHER_ADULT else "child_own_consent"
    if giver in (CAREGIVER, OTHER_ADULT) and rule.assent(caregiver=giver == CAREGIVER) and not consent.assent:
        return "assent_missing"
    return None


def _fits_unknown_age(consent: Consent, rule: Rule) -> bool:
    """Where the person consents and a caregiver too if the person seems to be a child, an adult's word does as well:
    nobody can tell that it is wrong."""
    if rule.own and rule.caregiver != NONE and consent.given_by in (CAREGIVER, OTHER_ADULT):
        return True
    return _objection(consent, rule) is None


def _check_needs(consent: Consent, asked: Asked, findings: Findings) -> None:
    if consent.allows_sharing:
        return
    for index, (_, refer) in enumerate(asked.needs):
        if refer:
            findings.add(f"needs.{index}.refer", "need_without_consent")


def _check_override(consent: Consent, override: Override, age: int | None, findings: Findings) -> None:
    if consent.share:
        findings.add("consent.override", "override_not_needed")
    if override.author.strip().casefold() == override.approver.strip().casefold():
        findings.add("consent.override.approver", "override_same_person")
    if override.basis == BEST_INTEREST_CHILD and age is not None and age >= ADULT:
        findings.add("consent.override.basis", "override_adult")


def _check_contact(consent: Consent, asked: Asked, findings: Findings) -> None:
    """A number is kept only with consent to be contacted; for restricted needs only on the person's own word."""
    if not consent.contact:
        findings.add("consent.contact", "contact_refused")
    if not asked.sensitive_ok:
        return
    forbidden = [code for code, _ in asked.needs if sensitivity.never_messaged(code)]
    if forbidden:
        findings.add("safe_contact.sensitive_ok", "sensitive_never", need=forbidden[0])
    elif asked.phone_owner == "third_person" and any(
        sensitivity.is_restricted(code) for code, _ in asked.needs
    ):
        findings.add("safe_contact.owner", "sensitive_third_person")
