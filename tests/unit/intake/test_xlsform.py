"""The ready-made form asks for consent as the rules say: its formulas, evaluated, refuse what the server refuses."""

import csv
import re
from datetime import UTC, datetime

import pytest

from services.intake.domain import consent as rules
from services.intake.domain.consent import GIVERS, Asked, Consent
from services.intake.domain.consent_rules import Schedule
from services.intake.domain.findings import Findings
from services.intake.schemas.xlsform import of_consent
from shared import codes
from tests.unit.intake.test_mapping import FORM

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def told(countries, ages, *answers):
    return {
        "countries": countries,
        "ages": ages,
        **dict(zip(("child", "caregiver", "if_absent"), answers, strict=True)),
    }


SCHEDULES = {
    "packaged": Schedule(),
    "older": Schedule.of(
        [
            {
                "begins": None,
                "rules": [told(["CO", "EC", "PE"], [15, 17], "oral_assent", "consent", "mature_assent")],
            }
        ]
    ),
    "one country": Schedule.of(
        [
            {
                "begins": None,
                "rules": [
                    told(["EC"], [12, 14], "consent", "none", "own_consent"),
                    told(["EC"], [0, 11], "none", "consent", "own_consent"),
                ],
            }
        ]
    ),
}


def holds(formula, giver, age, country):
    """The formula as XPath would answer it."""
    meant = (
        re.sub(r"\. =", f"'{giver}' =", formula)
        .replace("${pais}", f"'{country}'")
        .replace("false()", "False")
    )
    meant = meant.replace("${edad} = ''", str(age is None)).replace(
        "${edad}", str(-1 if age is None else age)
    )
    return bool(eval(re.sub(r"(?<![<>])=", "==", meant)))


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("country", codes.load("countries"))
def test_its_formulas_refuse_what_the_server_refuses(schedule, country):
    found = of_consent(schedule, NOW)
    for age in range(121):
        asked = Asked(age, schedule.rule(country=country, age=age, at=NOW), [], [])
        may = {giver: holds(found["quien", "constraint"], giver, age, country) for giver in GIVERS}
        needs_assent = holds(found["asentimiento", "relevant"], "", age, country)
        for giver in GIVERS:
            assented, not_assented = Findings(), Findings()
            rules.check(Consent(True, giver, NOW, assent=True), asked, assented)
            rules.check(Consent(True, giver, NOW), asked, not_assented)
            assert may[giver] == (not assented), (age, giver)
            assert needs_assent or bool(assented) == bool(not_assented), (age, giver)


def test_without_an_age_there_may_be_a_birth_date_and_the_server_decides():
    formula = of_consent(Schedule(), NOW)["quien", "constraint"]
    assert [giver for giver in GIVERS if holds(formula, giver, None, "CO")] == [
        "person",
        "caregiver",
        "other_adult",
    ]


def test_the_form_as_it_is_kept_is_that_of_the_packaged_rules():
    with (FORM / "survey.csv").open(encoding="utf-8", newline="") as rows:
        kept = {row["name"]: row for row in csv.DictReader(rows)}
    for (question, column), formula in of_consent(Schedule(), NOW).items():
        assert kept[question][column] == formula
