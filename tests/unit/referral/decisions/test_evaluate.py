"""What a table answers, by hit policy and by what is known."""

from decimal import Decimal

import pytest

from services.referral.domain.decisions import DecisionError, DecisionTable, HitPolicy
from services.referral.domain.decisions.declarations import read_declarations
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.reading import read_table


def table(policy, *rows, columns=(), header=("age:number", "-> level:string")) -> DecisionTable:
    """A small table; `columns` are lines of columns.csv without the table's name."""
    grid = grid_of("t.csv", [[f"id ({policy})", *header], *rows])
    declared = None
    if columns:
        names = "table,column,type,role,values,unknown_as,default,title_es,title_en".split(",")
        lines = [["t", *line, *[""] * (8 - len(line))] for line in columns]
        declared = read_declarations(grid_of("columns.csv", [names, *lines]))["t"]
    return read_table(grid, "t", declared)


AGE = ["age", "number", "input"]
LEVEL = ["level", "string", "output", "high;middle;low"]
YOUNG = ["young", "< 18", '"low"']
ADULT = ["adult", ">= 18", '"middle"']
OLD = ["old", ">= 60", '"high"']


class TestSingleHitPolicies:
    def test_unique_answers_the_one_row(self):
        assert table("U", YOUNG, ADULT).evaluate({"age": 18}) == {"level": "middle"}

    def test_unique_refuses_two_rows_by_name(self):
        with pytest.raises(DecisionError, match="adult, old") as caught:
            table("U", YOUNG, ADULT, OLD).evaluate({"age": 70})
        assert caught.value.code == "not_unique"

    def test_any_accepts_rows_that_agree(self):
        agreeing = table("A", ADULT, ["old", ">= 60", '"middle"'])
        assert agreeing.evaluate({"age": 70}) == {"level": "middle"}
        assert agreeing.explain({"age": 70}).deciding == ("adult", "old")

    def test_any_refuses_rows_that_do_not(self):
        with pytest.raises(DecisionError) as caught:
            table("A", ADULT, OLD).evaluate({"age": 70})
        assert caught.value.code == "not_agreed"

    def test_first_answers_the_first_row(self):
        answer = table("F", ADULT, OLD).explain({"age": 70})
        assert answer.result == {"level": "middle"}
        assert answer.matched == ("adult", "old")
        assert answer.deciding == ("adult",)

    def test_priority_answers_the_highest_output(self):
        answer = table("P", ADULT, OLD, columns=[AGE, LEVEL]).explain({"age": 70})
        assert answer.result == {"level": "high"}
        assert answer.deciding == ("old",)

    @pytest.mark.parametrize("policy", ["U", "A", "F", "C<", "C>"])
    def test_no_row_and_no_default_is_nothing(self, policy):
        assert table(policy, ADULT).evaluate({"age": 3}) is None

    @pytest.mark.parametrize("policy", ["U", "A", "P", "F", "C<", "C>"])
    def test_no_row_answers_the_default(self, policy):
        with_default = table(policy, ADULT, columns=[AGE, [*LEVEL, "", "low"]])
        assert with_default.evaluate({"age": 3}) == {"level": "low"}
        assert with_default.explain({"age": 3}).deciding == ()


class TestManyHitPolicies:
    @pytest.mark.parametrize("policy", ["R", "C"])
    def test_all_rows_in_the_order_of_the_table(self, policy):
        answer = table(policy, OLD, ADULT).explain({"age": 70})
        assert answer.result == [{"level": "high"}, {"level": "middle"}]
        assert answer.deciding == ("old", "adult")

    def test_output_order_puts_the_highest_first(self):
        answer = table("O", ADULT, OLD, columns=[AGE, LEVEL]).explain({"age": 70})
        assert answer.result == [{"level": "high"}, {"level": "middle"}]
        assert answer.matched == ("adult", "old")
        assert answer.deciding == ("old", "adult")

    @pytest.mark.parametrize("policy", ["R", "C"])
    def test_no_row_is_an_empty_list(self, policy):
        assert table(policy, ADULT).evaluate({"age": 3}) == []


