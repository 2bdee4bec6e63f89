"""When to ask how it went, who must be told, who consents, which permits are open."""

import re
from datetime import date

import pytest

from services.referral.domain.pathway_policies import duties, follow_ups, permits
from services.referral.domain.pathway_tables import Pathway, packaged_files, where
from shared import codes
from tests.unit.referral.pathway.cases import COMMUNITY


def checks(need, priority=2):
    return [(one.check, one.offset_hours) for one in follow_ups(COMMUNITY, need=need, priority=priority)]


@pytest.mark.parametrize("need", codes.load("needs"))
def test_every_need_is_followed_up_at_every_priority(need):
    for priority in range(4):
        found = follow_ups(COMMUNITY, need=need, priority=priority)
        assert [one for one in found if one.check != "satisfaction"]
        assert [one for one in found if one.check == "satisfaction"]


def test_an_emergency_is_asked_about_after_two_hours_by_a_human():
    first = follow_ups(COMMUNITY, need="BAS.SHEL", priority=0)[0]
    assert (first.check, first.offset_hours, first.mode) == ("handed_over", 2, "call")
    assert "handed_over" not in dict(checks("BAS.SHEL", 1))


def test_the_health_reviews_after_sexual_violence_are_there():
    assert {("day_14", 336), ("day_90", 2160), ("day_180", 4320)} <= set(checks("GBV.RAPE", 0))


def test_work_is_asked_about_three_months_after_the_help_ended():
    found = {one.check: one for one in follow_ups(COMMUNITY, need="LIV.JOB", priority=3)}
    assert (found["job_or_income"].offset_hours, found["job_or_income"].anchor) == (90 * 24, "completed")
    assert (found["day_365"].offset_hours, found["job_or_income"].template) == (365 * 24, "S5")


def test_legal_steps_are_asked_about_before_the_deadline():
    assert {("deadline_15d", -360), ("deadline_3d", -72)} <= set(checks("LEG.ASY"))


def test_a_child_at_high_risk_is_seen_twice_a_week_in_the_first_month():
    first = follow_ups(COMMUNITY, need="CP.ABUSE", priority=1)[0]
    assert (first.every_hours, first.times) == (84, 8)


@pytest.mark.parametrize("code", codes.load("needs").values(), ids=lambda code: code.code)
def test_a_restricted_need_is_followed_up_by_people(code):
    if code.fact("sensitivity") == "S3":
        for one in follow_ups(COMMUNITY, need=code.code, priority=2):
            assert one.mode == "call" or code.code == "PRO.SEA"
            assert one.template in (None, "S3")


def ask(country, age_band, need, reporter="public_servant"):
    return [
        (one.must_report, one.to_whom, one.within_hours)
        for one in duties(COMMUNITY, country=country, age_band=age_band, need=need, reporter=reporter)
    ]


def test_who_must_report_about_a_child():
    assert ask("EC", "5-11", "CP.ABUSE") == [("yes", "CP_AUTH", 48)]
    assert ask("EC", "5-11", "CP.ABUSE", "anyone") == [("ask", "CP_AUTH", None)]
    assert ask("PE", "12-17", "GBV.RAPE", "health_or_education") == [("yes", "CP_AUTH", None)]
    assert ask("PE", "12-17", "GBV.RAPE", "public_servant") == [("ask", "CP_AUTH", None)]
    assert ask("PE", "12-17", "CP.PARENT") == [("ask", "CP_AUTH", None)]
    assert ask("PE", "12-17", "GBV.RAPE", "anyone") == [("ask", "CP_AUTH", None)]
    assert ask("CO", "12-17", "CP.SEXAB", "anyone") == [("yes", "CP_AUTH", 24)]


@pytest.mark.parametrize("country", codes.load("countries"))
def test_nobody_reports_an_adult_without_her_choice(country):
    assert ask(country, "18-59", "GBV.RAPE") == [("no", None, None)]
    assert ask(country, "18-59", "LIV.JOB") == [("no", None, None)]


def test_every_duty_is_explained_beforehand_and_marked_as_not_reviewed():
    (duty,) = duties(COMMUNITY, country="EC", age_band="5-11", need="CP.ABUSE", reporter="public_servant")
    assert duty.told_before
    assert not duty.reviewed


