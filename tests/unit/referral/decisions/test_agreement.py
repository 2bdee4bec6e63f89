"""The fast evaluator against the plain meaning, and against another engine where both say the same things."""

import itertools
import json
import random
import threading
from decimal import Decimal

import pytest
import zen
from hypothesis import given, settings
from hypothesis import strategies as st

from services.referral.domain.decisions import DecisionError, HitPolicy
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.outcomes import Policy
from services.referral.domain.decisions.reading import read_table
from services.referral.domain.decisions.values import Type, read_input
from tests.bench.decisions import zen_loader
from tests.bench.decisions_cases import as_jdm
from tests.unit.referral.decisions.random_tables import POLICIES, RandomTable, matching, unforeseen

ENDS = [
    Decimal(text) for text in ("0", "0.1", "0.1000000000000000055", "0.3", "1", "1.00000000000000000001", "2")
]
SEEDS = st.integers(min_value=0, max_value=10**9)


def naive(table, case):
    """The answer by scanning the rows, or the code of the error."""
    matched = matching(table, case)
    if unforeseen(table, case, matched):
        return "unknown_input"
    outcome = Policy(table).outcome(matched)
    return outcome.error[0] if outcome.error else outcome.answer()


def fast(table, case):
    try:
        return table.evaluate(case)
    except DecisionError as error:
        return error.code


class TestPlainMeaning:
    @given(SEEDS)
    @settings(max_examples=150, deadline=None)
    def test_compiled_and_scanned_answers_are_the_same(self, seed):
        made = RandomTable(seed)
        cases = made.cases
        assert [fast(made.table, case) for case in cases] == [naive(made.table, case) for case in cases]

    @given(SEEDS)
    @settings(max_examples=60, deadline=None)
    def test_an_explanation_tells_the_same_story(self, seed):
        made = RandomTable(seed)
        for case in made.cases:
            answer = fast(made.table, case)
            if isinstance(answer, str):
                continue
            told = made.table.explain(case)
            matched = [made.table.rows[number].id for number in matching(made.table, case)]
            assert (told.result, list(told.matched)) == (answer, matched)
            assert set(told.deciding) <= set(matched)
            assert set(made.table.failed_cells(case)) == {row.id for row in made.table.rows} - set(matched)
            if made.table.policy.many and matched:
                answers = {row.id: {"level": row.outputs[0]} for row in made.table.rows}
                assert [answers[row] for row in told.deciding] == told.result

    @given(
        st.lists(st.sampled_from(ENDS), min_size=2, max_size=6, unique=True).map(sorted),
        st.one_of(
            st.sampled_from(ENDS), st.floats(-1, 3), st.integers(-1, 3), st.sampled_from(ENDS).map(float)
        ),
    )
    @settings(max_examples=300, deadline=None)
    def test_numbers_are_compared_to_the_last_digit(self, ends, value):
        spans = [
            [f"r{n}", f"[{low}..{high})", str(n)] for n, (low, high) in enumerate(itertools.pairwise(ends))
        ]
        points = [[f"p{n}", str(end), str(n)] for n, end in enumerate(ends)]
        table = read_table(grid_of("t.csv", [["id (R)", "n:number", "-> x:number"], *spans, *points]), "t")
        exact = read_input(value, Type.NUMBER)
        expected = tuple(row.id for row in table.rows if row.cells[0].holds(exact))
        assert table.explain({"n": value}).matched == expected
        assert table.explain({"n": value}).matched == expected

    @pytest.mark.parametrize("policy", POLICIES)
    def test_many_threads_get_the_answers_of_one(self, policy):
        made = RandomTable(5, policies=(policy,))
        cases, expected = made.cases, [naive(made.table, case) for case in made.cases]
        wrong = []

        def decide():
            found = [fast(made.table, case) for case in cases]
            wrong.extend([] if found == expected else [found])

        threads = [threading.Thread(target=decide) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


class TestOtherEngine:
    """zen-engine knows first and collect, and no unknown; there both must agree."""

    NEEDS = ("N0", "N1", "N2", "N3", "N4", "N5")

    def rows(self, chance):
        def span():
            low, high = sorted(chance.sample(range(100), 2))
            return chance.choice(
                ("-", f"< {high}", f">= {low}", f"[{low}..{high}]", f"({low}..{high})", str(low))
            )

        def needs():
            named = ",".join(f'"{need}"' for need in chance.sample(self.NEEDS, chance.randrange(1, 4)))
            return chance.choice((named, named, f"not({named})", "-"))

        return [
            {
                "id": f"r{number}",
                "need": needs(),
                "age": span(),
                "country": chance.choice(("-", '"EC"', '"PE","CO"')),
                "danger": chance.choice(("-", "true", "false")),
                "service": f'"S{chance.randrange(4)}"',
                "hours": str(chance.randrange(200)),
            }
            for number in range(chance.randrange(1, 25))
        ]

    @given(SEEDS)
    @settings(max_examples=60, deadline=None)
    def test_first_and_collect_agree(self, seed):
        chance = random.Random(seed)
        rows = self.rows(chance)
        header = [
            "need:string",
            "age:number",
            "country:string",
            "danger:boolean",
            "-> service:string",
            "-> hours:number",
        ]
        for policy, theirs in ((HitPolicy.FIRST, "first"), (HitPolicy.COLLECT, "collect")):
            grid = grid_of("t.csv", [[f"id ({policy})", *header], *(list(row.values()) for row in rows)])
            table = read_table(grid, "t")
            engine = zen.ZenEngine({"loader": zen_loader(as_jdm(theirs, rows))})
            for _ in range(20):
                case = {
                    "need": chance.choice(self.NEEDS),
                    "age": chance.choice((chance.randrange(100), chance.randrange(1000) / 10)),
                    "country": chance.choice(("EC", "PE", "CO")),
                    "danger": chance.random() < 0.5,
                }
                expected = engine.evaluate("t", case)["result"]
                assert (table.evaluate(case) or type(expected)()) == expected, json.dumps([rows, case])