class TestAggregation:
    ROWS = (["a", "> 0", "0.1"], ["b", "> 1", "0.2"], ["c", "> 2", "7"])
    HEADER = ("age:number", "-> points:number")

    @pytest.mark.parametrize(("policy", "expected"), [("C+", "7.3"), ("C<", "0.1"), ("C>", "7"), ("C#", "3")])
    def test_numbers_are_exact(self, policy, expected):
        found = table(policy, *self.ROWS, header=self.HEADER).evaluate({"age": 5})
        assert found == {"points": Decimal(expected)}

    def test_greatest_names_the_rows_that_have_it(self):
        found = table("C>", *self.ROWS, ["d", "> 3", "7"], header=self.HEADER).explain({"age": 5})
        assert found.deciding == ("c", "d")
        assert found.matched == ("a", "b", "c", "d")

    def test_count_of_no_rows_is_zero(self):
        assert table("C#", *self.ROWS, header=self.HEADER).evaluate({"age": 0}) == {"points": 0}


class TestUnknown:
    def test_the_cautious_value_counts_and_is_told(self):
        cautious = table("F", YOUNG, ADULT, columns=[["age", "number", "input", "", "0"], LEVEL])
        for case in ({}, {"age": None}, {"age": "unknown"}):
            answer = cautious.explain(case)
            assert answer.result == {"level": "low"}
            assert answer.assumed == ("age",)
            assert answer.inputs_used == {"age": 0}

    def test_a_row_can_name_the_unknown(self):
        naming = table("F", YOUNG, ["asked", "unknown", '"high"'])
        assert naming.evaluate({}) == {"level": "high"}
        assert naming.evaluate({"age": 40}) is None

    def test_without_either_it_is_an_error_not_a_non_match(self):
        with pytest.raises(DecisionError) as caught:
            table("F", YOUNG, ["rest", "-", '"high"']).evaluate({})
        assert (caught.value.code, caught.value.column) == ("unknown_input", "age")

    def test_an_input_that_no_open_row_asks_about_may_stay_unknown(self):
        rows = (["1", '"LEG.REG"', "-", '"low"'], ["2", '"CP.UNACC"', "< 12", '"high"'])
        two = table("F", *rows, header=("need:string", "age:number", "-> level:string"))
        assert two.evaluate({"need": "LEG.REG"}) == {"level": "low"}
        with pytest.raises(DecisionError):
            two.evaluate({"need": "CP.UNACC"})

    def test_two_unknowns_do_not_hide_each_other(self):
        rows = (["1", "true", "< 12", '"high"'], ["2", "-", "-", '"low"'])
        two = table("F", *rows, header=("danger:boolean", "age:number", "-> level:string"))
        with pytest.raises(DecisionError):
            two.evaluate({})

    def test_a_negation_does_not_hold_for_the_unknown(self):
        known = table("F", ["1", "not(unknown)", '"low"'], ["2", "unknown", '"high"'])
        assert known.evaluate({"age": 1}) == {"level": "low"}
        assert known.evaluate({}) == {"level": "high"}