def consent(pathway, country, band, years=None):
    """The row of the table of consent that decides, and what it answers."""
    table = pathway.tables["consent_policy"]
    explained = table.explain({**where(table, country), "age_band": band, "years": years})
    return explained.deciding[0], explained.result


@pytest.mark.parametrize(
    ("band", "years", "child", "caregiver"),
    [
        ("5-11", 5, "none", "consent"),
        ("5-11", 6, "oral_assent", "consent"),
        ("5-11", None, "oral_assent", "consent"),
        ("12-17", 12, "written_assent", "consent"),
        ("12-17", 15, "consent", "consent_with_permission"),
        ("12-17", None, "written_assent", "consent"),
        ("18-59", 18, "consent", "none"),
        ("unknown", None, "consent", "consent_with_permission"),
    ],
)
def test_who_consents_at_which_age(band, years, child, caregiver):
    _, said = consent(COMMUNITY, "CO", band, years)
    assert (said["child"], said["caregiver"]) == (child, caregiver)


NOTES = "a,a,(P),unreviewed,,\n"


def with_consent_of(change):
    """The packaged pathway with other lines in its table of consent."""
    files = dict(packaged_files())
    files["consent_policy.csv"] = change(files["consent_policy.csv"])
    return Pathway.from_texts("community", files)


def test_a_country_may_have_a_row_of_its_own():
    elsewhere = 'C-04,"""CO"", ""PE""",-,[15..17]'
    row = f'C-11,"""EC""",-,[15..17],"""C2""","""written_assent""","""consent""","""mature_assent""",{NOTES}'
    pathway = with_consent_of(lambda text: text.replace("C-04,-,-,[15..17]", elsewhere) + row)
    found = {country: consent(pathway, country, "12-17", 16)[0] for country in codes.load("countries")}
    assert found == {"CO": "C-04", "EC": "C-11", "PE": "C-04"}


def test_whose_consent_a_service_takes_goes_by_the_country_too():
    elsewhere = 'C-10,"""CO"", ""PE""",unknown,unknown'
    row = (
        f'C-11,"""EC""",unknown,unknown,"""C2""","""written_assent""","""consent""","""other_adult""",{NOTES}'
    )
    pathway = with_consent_of(lambda text: text.replace("C-10,-,unknown,unknown", elsewhere) + row)
    assert {country: pathway.consents[country, "unknown"] for country in codes.load("countries")} == {
        "CO": "C1",
        "EC": "C2",
        "PE": "C1",
    }


def test_a_version_from_before_the_countries_decides_alike_in_all_of_them():
    files = dict(packaged_files())
    files["columns.csv"] = "\n".join(
        line for line in files["columns.csv"].split("\n") if not line.startswith("consent_policy,country")
    )
    text = files["consent_policy.csv"].replace(",country:string", "")
    files["consent_policy.csv"] = re.sub(r"^(C-\d+),-", r"\1", text, flags=re.M)
    older = Pathway.from_texts("community", files)
    assert older.consents == COMMUNITY.consents
    assert consent(older, "PE", "0-4") == consent(COMMUNITY, "CO", "0-4")


@pytest.mark.parametrize(
    ("country", "day", "states"),
    [
        ("EC", date(2025, 3, 10), {"virte": "ask", "virte_ii": "ask"}),
        ("EC", date(2025, 3, 11), {"virte": "closed", "virte_ii": "closed"}),
        ("PE", date(2023, 11, 10), {"ptp": "closed", "cpp": "ask"}),
        ("PE", date(2023, 11, 11), {"ptp": "closed", "cpp": "closed"}),
        ("CO", date(2025, 8, 31), {"ppt": "ask", "pep_tutor": "closed"}),
        ("CO", date(2025, 9, 1), {"ppt": "ask", "pep_tutor": "open"}),
        ("CO", date(2026, 4, 30), {"ppt": "ask", "pep_tutor": "open"}),
        ("CO", date(2026, 5, 1), {"ppt": "ask", "pep_tutor": "closed"}),
    ],
)
def test_which_permits_are_open_on_a_day(country, day, states):
    assert {one.permit: one.state for one in permits(COMMUNITY, country=country, on=day)} == states
