"""Any person that can be asked about."""

from hypothesis import strategies as st

from services.referral.domain.pathway import Need, PersonCase
from shared import codes

FACTS = {
    fact.code: [*fact.several("values"), "unknown"]
    if fact.fact("type") == "string"
    else [-1, 0, 3, 4, 7, 8, 11, 15, 16, 60, 61, 300]
    for fact in codes.load("need_facts").values()
}
FACTS["grade"] = [*range(14), 99]
FACTS["elapsed_hours"] = [0, 1, 24, 25, 72, 73, 120, 121, 400, 9000]


def some(name, most):
    return st.lists(st.sampled_from(list(codes.load(name))), max_size=most, unique=True).map(tuple)


def any_of(name):
    return st.sampled_from(list(codes.load(name)))


def numbered(needs):
    return tuple(
        Need(need_id=f"n{number}", code=code, facts=facts) for number, (code, facts) in enumerate(needs)
    )


def persons(most_needs=1):
    facts = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in FACTS.items()}
    )
    return st.builds(
        PersonCase,
        needs=st.lists(
            st.tuples(any_of("needs"), facts), min_size=1, max_size=most_needs, unique_by=lambda need: need[0]
        ).map(numbered),
        country=any_of("countries"),
        age_band=any_of("age_bands"),
        gender=any_of("genders"),
        population_type=any_of("population_types"),
        documents=some("documents", 2),
        criteria=some("criteria", 4),
        children=some("age_bands", 2),
        household_size=st.sampled_from([None, 1, 2, 4]),
        hours_waited=st.sampled_from([0, 0, 5, 50]),
    )