class TestInputs:
    @pytest.mark.parametrize("value", ["15", True, [15], float("nan"), {"a": 1}])
    def test_another_type_is_refused(self, value):
        with pytest.raises(DecisionError) as caught:
            table("F", YOUNG).evaluate({"age": value})
        assert caught.value.code == "wrong_type"

    @pytest.mark.parametrize("value", [1, 0, "true", 1.0])
    def test_a_number_is_not_a_truth_value(self, value):
        flags = table(
            "F", ["1", "true", '"low"'], ["2", "false", '"high"'], header=("on:boolean", "-> level:string")
        )
        assert flags.evaluate({"on": True}) == {"level": "low"}
        with pytest.raises(DecisionError):
            flags.evaluate({"on": value})

    def test_a_truth_value_is_not_a_number_even_after_a_one(self):
        numbers = table("F", YOUNG)
        assert numbers.evaluate({"age": 1}) == {"level": "low"}
        with pytest.raises(DecisionError):
            numbers.evaluate({"age": True})

    def test_a_code_outside_the_allowed_is_refused_with_the_nearest(self):
        codes = table(
            "F",
            ["1", '"GBV.RAPE"', '"high"'],
            header=("need", "-> level"),
            columns=[["need", "string", "input", "@needs"], LEVEL],
        )
        with pytest.raises(DecisionError, match=r"GBV\.RAPE") as caught:
            codes.evaluate({"need": "GBV.RAEP"})
        assert caught.value.code == "value_not_allowed"

    def test_floats_count_as_the_decimal_they_print_as(self):
        tenth = table("F", ["1", "0.1", '"low"'], ["2", "-", '"high"'])
        assert tenth.evaluate({"age": 0.1}) == {"level": "low"}
        assert tenth.evaluate({"age": Decimal("0.1")}) == {"level": "low"}
        assert tenth.evaluate({"age": Decimal("0.10000000000000000001")}) == {"level": "high"}

    def test_a_list_holds_when_any_member_is_named(self):
        lists = table(
            "R",
            ["any", '"V01","V02"', '"low"'],
            ["none", 'not("V01","V02")', '"high"'],
            header=("criteria:list<string>", "-> level:string"),
        )
        assert lists.evaluate({"criteria": ["V09", "V02"]}) == [{"level": "low"}]
        assert lists.evaluate({"criteria": {"V01"}}) == [{"level": "low"}]
        assert lists.evaluate({"criteria": []}) == [{"level": "high"}]
        with pytest.raises(DecisionError):
            lists.evaluate({"criteria": "V01"})

    @pytest.mark.parametrize("members", [["unknown"], ["V01", "unknown"]])
    def test_a_list_with_an_unknown_member_is_refused(self, members):
        grid = grid_of(
            "t.csv",
            [["id (F)", "l:list<string>", "-> x:number"], ["a", '"V01",unknown', "1"], ["b", "-", "2"]],
        )
        with pytest.raises(DecisionError) as caught:
            read_table(grid, "t").evaluate({"l": members})
        assert (caught.value.code, caught.value.column) == ("value_not_allowed", "l")

    def test_dates_come_as_dates_or_as_text(self):
        dates = table("F", ["1", '< date("2026-02-01")', '"low"'], header=("on:date", "-> level:string"))
        assert dates.evaluate({"on": "2026-01-31"}) == {"level": "low"}
        assert dates.evaluate({"on": "2026-02-01"}) is None
        with pytest.raises(DecisionError):
            dates.evaluate({"on": "31/01/2026"})


class TestResults:
    def test_what_is_returned_belongs_to_the_caller(self):
        kept = table("F", ADULT)
        kept.evaluate({"age": 20})["level"] = "changed"
        assert kept.evaluate({"age": 20}) == {"level": "middle"}

    def test_why_not(self):
        failed = table("F", YOUNG, ADULT, OLD).failed_cells({"age": 20})
        assert failed == {"young": ("age", "< 18", 20), "old": ("age", ">= 60", 20)}

    def test_the_hash_sees_every_change(self):
        assert table("F", YOUNG).content_hash == table("F", YOUNG).content_hash
        assert len({table(p, YOUNG, ADULT).content_hash for p in ("F", "U", "A")}) == 3
        assert table("F", YOUNG).policy is HitPolicy.FIRST

    def test_a_batch_answers_in_order(self):
        found = table("F", YOUNG, ADULT).evaluate_batch({"age": age} for age in (3, 30))
        assert found == [{"level": "low"}, {"level": "middle"}]
