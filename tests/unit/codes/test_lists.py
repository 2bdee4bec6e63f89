from pathlib import Path

import pytest

from shared import codes

FACT_LISTS = {
    "needs": {
        "sensitivity": {"S1", "S2", "S3"},
        "domain": set("PRO GBV CP TIP HEA MHP LEG EDU LIV BAS SOC".split()),
    },
    "service_types": {"sensitivity": {"S1", "S2", "S3"}, "remote": {"yes", "no"}, "non_stop": {"yes", "no"}},
    "criteria": {"restricted": {"yes", "no"}, "raises": {"yes", "no"}},
    "rejection_reasons": {
        "text_required": {"yes", "no"},
        "try_next": {"yes", "no"},
        "advocacy": {"yes", "no"},
    },
    "localities": {"country": {"CO", "EC", "PE"}},
}


@pytest.mark.parametrize("name", codes.names())
def test_every_code_has_both_names_and_no_blanks_around_them(name):
    assert codes.load(name)
    for code in codes.load(name).values():
        for text in (code.code, code.es, code.en, *code.facts.values()):
            assert text == text.strip()
        assert code.code
        assert code.es
        assert code.en


@pytest.mark.parametrize("name", FACT_LISTS)
def test_facts_hold_known_values(name):
    for code in codes.load(name).values():
        for fact, allowed in FACT_LISTS[name].items():
            assert code.fact(fact) in allowed, (name, code.code, fact)


def test_violence_children_trafficking_hiv_and_abuse_by_aid_staff_are_restricted():
    needs = codes.load("needs")
    for code in needs.values():
        restricted = code.fact("domain") in {"GBV", "CP", "TIP"} or code.code in {"PRO.SEA", "HEA.HIVTB"}
        assert (code.fact("sensitivity") == "S3") == restricted, code.code


def test_the_six_gbvims_types_are_each_named_once():
    found = [code.fact("gbvims") for code in codes.load("needs").values() if code.fact("gbvims")]
    assert sorted(found) == [
        "denial_of_resources",
        "forced_marriage",
        "physical_assault",
        "psychological_abuse",
        "rape",
        "sexual_assault",
    ]


def test_neighbours_are_known_and_in_the_same_country():
    localities = codes.load("localities")
    for code in localities.values():
        for neighbour in code.several("neighbours"):
            assert localities[neighbour].fact("country") == code.fact("country")
            assert neighbour != code.code


def test_localities_lie_where_their_country_is():
    boxes = {"CO": (-5, 13, -80, -66), "EC": (-5.1, 1.5, -81.1, -75), "PE": (-18.5, 0, -81.4, -68)}
    for code in codes.load("localities").values():
        south, north, west, east = boxes[code.fact("country")]
        assert south <= float(code.fact("latitude")) <= north, code.code
        assert west <= float(code.fact("longitude")) <= east, code.code


def test_all_thirty_two_criteria_are_there_and_six_raise_the_priority():
    criteria = codes.load("criteria")
    assert list(criteria) == [f"V{number:02}" for number in range(1, 33)]
    assert [code.code for code in criteria.values() if code.is_true("raises")] == [
        "V02",
        "V04",
        "V14",
        "V16",
        "V23",
        "V31",
    ]


def test_facts_of_needs_name_codes_that_exist():
    needs = codes.load("needs")
    domains = {code.fact("domain") for code in needs.values()}
    for fact in codes.load("need_facts").values():
        assert set(fact.several("asked_for")) <= domains | set(needs), fact.code
        assert fact.fact("type") in {"string", "integer"}
        assert bool(fact.several("values")) == (fact.fact("type") == "string")
        assert fact.fact("unknown_as") in (*fact.several("values"), "")


def test_lists_are_read_once_and_cannot_be_changed():
    assert codes.load("needs") is codes.load("needs")
    with pytest.raises(TypeError):
        codes.load("needs")["X"] = None


def test_an_unknown_list_names_those_that_exist():
    with pytest.raises(codes.UnknownList, match="localities"):
        codes.load("nedds")


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("needs", "GBV.RAP", "GBV.RAPE"),
        ("needs", "gbv.rape", "GBV.RAPE"),
        ("needs", "violación", "GBV.RAPE"),
        ("localities", "cucuta", "CO-CUCUTA"),
        ("localities", "CO-CUCTA", "CO-CUCUTA"),
        ("service_types", "HE_CRM", "HE_CMR"),
        ("rejection_reasons", "NOT_ELIGIBLE_AGES", "NOT_ELIGIBLE_AGE"),
    ],
)
def test_a_wrong_code_gets_the_nearest_known_first(name, wrong, right):
    assert codes.nearest(name, wrong)[0] == right
    assert len(codes.nearest(name, wrong)) <= 3


def test_nothing_near_gives_nothing():
    assert codes.nearest("needs", "zzzzzzzzzzzz") == []


def test_labels_are_spanish_unless_english_is_asked():
    code = codes.load("needs")["BAS.FOOD"]
    assert (code.label("es_CO"), code.label("en"), code.label("pt")) == ("Alimentos", "Food", "Alimentos")


def test_the_reference_names_every_list():
    page = (Path(codes.__file__).parents[2] / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    assert [name for name in codes.names() if f"`{name}`" not in page] == []
