"""Which rules of consent are told to whoever asks for consent, and what is made of them there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.age import band
from services.intake.domain.consent_rules import Rule, Schedule
from services.referral.domain import consent_schedule
from services.referral.domain.consent_schedule import rules, table_of
from services.referral.domain.decisions import TableErrors
from services.referral.domain.pathway_tables import packaged_files
from services.referral.domain.publishing import State, Version, live_at
from shared import codes
from shared.events.referral import ConsentPolicyScheduled
from tests.unit.referral.pathway.cases import COMMUNITY

DAY = timedelta(days=1)
START = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
AGES = [*range(121), None]
NOTES = "a,a,(P),unreviewed,,\n"
PACKAGED = rules(COMMUNITY.tables["consent_policy"])


def with_rows(change):
    files = dict(packaged_files())
    files["consent_policy.csv"] = change(files["consent_policy.csv"])
    return files


def on_the_wire(periods):
    """What a subscriber reads of them."""
    fact = ConsentPolicyScheduled(seq=1, pathway="community", periods=periods)
    return Schedule.of(json.loads(json.dumps(fact.data()))["periods"])


@pytest.mark.parametrize("country", codes.load("countries"))
def test_intakes_own_rules_are_those_of_the_packaged_table(country):
    told = on_the_wire([{"begins": None, "rules": PACKAGED}])
    for age in AGES:
        said = COMMUNITY.tables["consent_policy"].evaluate(
            {"country": country, "age_band": band(age), "years": age}
        )
        expected = Rule(said["child"], said["caregiver"], said["if_absent"])
        assert Schedule().rule(country=country, age=age, at=START) == expected
        assert told.rule(country=country, age=age, at=START) == expected


def test_neighbours_with_one_answer_are_told_together_and_countries_too():
    assert [(one["countries"], one["ages"]) for one in PACKAGED] == [
        (["CO", "EC", "PE"], ages) for ages in ([0, 5], [6, 11], [12, 14], [15, 17], [18, 120], None)
    ]


def test_a_row_of_one_country_is_told_for_it_alone():
    row = f'C-11,"""EC""",-,[12..13],"""C2""","""oral_assent""","""consent""","""other_adult""",{NOTES}'
    split = 'C-03,"""CO"", ""PE""",-,[12..14]'
    more = f'C-12,"""EC""",-,14,"""C2""","""written_assent""","""consent""","""mature_assent""",{NOTES}'
    found = table_of(with_rows(lambda text: text.replace("C-03,-,-,[12..14]", split) + row + more))
    schedule = on_the_wire([{"begins": None, "rules": rules(found)}])
    assert schedule.rule(country="EC", age=13, at=START).if_absent == "other_adult"
    assert schedule.rule(country="EC", age=14, at=START).if_absent == "mature_assent"
    assert schedule.rule(country="CO", age=13, at=START).if_absent == "mature_assent"


def test_where_the_table_says_nothing_the_packaged_rule_counts():
    found = table_of(with_rows(lambda text: text.replace("[12..14]", "[13..14]")))
    schedule = on_the_wire([{"begins": None, "rules": rules(found)}])
    assert schedule.rule(country="PE", age=12, at=START) == Rule("written_assent", "consent", "mature_assent")


def test_of_files_without_the_table_nothing_can_be_told():
    for files in ({}, {"columns.csv": packaged_files()["columns.csv"]}):
        with pytest.raises(TableErrors):
            table_of(files)


def test_a_table_has_to_keep_its_own_promises_or_else_the_packaged_ones():
    harmful = with_rows(
        lambda text: text.replace('"""C2""","""none""","""consent"""', '"""C2""","""consent""","""none"""')
    )
    without = {name: text for name, text in harmful.items() if name != "invariants.csv"}
    assert consent_schedule.promised(table_of(harmful), harmful)  # proven before it was approved
    assert not consent_schedule.promised(table_of(without), without)
    assert consent_schedule.promised(COMMUNITY.tables["consent_policy"], without)


def approved(number, begins, ends=None, *, retired=None, contingency=False):
    made = Version(
        id=f"v{number}",
        pathway="community",
        files={},
        content_hash=f"h{number}",
        state=State.APPROVED,
        version=5,
        note="",
        based_on="packaged",
        editors=(),
        created_at=START,
    )
    return replace(
        made,
        contingency=contingency,
        live_from=begins,
        live_until=ends,
        retired_at=retired,
        approved_at=START + timedelta(seconds=number),
    )


def rules_of(version):
    """Rules that tell which version they are of."""
    name = "packaged" if version is None else version.id
    return [{"countries": ["CO"], "ages": [0, 120], "child": name, "caregiver": "none", "if_absent": "none"}]


def told(versions):
    return [(one["begins"], one["rules"][0]["child"]) for one in consent_schedule.periods(versions, rules_of)]


def test_a_contingency_table_comes_and_goes():
    versions = [
        approved(1, START),
        approved(2, START + DAY, START + 3 * DAY, contingency=True),
        approved(3, START + 2 * DAY),
    ]
    assert told(versions) == [
        (None, "packaged"),
        ("2026-11-20T05:00:00+00:00", "v1"),
        ("2026-11-21T05:00:00+00:00", "v2"),
        ("2026-11-23T05:00:00+00:00", "v3"),
    ]


def test_after_the_last_version_is_retired_the_packaged_rules_count_again():
    assert told([approved(1, START, retired=START + DAY)])[-1] == ("2026-11-21T05:00:00+00:00", "packaged")


def test_a_version_with_the_same_rules_begins_no_period():
    assert consent_schedule.periods([approved(1, START)], lambda _: PACKAGED) == [
        {"begins": None, "rules": PACKAGED}
    ]


moments = st.integers(0, 12).map(lambda days: START + days * DAY)


@given(
    st.lists(st.tuples(moments, st.none() | moments, st.none() | moments, st.booleans()), max_size=6), moments
)
def test_at_every_moment_the_rule_is_that_of_the_version_in_force(terms, moment):
    versions = [
        approved(number, begins, ends, retired=retired, contingency=contingency)
        for number, (begins, ends, retired, contingency) in enumerate(terms)
    ]
    schedule = on_the_wire(consent_schedule.periods(versions, rules_of))
    deciding = live_at(versions, moment)
    for at in (moment, moment + timedelta(hours=1)):
        found = schedule.rule(country="CO", age=30, at=at).child
        assert found == ("packaged" if deciding is None else deciding.id)
