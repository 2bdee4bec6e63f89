"""The lines of the routing table, by hand: FIRST and PAR in order, THEN, offers, notices, exclusions."""

import pytest

from tests.unit.referral.pathway.cases import one, services

CALM = {"danger_now": "no"}
MEN = {"gender": "man"}
GIRL = {"age_band": "5-11", "gender": "woman"}
TEEN = {"age_band": "12-17", "gender": "man"}

CASES = {
    # name: need, facts, person, FIRST, PAR, THEN, OPT, AUTH
    "R-GBV-01": (
        *("GBV.RAPE", {**CALM, "elapsed": "le_24h"}, {}),
        *("HE_CMR", "PS_BASIC GBV_CM", "PS_FOCUS", "LEGAL POLICE PROSEC PROT_ORD", ""),
    ),
    "R-GBV-01 danger": (
        *("GBV.SEXA", {"danger_now": "yes", "elapsed": "h25_72"}, {}),
        *("HE_CMR", "PS_BASIC GBV_CM SAFE", "PS_FOCUS", "LEGAL POLICE PROSEC PROT_ORD EM_LINE", ""),
    ),
    "R-GBV-02": (
        *("GBV.RAPE", {**CALM, "elapsed": "h73_120"}, {}),
        *("HE_CMR", "PS_BASIC GBV_CM", "PS_FOCUS", "LEGAL POLICE PROSEC PROT_ORD", ""),
    ),
    "R-GBV-03": (
        *("GBV.RAPE", {**CALM, "elapsed": "h121_d14"}, {}),
        *("GBV_CM", "HE_SRH", "", "LEGAL PROSEC", ""),
    ),
    "R-GBV-04": (
        *("GBV.RAPE", {**CALM, "elapsed": "gt_d14"}, MEN),
        *("GBV_CM", "HE_SRH", "", "LEGAL PROSEC PEER", ""),
    ),
    "R-GBV-05": (
        *("GBV.PHYS", {"danger_now": "yes", "injured": "yes"}, {}),
        *("EM_LINE GBV_CM", "SAFE HE_PRIM PS_BASIC", "", "PROT_ORD LEGAL", ""),
    ),
    "R-GBV-05 access": (
        *("GBV.DENY", {**CALM, "perpetrator_access": "yes"}, {}),
        *("GBV_CM", "SAFE PS_BASIC", "", "PROT_ORD LEGAL", ""),
    ),
    "R-GBV-06": ("GBV.PSY", CALM, {}, "GBV_CM", "PS_FOCUS", "", "LEGAL PEER LV_VOC", ""),
    "R-GBV-06 risk": ("GBV.RISK", {}, {}, "GBV_CM", "PS_FOCUS", "", "LEGAL PEER LV_VOC", ""),
    "R-GBV-07": (
        *("GBV.SSEX", CALM, {"gender": "trans_woman", "criteria": ("V19",)}),
        *("HE_SRH", "PEER PS_FOCUS", "", "LV_VOC LV_ENT LV_CERT LEG_MIG SHEL", ""),
    ),
    "R-GBV-08": ("GBV.FMAR", {**CALM, "planned_within_7d": "no"}, {}, "GBV_CM", "SAFE", "", "LEGAL", ""),
    "R-GBV-09": (
        *("PRO.SEA", {"elapsed": "le_24h"}, {}),
        *("HE_CMR", "GBV_CM PS_BASIC PSEA", "PS_FOCUS", "LEGAL POLICE PROSEC PROT_ORD", ""),
    ),
    "R-GBV-09 later": (
        *("PRO.SEA", {"elapsed": "gt_d14"}, {}),
        *("GBV_CM", "PS_BASIC PSEA HE_SRH", "", "LEGAL PROSEC", ""),
    ),
    "R-GBV-09 child": (
        *("PRO.SEA", {"elapsed": "gt_d14"}, TEEN),
        *("HE_CMR", "PS_BASIC PSEA CP_CM GBV_CM PS_FOCUS", "", "LEGAL", "CP_AUTH"),
    ),
    "R-CP-01": (
        *("CP.SEXAB", {**CALM, "perpetrator_access": "no", "elapsed": "gt_d14"}, GIRL),
        *("HE_CMR", "CP_CM PS_FOCUS GBV_CM", "", "LEGAL", "CP_AUTH"),
    ),
    "R-CP-01 boy of 8": (
        *("CP.SEXAB", {**CALM, "perpetrator_access": "no", "elapsed": "gt_d14"}, {**GIRL, "gender": "man"}),
        *("HE_CMR", "CP_CM PS_FOCUS", "", "LEGAL", "CP_AUTH"),
    ),
    "R-CP-01 rape of a boy of 15": (
        *("GBV.RAPE", {**CALM, "elapsed": "le_24h"}, TEEN),
        *("HE_CMR", "CP_CM PS_FOCUS GBV_CM", "", "LEGAL", "CP_AUTH"),
    ),
    "R-CP-02": (
        *("CP.UNACC", {}, TEEN),
        *("CP_AUTH", "ALTCARE CP_CM FTR LEG_MIG", "EDU_AUTH HE_PRIM", "", ""),
    ),
    "R-CP-02 shelter": (
        *("BAS.SHEL", {"tonight": "yes"}, {**TEEN, "criteria": ("V02",)}),
        *("CP_AUTH", "ALTCARE CP_CM FOOD NFI", "", "", ""),
    ),
    "R-CP-03": ("CP.SEP", {"care_concern": "no"}, GIRL, "CP_CM", "FTR", "", "", ""),
    "R-CP-03 unsafe": ("CP.SEP", {"care_concern": "yes"}, GIRL, "CP_CM", "FTR", "", "", "CP_AUTH"),
    "R-CP-04": (
        *("CP.ABUSE", {**CALM, "injured": "yes", "perpetrator_access": "no"}, GIRL),
        *("", "CP_CM HE_PRIM PS_FOCUS", "", "", "CP_AUTH"),
    ),
    "R-CP-04 GBV under 18": (
        *("GBV.PSY", CALM, {**GIRL, "age_band": "12-17"}),
        *("GBV_CM", "PS_FOCUS CP_CM", "", "LEGAL PEER", "CP_AUTH"),
    ),
    "R-CP-05": (
        *("CP.PARENT", {}, {**GIRL, "age_band": "12-17"}),
        *("CP_CM", "HE_SRH EDU_FORM", "", "", "CP_AUTH"),
    ),
    "R-CP-05 union": (
        *("GBV.FMAR", {**CALM, "planned_within_7d": "no"}, {**GIRL, "age_band": "12-17"}),
        *("CP_CM", "HE_SRH EDU_FORM GBV_CM", "", "", "CP_AUTH"),
    ),
    "R-CP-06": ("CP.RECR", {}, TEEN, "", "CP_CM ALTCARE", "", "LEGAL", "CP_AUTH"),
    "R-CP-07": ("CP.LABOUR", {}, GIRL, "CP_CM", "EDU_AUTH LV_JOB CASH", "", "", ""),
    "R-CP-08": ("CP.LAW", {}, TEEN, "LEGAL", "CP_CM OMBUD", "", "", ""),
    "R-TIP-01": (
        *("TIP.LAB", CALM, MEN),
        *("TIP_CM", "SAFE HE_PRIM PS_FOCUS LEGAL", "", "PROSEC", ""),
    ),
    "R-TIP-01 sexual": (
        *("TIP.SEX", {**CALM, "elapsed": "le_24h"}, {}),
        *("TIP_CM", "SAFE HE_CMR PS_FOCUS LEGAL", "", "PROSEC", ""),
    ),
    "R-TIP-02": ("TIP.LAB", CALM, TEEN, "", "PS_FOCUS CP_CM ALTCARE", "", "LEGAL", "CP_AUTH TIP_AUTH"),
    "R-TIP-02 sexual": (
        *("TIP.SEX", CALM, {**GIRL, "age_band": "12-17"}),
        *("HE_CMR", "CP_CM PS_FOCUS GBV_CM ALTCARE", "", "LEGAL", "CP_AUTH TIP_AUTH"),
    ),
    "R-TIP-03": ("TIP.RISK", {}, MEN, "INFO", "LV_JOB", "", "LEGAL", ""),
    "R-TIP-04": ("TIP.SMUG", {}, MEN, "LEGAL", "PS_FOCUS LEG_MIG", "", "PROSEC", ""),
    "R-PRO-01": (
        *("PRO.EXTORT", {"danger_now": "yes"}, MEN),
        *("EM_LINE", "SHEL LEGAL", "", "POLICE PROSEC", ""),
    ),
    "R-PRO-01 border": (
        *("PRO.PHYS", {**CALM, "recent_7d": "yes"}, {**MEN, "criteria": ("V23",)}),
        *("EM_LINE", "SHEL LEGAL LEG_MIG", "", "POLICE PROSEC", ""),
    ),
    "R-PRO-01 older": (
        *("PRO.PHYS", {**CALM, "recent_7d": "no"}, MEN),
        *("LEGAL", "SHEL", "", "POLICE PROSEC", ""),
    ),
    "R-PRO-02": (
        *("PRO.XENO", {"injured": "yes"}, MEN),
        *("LEGAL", "OMBUD PS_FOCUS HE_PRIM", "", "PROSEC", ""),
    ),
    "R-PRO-03": ("PRO.DETEN", {}, MEN, "LEG_MIG", "OMBUD", "", "", ""),
    "R-PRO-03 refugee": (
        *("PRO.DETEN", {}, {**MEN, "documents": ("asylum_applicant",)}),
        *("LEG_MIG", "OMBUD UNHCR", "", "", ""),
    ),
    "R-PRO-04": ("PRO.TORT", {}, MEN, "PS_SPEC", "HE_PRIM LEG_MIG", "", "", ""),
    "R-PRO-05": ("PRO.FAMSEP", {}, MEN, "FTR", "PS_BASIC", "", "", ""),
    "R-HEA-01": ("HEA.EMERG", {}, {}, "HE_EMERG", "", "", "", ""),
    "R-HEA-02 CO": ("HEA.PREG", {}, {}, "HE_SRH", "HE_INSUR", "", "NUTR", ""),
    "R-HEA-02 EC": ("HEA.PREGHR", {}, {"country": "EC"}, "HE_SRH", "", "", "NUTR", ""),
    "R-HEA-03 PE": ("HEA.HIVTB", {}, {"country": "PE"}, "HE_HIVTB", "HE_INSUR", "", "", ""),
    "R-HEA-03 CO": ("HEA.HIVTB", {}, {}, "HE_HIVTB", "", "", "", ""),
    "R-HEA-04": ("HEA.CHRON", {}, {"documents": ("none",)}, "HE_PRIM", "LEG_MIG", "", "", ""),
    "R-HEA-04 PPT": ("HEA.NUT", {}, {"documents": ("ppt",)}, "NUTR", "", "", "", ""),
    "R-HEA-04 EC": ("HEA.DIS", {}, {"country": "EC", "documents": ("none",)}, "HE_REHAB", "", "", "", ""),
    "R-HEA-05": ("HEA.SRH", {}, {}, "HE_SRH", "", "", "", ""),
    "R-MHP-01": ("MHP.SUIC", {}, {}, "HE_EMERG", "PS_CRISIS PS_SPEC", "", "", ""),
    "R-MHP-02": ("MHP.SUIC", {"suicide_plan": "no"}, {}, "PS_SPEC", "PS_CRISIS", "", "", ""),
    "R-MHP-03": ("MHP.DIST", {}, {}, "PS_BASIC", "", "PS_FOCUS", "", ""),
    "R-LEG-01": ("LEG.REG", {}, {}, "LEG_MIG", "", "", "", ""),
    "R-LEG-02": ("LEG.ASY", {}, {}, "LEG_MIG", "", "ASYL", "", ""),
    "R-LEG-03": ("LEG.BIRTH", {}, {}, "REGISTRY", "", "", "", ""),
    "R-LEG-03 returnee": ("LEG.DOC", {}, {"population_type": "returnee"}, "REGISTRY", "", "", "", ""),
    "R-LEG-04": ("LEG.LAB", {}, {}, "LEGAL", "", "", "LAB_INSP", ""),
    "R-LEG-05": ("LEG.FAM", {}, {}, "LEGAL", "", "", "", ""),
    "R-EDU-01": ("EDU.OOS", {}, GIRL, "EDU_AUTH", "EDU_FORM", "", "EDU_KIT", ""),
    "R-EDU-01 refused": ("EDU.ENROL", {}, GIRL, "EDU_AUTH", "EDU_FORM", "", "EDU_KIT OMBUD", ""),
    "R-EDU-02": ("EDU.BULLY", {}, TEEN, "EDU_FORM", "PS_BASIC", "", "", ""),
    "R-EDU-02 grade 11": (
        *("EDU.LEVEL", {"grade": 11}, {**TEEN, "documents": ("none",)}),
        *("EDU_FORM", "LEG_MIG", "", "", ""),
    ),
    "R-EDU-02 grade 10": (
        "EDU.LEVEL",
        {"grade": 10},
        {**TEEN, "documents": ("none",)},
        "EDU_FORM",
        *[""] * 4,
    ),
    "R-EDU-03": (
        *("EDU.HIGH", {}, {"documents": ("none",)}),
        *("EDU_HIGH", "LEG_MIG EDU_AUTH", "", "", ""),
    ),
    "R-EDU-04": ("EDU.KIT", {}, TEEN, "EDU_KIT", "", "", "", ""),
    "R-LIV-01 experience": (
        *("LIV.JOB", {"experience": "yes"}, {"documents": ("ppt",)}),
        *("LV_CERT", "", "LV_JOB", "", ""),
    ),
    "R-LIV-01 none": (
        *("LIV.JOB", {"experience": "no"}, {"documents": ("ppt",), "children": ("0-4",)}),
        *("LV_VOC", "CHILDCARE", "LV_JOB", "", ""),
    ),
    "R-LIV-01 papers first": ("LIV.JOB", {}, {"documents": ("none",)}, "LEG_MIG", "", "LV_JOB", "", ""),
    "R-LIV-01 enterprise": ("LIV.ENT", {}, {"documents": ("none",)}, "LV_ENT", "LEG_MIG", "", "LV_VOC", ""),
    "R-LIV-01 at 16": ("LIV.JOB", {}, TEEN, "LV_VOC", "EDU_FORM", "", "", ""),
    "R-LIV-01 at 10": ("LIV.JOB", {}, GIRL, "CP_CM", "EDU_AUTH", "", "", ""),
    "R-LIV-02": ("LIV.CARE", {}, {}, "CHILDCARE", "", "", "", ""),
    "R-BAS-01": ("BAS.SHEL", {"tonight": "yes"}, {}, "SHEL", "FOOD NFI", "", "", ""),
    "R-BAS-01 later": ("BAS.SHEL", {"tonight": "no"}, {}, "SHEL", "", "", "", ""),
    "R-BAS-02 food": ("BAS.FOOD", {}, {}, "FOOD", "", "", "", ""),
    "R-BAS-02 cash": ("BAS.CASH", {}, {}, "CASH", "", "", "", ""),
    "R-SOC-01": ("SOC.PEER", {}, {}, "PEER", "", "", "PLATFORM", ""),
    "R-SOC-01 platform": ("SOC.PLAT", {}, {}, "PLATFORM", "", "", "", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_line(name):
    code, facts, who, *expected = CASES[name]
    decision = one(code, facts, **who)
    for mode, wanted in zip(("FIRST", "PAR", "THEN", "OPT", "AUTH"), expected, strict=True):
        assert services(decision, mode) == wanted.split(), (name, mode)
    line = name.split(" ", 1)[0]
    rows = {route.row_id for route in (*decision.services, *decision.offers, *decision.notices)}
    assert any(row.startswith(f"{line}.") for row in rows)


def capability(decision, service):
    return next(
        route.capability for route in (*decision.services, *decision.notices) if route.service == service
    )


@pytest.mark.parametrize(
    ("country", "facts", "wanted"),
    [
        ("EC", {}, "junta_cantonal"),
        ("CO", {}, "icbf"),
        ("PE", {"safe_care_tonight": "yes"}, "demuna"),
        ("PE", {"safe_care_tonight": "no"}, "upe"),
    ],
)
def test_each_country_has_its_authority_and_peru_forks(country, facts, wanted):
    assert capability(one("CP.NEGL", facts, country=country, **GIRL), "CP_AUTH") == wanted


def test_an_unaccompanied_child_in_peru_goes_to_the_special_protection_unit():
    assert capability(one("CP.UNACC", country="PE", **TEEN), "CP_AUTH") == "upe"


def test_clinical_care_needs_the_kit_and_for_a_child_the_paediatric_one():
    assert capability(one("GBV.RAPE"), "HE_CMR") == "cmr_kit"
    assert capability(one("CP.SEXAB", **GIRL), "HE_CMR") == "paediatric_cmr"


@pytest.mark.parametrize(
    ("who", "wanted", "barred"),
    [
        ({"household_size": 1}, None, {"mixed_shelter"}),
        ({"household_size": None}, None, {"mixed_shelter"}),
        ({"household_size": 3, "children": ("0-4", "5-11")}, "family_shelter", {"mixed_shelter"}),
        ({"household_size": 2}, None, set()),
        ({"gender": "trans_woman", "household_size": 2}, "lgbtiq_safe", {"mixed_shelter"}),
        ({"gender": "man", "household_size": 1}, None, set()),
        ({"gender": "man", "criteria": ("V18",)}, "lgbtiq_safe", set()),
        ({"gender": "man", "criteria": ("V19",)}, "lgbtiq_safe", {"mixed_shelter"}),
    ],
)
def test_which_shelter(who, wanted, barred):
    route = one("BAS.SHEL", {"tonight": "yes"}, **who).services[0]
    assert (route.service, route.capability, route.barred) == ("SHEL", wanted, barred)


def test_what_is_excluded():
    def excluded(code, facts=None, **who):
        return {(one.service, one.capability) for one in one(code, facts, **who).excluded}

    from tests.unit.referral.pathway.cases import one

    assert excluded("GBV.PHYS") == {("LEGAL", "mediation")}
    assert excluded("GBV.SSEX") == {("LEGAL", "mediation"), ("POLICE", None)}
    assert excluded("CP.UNACC", **TEEN) == {("SHEL", None), ("SAFE", "adult_shelter")}
    assert excluded("LEG.FAM", criteria=("V13",)) == {("LEGAL", "mediation")}
    assert excluded("LEG.FAM") == set()


def test_the_other_service_that_is_tried_when_nobody_gives_the_first():
    def or_else(code, facts=None, **who):
        return one(code, facts, **who).services[0].or_else

    assert or_else("GBV.RAPE", {**CALM, "elapsed": "gt_d14"}) == "PS_FOCUS"
    assert or_else("TIP.LAB", CALM) == "TIP_AUTH"
    assert or_else("MHP.DIST") == "PEER"
    assert or_else("EDU.OOS", **GIRL) == "EDU_FORM"
    assert or_else("GBV.RAPE", {**CALM, "elapsed": "le_24h"}) is None


def test_consent_is_the_caregivers_for_a_child_and_may_be_an_override():
    assert {route.consent for route in one("BAS.FOOD", **GIRL).services} == {"C2"}
    assert {route.consent for route in one("BAS.FOOD").services} == {"C1"}
    assert one("HEA.EMERG").services[0].consent == "C3"
    assert one("CP.RECR", **TEEN).notices[0].consent == "C3"


def test_papers_that_show_a_regular_stay_depend_on_the_country():
    def waits(country, *documents, **more):
        decision = one("LIV.ENT", country=country, documents=documents, **more)
        return "LEG_MIG" in services(decision, "PAR")

    assert not waits("CO", "ppt")
    assert waits("PE", "ppt")
    assert waits("CO", "passport")
    assert not waits("EC", "virte")
    assert waits("CO")
    assert not waits("CO", population_type="host_community")
