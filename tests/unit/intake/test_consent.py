"""Who may consent, by age (Caring for Child Survivors), and what an override needs."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import consent as rules
from services.intake.domain.consent import Asked, Consent, Override
from services.intake.domain.consent_rules import Rule, Schedule
from services.intake.domain.findings import Findings
from shared import codes

WHEN = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
OVERRIDE = Override("vital_interest", "promotora-7", "supervisora-2")


def found(asked=None, **given_consent):
    consent = Consent(**{"share": True, "given_by": "person", "obtained_at": WHEN, **given_consent})
    findings = Findings()
    rules.check(consent, asked or aged(30), findings)
    return findings.codes()


def aged(age, *, rule=None, **rest):
    asked = rule or Schedule().rule(country="CO", age=age, at=WHEN)
    return Asked(age, asked, rest.pop("criteria", []), rest.pop("needs", [("LEG.DOC", True)]), **rest)


class TestWhoConsents:
    @pytest.mark.parametrize("age", [0, 5])
    def test_for_a_small_child_an_adult_consents(self, age):
        assert found(aged(age), given_by="caregiver") == set()
        assert found(aged(age), given_by="other_adult") == set()
        assert found(aged(age), given_by="person") == {("consent.given_by", "child_own_consent")}

    @pytest.mark.parametrize("age", [6, 11, 12, 14])
    def test_from_six_the_child_must_agree_too(self, age):
        assert found(aged(age), given_by="caregiver", assent=True) == set()
        assert found(aged(age), given_by="other_adult", assent=True) == set()
        assert found(aged(age), given_by="caregiver") == {("consent.assent", "assent_missing")}
        assert found(aged(age), given_by="person", assent=True) == {("consent.given_by", "child_own_consent")}

    @pytest.mark.parametrize("age", [15, 17])
    def test_from_fifteen_the_person_consents(self, age):
        assert found(aged(age), given_by="person") == set()
        assert found(aged(age), given_by="caregiver", assent=True) == {
            ("consent.given_by", "teen_own_consent")
        }

    def test_nobody_consents_for_an_adult(self):
        assert found(aged(18), given_by="caregiver") == {("consent.given_by", "adult_own_consent")}

    def test_an_unknown_age_is_taken_as_it_is(self):
        assert found(aged(None)) == set()

    @pytest.mark.parametrize("criterion", ["V02", "V03", "V04"])
    def test_unless_something_says_that_it_is_a_child(self, criterion):
        assert found(aged(None, criteria=[criterion])) == {("person.age", "age_needed")}

    @given(st.integers(0, 120), st.sampled_from(rules.GIVERS), st.booleans())
    def test_refusing_everything_needs_nobody(self, age, giver, assent):
        asked = aged(age, needs=[("GBV.RAPE", False)])
        assert found(asked, share=False, contact=False, given_by=giver, assent=assent) == set()

    @given(st.integers(0, 120))
    def test_for_every_age_somebody_may_consent(self, age):
        lawful = [
            (giver, assent)
            for giver in rules.GIVERS
            for assent in (True, False)
            if not found(aged(age), given_by=giver, assent=assent)
        ]
        assert lawful
        assert any(giver == "person" for giver, _ in lawful) == (age >= 15)

    @pytest.mark.parametrize("age", [12, 14])
    def test_without_a_caregiver_a_mature_child_may_from_twelve_on(self, age):
        assert found(aged(age), given_by="mature_minor") == set()

    @pytest.mark.parametrize(
        ("age", "refused"),
        [
            (5, ("consent.given_by", "child_own_consent")),
            (11, ("consent.given_by", "child_own_consent")),
            (15, ("consent.given_by", "teen_own_consent")),
            (18, ("consent.given_by", "adult_own_consent")),
            (None, ("person.age", "age_needed")),
        ],
    )
    def test_and_at_no_other_age(self, age, refused):
        assert found(aged(age), given_by="mature_minor", assent=True) == {refused}


def as_before(age, giver, *, assent):
    """What was refused while the ages stood in the code."""
    if age is None:
        return set()
    if age < 15 and giver == "person":
        return {("consent.given_by", "child_own_consent")}
    if 6 <= age < 15 and not assent:
        return {("consent.assent", "assent_missing")}
    if 15 <= age < 18 and giver != "person":
        return {("consent.given_by", "teen_own_consent")}
    if age >= 18 and giver != "person":
        return {("consent.given_by", "adult_own_consent")}
    return set()


@pytest.mark.parametrize("country", codes.load("countries"))
@pytest.mark.parametrize("age", [*range(121), None])
def test_the_packaged_rules_refuse_what_the_ages_in_the_code_did(age, country):
    rule = Schedule().rule(country=country, age=age, at=WHEN)
    for giver in ("person", "caregiver", "other_adult"):
        for assent in (True, False):
            asked = aged(age, rule=rule)
            assert found(asked, given_by=giver, assent=assent) == as_before(age, giver, assent=assent)


class TestOtherRules:
    """What each answer of the table does, where the packaged rows do not show it."""

    @pytest.mark.parametrize("age", [3, 9, 13, 16, 30])
    @pytest.mark.parametrize(
        "child", ["none", "oral_assent", "written_assent", "consent", "of_a_later_release"]
    )
    @pytest.mark.parametrize(
        "if_absent", ["other_adult", "mature_assent", "own_consent", "of_a_later_release"]
    )
    def test_where_the_caregiver_consents_the_person_alone_never_does(self, age, child, if_absent):
        rule = Rule(child, "consent", if_absent)
        assert ("consent.given_by", "child_own_consent") in found(aged(age, rule=rule), assent=True)
        assert found(aged(age, rule=rule), given_by="caregiver", assent=True) == set()
        assert bool(found(aged(age, rule=rule), given_by="caregiver")) == (child != "none")

    def test_another_adult_only_where_the_rule_names_one(self):
        asked = aged(9, rule=Rule("oral_assent", "consent", "own_consent"))
        assert found(asked, given_by="other_adult", assent=True) == {
            ("consent.given_by", "caregiver_consent")
        }
        assert found(asked, given_by="caregiver", assent=True) == set()
        assert found(asked, given_by="mature_minor") == set()

    def test_another_adult_may_need_an_assent_that_the_caregiver_does_not(self):
        asked = aged(5, rule=Rule("none", "consent", "other_adult_and_assent"))
        assert found(asked, given_by="caregiver") == set()
        assert found(asked, given_by="other_adult") == {("consent.assent", "assent_missing")}

    @pytest.mark.parametrize("caregiver", ["none", "consent_with_permission"])
    def test_nobody_asked_means_an_adult(self, caregiver):
        asked = aged(4, rule=Rule("none", caregiver, "other_adult"))
        assert found(asked) == {("consent.given_by", "child_own_consent")}
        assert found(asked, given_by="caregiver") == set()

    def test_a_caregiver_whom_the_rule_does_not_know_counts_as_one_who_consents(self):
        asked = aged(13, rule=Rule("consent", "of_a_later_release", "own_consent"))
        assert found(asked) == {("consent.given_by", "child_own_consent")}

    def test_an_unknown_age_needs_one_when_the_rule_for_it_is_not_met(self):
        asked = aged(None, rule=Rule("written_assent", "consent", "mature_assent"))
        assert found(asked) == {("person.age", "age_needed")}
        assert found(asked, given_by="caregiver") == {("person.age", "age_needed")}
        assert found(asked, given_by="caregiver", assent=True) == set()

    def test_of_unknown_age_nobody_speaks_for_whom_only_the_person_may(self):
        asked = aged(None, rule=Rule("consent", "none", "own_consent"))
        assert found(asked, given_by="caregiver") == {("person.age", "age_needed")}
        assert found(asked) == set()


class TestNeeds:
    def test_a_need_is_not_referred_without_consent(self):
        asked = aged(30, needs=[("LEG.DOC", False), ("BAS.FOOD", True)])
        assert found(asked, share=False) == {("needs.1.refer", "need_without_consent")}

    def test_but_with_an_override_it_is(self):
        assert found(aged(30), share=False, override=OVERRIDE) == set()

    @given(
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(["GBV.RAPE", "LEG.DOC"]), st.booleans()), max_size=6),
    )
    def test_nothing_is_ever_shared_without_a_lawful_ground(self, share, contact, override, needs):
        consent = Consent(
            share=share,
            given_by="person",
            obtained_at=WHEN,
            contact=contact,
            override=OVERRIDE if override else None,
        )
        findings = Findings()
        rules.check(consent, aged(30, needs=needs), findings)
        if any(refer for _, refer in needs) and not share and not override:
            assert findings
        elif not (share and override):
            assert not findings


class TestOverride:
    def test_needs_two_persons(self):
        alone = Override("vital_interest", "Promotora-7", " promotora-7")
        assert found(aged(30), share=False, override=alone) == {
            ("consent.override.approver", "override_same_person")
        }

    def test_the_interest_of_a_child_is_of_a_child(self):
        child = Override("best_interest_child", "a", "b")
        assert found(aged(17), share=False, override=child) == set()
        assert found(aged(18), share=False, override=child) == {("consent.override.basis", "override_adult")}

    def test_is_not_recorded_beside_consent(self):
        assert found(aged(30), override=OVERRIDE) == {("consent.override", "override_not_needed")}


class TestSafeContact:
    def test_no_number_without_consent_to_be_contacted(self):
        asked = aged(30, phone_owner="self")
        assert found(asked) == {("consent.contact", "contact_refused")}
        assert found(asked, contact=True) == set()

    @pytest.mark.parametrize("need", ["TIP.SEX", "TIP.RISK", "CP.SEXAB"])
    def test_some_needs_are_never_written_about(self, need):
        asked = aged(30, needs=[(need, True)], phone_owner="self", sensitive_ok=True)
        assert found(asked, contact=True) == {("safe_contact.sensitive_ok", "sensitive_never")}

    def test_restricted_needs_not_to_another_persons_phone(self):
        asked = aged(30, needs=[("GBV.PHYS", True)], phone_owner="third_person", sensitive_ok=True)
        assert found(asked, contact=True) == {("safe_contact.owner", "sensitive_third_person")}
