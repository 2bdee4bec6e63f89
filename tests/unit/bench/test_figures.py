"""The benchmark's own arithmetic."""

import json

import pytest
from rich.console import Console

from tests.bench.__main__ import PARTS, finish, read_arguments
from tests.bench.figures import Figure, Results, percentile
from tests.bench.shown import compared, figure, show


def results_of(*figures):
    results = Results(machine={"cores": 2})
    for one in figures:
        results.add(one)
    return results


def row_of(results, name):
    return next(row for row in results.rows() if row["name"] == name)


class TestRatio:
    def test_it_is_the_median_against_the_median_of_the_other_figure(self):
        results = results_of(
            Figure("base", "1/s", [90.0, 100.0, 500.0]),
            Figure("ours", "1/s", [150.0, 1.0, 160.0], against="base", budget=1.5),
        )
        row = row_of(results, "ours")
        assert (row["min"], row["median"], row["max"], row["ratio"]) == (1.0, 150.0, 160.0, 1.5)
        assert row["met"] is True

    def test_a_floor_is_missed_below_it(self):
        base = Figure("base", "1/s", [100.0])
        assert row_of(results_of(base, Figure("ours", "1/s", [149.0], "base", 1.5)), "ours")["met"] is False

    @pytest.mark.parametrize(("cost", "met"), [(130.0, True), (131.0, False)])
    def test_a_ceiling_is_missed_above_it(self, cost, met):
        base = Figure("base", "ms", [100.0])
        later = Figure("later", "ms", [cost], against="base", budget=1.3, at_least=False)
        assert row_of(results_of(base, later), "later")["met"] is met

    def test_without_the_other_figure_there_is_no_verdict(self):
        row = row_of(results_of(Figure("ours", "1/s", [5.0], against="not measured", budget=1.5)), "ours")
        assert (row["ratio"], row["met"]) == (None, None)

    def test_a_budget_without_another_figure_is_held_against_the_median(self):
        results = results_of(Figure("p50", "ms", [10.0, 99.0, 1000.0], budget=100.0, at_least=False))
        assert row_of(results, "p50")["met"] is True


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 50), (0.501, 51), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_a_percentile_is_a_measured_value_that_so_many_do_not_exceed(share, expected):
    assert percentile(list(range(100, 0, -1)), share) == expected


class TestComparing:
    def test_it_shows_the_earlier_median_and_the_multiple(self):
        assert compared({"name": "a", "median": 50.0}, {"name": "a", "median": 200.0}) == ["200", "0.25 x"]

    def test_what_was_not_measured_then_stays_empty(self):
        assert compared({"name": "a", "median": 50.0}, None) == ["", ""]

    def test_a_run_can_be_compared_with_the_file_of_another(self, tmp_path, capsys):
        out = tmp_path / "deep" / "bench.json"
        finish(results_of(Figure("a", "1/s", [200.0])), None, out)
        written = json.loads(out.read_text())
        assert written["machine"] == {"cores": 2}
        assert written["rows"][0]["values"] == [200.0]
        console = Console(width=160, record=True, file=(tmp_path / "shown").open("w"))
        show(results_of(Figure("a", "1/s", [50.0])).rows(), written, console)
        shown = console.export_text()
        assert "0.25 x" in shown
        assert "200" in shown

    def test_what_a_broken_run_measured_is_written_all_the_same(self, tmp_path, capsys):
        finish(results_of(), None, tmp_path / "bench.json")
        assert json.loads((tmp_path / "bench.json").read_text())["rows"] == []


@pytest.mark.parametrize(("value", "shown"), [(0.01234, "0.0123"), (3.14159, "3.14"), (12_345.6, "12,346")])
def test_figures_are_short(value, shown):
    assert figure(value) == shown


class TestArguments:
    def test_without_any_everything_runs_but_the_million(self):
        assert set(read_arguments([]).only) == set(PARTS) - {"large"}

    def test_a_part_can_be_chosen(self):
        assert read_arguments(["--only", "ladder", "large"]).only == ["ladder", "large"]

    def test_large_adds_the_million(self, monkeypatch):
        monkeypatch.setenv("LARGE", "0")
        assert set(read_arguments(["--large"]).only) == set(PARTS)

    @pytest.mark.parametrize("wrong", [["--only", "lader"], ["--compare", "/nowhere/file"]])
    def test_a_slip_is_told_before_anything_runs(self, wrong, capsys):
        with pytest.raises(SystemExit) as ended:
            read_arguments(wrong)
        assert ended.value.code == 2
        assert wrong[-1] in capsys.readouterr().err
