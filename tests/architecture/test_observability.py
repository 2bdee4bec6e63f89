"""Alerts fire when they should and only then; each says what to do."""

import json
import subprocess

import pytest
import yaml

from tests.architecture.sources import ROOT

OBSERVABILITY = ROOT / "deploy" / "observability"
RULES = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"][0]["rules"]


def test_every_alert_says_what_happened_and_what_to_do():
    assert [
        rule for rule in RULES if not (rule["annotations"]["summary"] and rule["annotations"]["do"])
    ] == []


def test_every_alert_is_tried_with_figures_that_must_make_it_fire():
    tried = (OBSERVABILITY / "alerts.test.yml").read_text()
    assert [rule["alert"] for rule in RULES if f'alertname="{rule["alert"]}"' not in tried] == []


def test_the_panels_of_the_dashboard_do_not_cover_each_other():
    panels = json.loads((OBSERVABILITY / "grafana-dashboard.json").read_text())["panels"]
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.mark.promtool
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml"),
        ("test", "rules", "alerts.test.yml"),
    ],
)
def test_prometheus_own_tool_finds_nothing(arguments):
    done = subprocess.run(
        ["promtool", *arguments], cwd=OBSERVABILITY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
