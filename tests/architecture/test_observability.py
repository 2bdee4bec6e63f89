"""What alerts and dashboards ask for exists in the metrics that services really give."""

import json
import re
from pathlib import Path

import yaml

import shared.web.probes
import shared.web.standing

OBSERVABILITY = Path(__file__).parents[2] / "deploy" / "observability"
SUFFIXES = ("_total", "_bucket", "_sum", "_count")


def asked_for(expressions):
    names = set()
    for expression in expressions:
        for found in re.findall(r"\bruta_[a-z_]+", expression):
            names.add(next((found.removesuffix(end) for end in SUFFIXES if found.endswith(end)), found))
    return names


def given():
    sources = [Path(shared.web.probes.__file__), Path(shared.web.standing.__file__)]
    sources += Path("services").glob("*/app.py")
    return {name for source in sources for name in re.findall(r'"(ruta_[a-z_]+)"', source.read_text())}


def test_every_alert_says_what_to_do_and_asks_for_metrics_that_exist():
    rules = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"][0]["rules"]
    assert all(rule["annotations"]["do"] for rule in rules)
    assert asked_for(rule["expr"] for rule in rules) <= given()


def test_the_dashboard_asks_for_metrics_that_exist():
    panels = json.loads((OBSERVABILITY / "grafana-dashboard.json").read_text())["panels"]
    assert asked_for(target["expr"] for panel in panels for target in panel["targets"]) <= given()
