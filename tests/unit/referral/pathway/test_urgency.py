"""Each row of the urgency table, by hand: what a protection officer would answer."""

import pytest

from services.referral.domain.pathway import clocks_for
from tests.unit.referral.pathway.cases import COMMUNITY, one

CALM = {"danger_now": "no"}

CASES = [
    # row, need, facts, person, priority, deadline
    ("U-01", "LIV.JOB", {"danger_now": "yes"}, {}, 0, 1),
    ("U-01", "GBV.PSY", {}, {}, 0, 1),
    ("U-02a", "HEA.PRIM", {"medical_emergency": "yes"}, {}, 0, 1),
    ("U-02b", "HEA.EMERG", {}, {}, 0, 1),
    ("U-03", "MHP.DIST", {"suicide_plan": "yes"}, {}, 0, 1),
    ("U-03", "MHP.SUIC", {}, {}, 0, 1),
    ("U-04a", "GBV.RAPE", {**CALM, "elapsed": "le_24h"}, {}, 0, 24),
    ("U-04a", "GBV.RAPE", {**CALM, "elapsed": "h25_72"}, {}, 0, 1),
    ("U-04a", "GBV.SEXA", CALM, {}, 0, 1),
    ("U-04b", "TIP.SEX", {**CALM, "ongoing": "no", "elapsed_hours": 30}, {}, 0, 24),
    ("U-05a", "GBV.RAPE", {**CALM, "elapsed_hours": 100}, {}, 0, 18),
    ("U-06", "GBV.RAPE", {**CALM, "elapsed": "h121_d14"}, {}, 1, 24),
    ("U-07a", "GBV.RAPE", {**CALM, "elapsed": "gt_d14"}, {}, 1, 24),
    ("U-07b", "GBV.RAPE", {**CALM, "elapsed": "gt_6m"}, {}, 1, 24),
    ("U-07c", "GBV.RAPE", {**CALM, "elapsed": "gt_6m", "incident_safe": "yes"}, {}, 2, 72),
    ("U-08a", "GBV.PHYS", {**CALM, "perpetrator_access": "yes"}, {}, 0, 3),
    ("U-08b", "GBV.DENY", {**CALM, "severe_risk": "yes"}, {}, 0, 1),
    ("U-09", "GBV.PSY", CALM, {}, 1, 24),
    ("U-10", "GBV.RISK", {}, {}, 2, 72),
    ("U-11a", "GBV.FMAR", {**CALM, "planned_within_7d": "yes"}, {}, 0, 3),
    ("U-11a", "GBV.FMAR", CALM, {}, 0, 3),
    ("U-11b", "GBV.FMAR", {**CALM, "planned_within_7d": "no"}, {}, 1, 24),
    ("U-12a", "CP.UNACC", {"safe_care_tonight": "no"}, {"age_band": "12-17"}, 0, 3),
    ("U-12a", "CP.UNACC", {}, {"age_band": "12-17"}, 0, 3),
    ("U-12b", "CP.UNACC", {"safe_care_tonight": "yes"}, {"age_band": "5-11"}, 0, 3),
    ("U-12b", "CP.UNACC", {"safe_care_tonight": "yes"}, {"age_band": "unknown"}, 0, 3),
    ("U-12c", "CP.NEGL", {"safe_care_tonight": "no"}, {"age_band": "5-11"}, 0, 3),
    ("U-13a", "CP.UNACC", {"safe_care_tonight": "yes"}, {"age_band": "12-17"}, 1, 24),
    ("U-13b", "CP.SEP", {}, {"age_band": "12-17"}, 1, 24),
    ("U-14", "CP.SEP", {"care_concern": "no"}, {"age_band": "12-17"}, 2, 72),
    ("U-15", "CP.ABUSE", {**CALM, "perpetrator_access": "yes"}, {"age_band": "5-11"}, 0, 3),
    ("U-15", "CP.ABUSE", CALM, {"age_band": "5-11"}, 0, 3),
    ("U-16a", "CP.ABUSE", {**CALM, "perpetrator_access": "no"}, {"age_band": "5-11"}, 1, 24),
    ("U-16b", "CP.WFCL", {}, {"age_band": "12-17"}, 1, 24),
    ("U-16b", "CP.RECR", {}, {"age_band": "12-17"}, 1, 24),
    ("U-16b", "CP.NEGL", {}, {"age_band": "0-4"}, 1, 24),
    ("U-16c", "CP.CARE", {}, {"age_band": "0-4"}, 1, 24),
    ("U-16e", "CP.LAW", {}, {"age_band": "12-17"}, 1, 24),
    ("U-16f", "CP.PARENT", {}, {"age_band": "5-11"}, 1, 24),
    ("U-17a", "CP.LABOUR", {}, {"age_band": "5-11"}, 2, 72),
    ("U-17b", "CP.PARENT", {}, {"age_band": "12-17"}, 2, 72),
    ("U-17c", "EDU.OOS", {}, {"age_band": "5-11"}, 2, 72),
    ("U-18", "TIP.LAB", {**CALM, "ongoing": "yes"}, {}, 0, 3),
    ("U-18", "TIP.OTH", CALM, {}, 0, 3),
    ("U-19a", "TIP.LAB", {**CALM, "ongoing": "no"}, {}, 1, 24),
    ("U-19b", "TIP.RISK", {}, {}, 1, 24),
    ("U-20a", "PRO.DETEN", {"deadline_days": 3}, {}, 0, 3),
    ("U-20a", "PRO.DETEN", {}, {}, 0, 3),
    ("U-20b", "PRO.DETEN", {"deadline_days": 4}, {}, 1, 24),
    ("U-21a", "PRO.EXTORT", {**CALM, "recent_7d": "yes"}, {}, 0, 3),
    ("U-21b", "PRO.EXTORT", {**CALM, "recent_7d": "no"}, {}, 1, 24),
    ("U-22a", "PRO.HRV", {"ongoing": "yes"}, {}, 1, 24),
    ("U-22a", "PRO.XENO", {}, {}, 1, 24),
    ("U-22b", "PRO.HRV", {"ongoing": "no"}, {}, 2, 72),
    ("U-22c", "PRO.FAMSEP", {}, {}, 2, 72),
    ("U-23a", "PRO.TORT", {"symptoms": "yes"}, {}, 1, 24),
    ("U-23b", "PRO.TORT", {"symptoms": "no"}, {}, 2, 72),
    ("U-24", "MHP.SEV", {}, {}, 1, 24),
    ("U-25", "MHP.SUIC", {"suicide_plan": "no"}, {}, 1, 24),
    ("U-26", "MHP.DIST", {}, {}, 2, 72),
    ("U-27a", "HEA.PREGHR", {}, {}, 1, 24),
    ("U-27b", "HEA.PREG", {"symptoms": "yes"}, {}, 1, 24),
    ("U-27c", "HEA.CHRON", {"medicine_days": 7}, {}, 1, 24),
    ("U-27c", "HEA.CHRON", {}, {}, 1, 24),
    ("U-27d", "HEA.HIVTB", {"symptoms": "yes", "medicine_days": 30}, {}, 1, 24),
    ("U-27e", "HEA.CHILD", {"symptoms": "yes"}, {"age_band": "0-4"}, 1, 24),
    ("U-28a", "HEA.PREG", {}, {}, 2, 72),
    ("U-28b", "HEA.CHRON", {"medicine_days": 8}, {}, 2, 72),
    ("U-28c", "HEA.PRIM", {}, {}, 2, 72),
    ("U-29a", "BAS.SHEL", {"tonight": "yes"}, {"criteria": ("V10",)}, 1, 24),
    ("U-29a", "BAS.FOOD", {"tonight": "yes"}, {"age_band": "5-11"}, 1, 24),
    ("U-29b", "BAS.FOOD", {"tonight": "yes"}, {"children": ("0-4",)}, 1, 24),
    ("U-30a", "BAS.SHEL", {"tonight": "yes"}, {"criteria": ("V07",)}, 2, 72),
    ("U-30b", "BAS.SHEL", {"tonight": "yes", "second_night": "yes"}, {}, 1, 24),
    ("U-31", "LEG.HOUS", {"deadline_days": 3}, {}, 1, 24),
    ("U-32a", "LEG.ASY", {"deadline_days": 15}, {}, 1, 24),
    ("U-32b", "LEG.ASY", {"deadline_days": 16}, {}, 2, 72),
    ("U-32b", "LEG.REG", {"deadline_days": 60}, {}, 2, 72),
    ("U-32c", "LEG.ASY", {}, {}, 2, 72),
    ("U-33a", "PRO.SEA", {"elapsed": "gt_d14"}, {}, 1, 24),
    ("U-33b", "PRO.SEA", {"elapsed": "le_24h"}, {}, 0, 24),
    ("U-33b", "PRO.SEA", {}, {}, 0, 1),
    ("U-33c", "PRO.SEA", {"elapsed_hours": 73}, {}, 0, 24),
    ("U-34a", "LEG.REG", {}, {}, 3, 168),
    ("U-34b", "LIV.CERT", {}, {}, 3, 168),
    ("U-34c", "BAS.SHEL", {"tonight": "no"}, {}, 3, 168),
    ("U-34d", "BAS.CASH", {}, {}, 3, 168),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_row(case):
    row, code, facts, who, priority, deadline = case
    decision = one(code, facts, **who)
    assert (decision.priority, decision.deadline_hours) == (priority, deadline)
    assert row in decision.reasons


def test_every_row_but_the_unlikely_has_a_case():
    rows = {row.id for row in COMMUNITY.tables["priority"].rows}
    assert rows - {case[0] for case in CASES} == {"U-05b", "U-16d"}


@pytest.mark.parametrize(
    ("hours", "waited", "priority", "deadline", "left"),
    [
        (1, 0, 0, 24, 71),
        (46, 0, 0, 24, 26),
        (47, 0, 0, 23, 25),
        (60, 0, 0, 10, 12),
        (71, 0, 0, 1, 1),
        (72, 0, 0, 1, 0),
        (73, 0, 0, 24, 47),
        (60, 11, 0, 1, 1),
        (60, 13, 0, 24, 47),
        (110, 0, 0, 8, 10),
        (120, 0, 0, 1, 0),
        (121, 0, 1, 24, None),
        (100, 30, 1, 24, None),
    ],
)
def test_the_clinical_window_shrinks_with_the_hours(hours, waited, priority, deadline, left):
    decision = one("GBV.RAPE", {**CALM, "elapsed_hours": hours}, hours_waited=waited)
    assert (decision.priority, decision.deadline_hours, decision.window_hours) == (priority, deadline, left)


def test_waiting_moves_a_band_too():
    fresh = one("GBV.RAPE", {**CALM, "elapsed": "le_24h"})
    later = one("GBV.RAPE", {**CALM, "elapsed": "le_24h"}, hours_waited=40)
    assert (fresh.window_hours, later.window_hours) == (48, 8)
    assert later.deadline_hours == 6


@pytest.mark.parametrize(
    ("code", "facts", "criteria", "priority", "reason"),
    [
        ("LIV.CERT", {}, ("V31",), 2, "U-35a"),
        ("MHP.DIST", {}, ("V16",), 1, "U-35b"),
        ("GBV.PSY", CALM, ("V14",), 0, "U-35c"),
        ("LIV.CERT", {}, ("V13", "V17", "V10"), 2, "U-35d"),
        ("MHP.DIST", {}, ("V13", "V17", "V10"), 1, "U-35e"),
        ("HEA.PREGHR", {}, ("V06", "V13", "V10"), 1, None),
    ],
)
def test_risk_raises_one_level(code, facts, criteria, priority, reason):
    decision = one(code, facts, criteria=criteria)
    assert decision.priority == priority
    assert reason is None or reason in decision.reasons


def test_weights_alone_never_make_an_emergency_and_seven_is_not_enough():
    heavy = ("V13", "V15", "V17", "V24", "V25", "V18", "V19")
    assert one("GBV.PSY", CALM, criteria=heavy).priority == 1
    assert one("LIV.CERT", {}, criteria=("V13", "V17", "V07")).priority == 3


def test_a_flag_and_weights_together_raise_one_level_only():
    assert one("LIV.CERT", {}, criteria=("V31", "V14", "V16")).priority == 2


def test_the_age_changes_the_weight_of_being_a_child():
    assert one("EDU.NFE", age_band="12-17", criteria=("V10", "V12", "V17")).priority == 2
    assert one("EDU.NFE", age_band="12-17", criteria=("V10", "V12", "V11")).priority == 3
    assert one("EDU.NFE", age_band="5-11", criteria=("V10", "V12", "V11")).priority == 2


def test_a_raise_shortens_the_deadline():
    assert one("LIV.CERT", {}, criteria=("V31",)).deadline_hours == 72
    assert one("GBV.PSY", CALM, criteria=("V14",)).deadline_hours == 3


@pytest.mark.parametrize(
    ("code", "facts", "floor"),
    [
        ("GBV.RAPE", {**CALM, "elapsed": "le_24h"}, 1),
        ("CP.UNACC", {}, 1),
        ("TIP.LAB", {}, 1),
        ("PRO.SEA", {"elapsed": "h73_120"}, 1),
        ("GBV.PSY", CALM, 3),
        ("LIV.JOB", {}, 3),
        ("LIV.JOB", {"danger_now": "yes"}, 1),
    ],
)
def test_floors(code, facts, floor):
    assert one(code, facts).floor == floor


def test_the_four_clocks_of_every_level():
    limits = [clocks_for(COMMUNITY, level).limits for level in range(4)]
    assert [(one.acknowledge, one.decide, one.start, one.feedback) for one in limits] == [
        (1, 3, 24, 24),
        (12, 24, 24, 72),
        (24, 72, 72, 168),
        (72, 168, 168, 720),
    ]
    assert [clocks_for(COMMUNITY, level).by_phone for level in range(4)] == [True, True, False, False]
    assert [clocks_for(COMMUNITY, level).wall_clock for level in range(4)] == [True, True, False, False]


def test_what_was_assumed_is_told():
    assert set(one("GBV.RAPE").assumed) == {"danger_now", "elapsed", "incident_safe"}
    assert one("GBV.RAPE", {**CALM, "elapsed": "le_24h", "incident_safe": "no"}).assumed == ()
    assert one("LIV.JOB").assumed == ()
    assert "danger_now" in one("GBV.RAPE", {"danger_now": "unknown"}).assumed
