"""What alerts and dashboard ask for is what the running services give: names, labels, and the values asked for."""

import json
import re
from collections import defaultdict

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from shared.identity.app import create_app as create_account_app
from shared.identity.settings import Settings as IdentitySettings
from shared.settings import load
from tests.architecture.sources import ROOT
from tests.model.pipeline import environment_of, web_of

OBSERVABILITY = ROOT / "deploy" / "observability"
SELECTOR = re.compile(r"\b(ruta_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r"""(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)\"""")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
SERVICES = ("intake", "referral", "notifications")
OF_ANY_CALL = {"method", "route", "status"}
"""Labels whose values depend on who called what."""


@pytest.fixture
def given(clean_stack):
    """By name of a sample, the labels and the values that they have on services that just began."""
    environment = environment_of(clean_stack)
    services = Client(web_of(environment))
    account = create_account_app(load(IdentitySettings, environment)).test_client()
    found = defaultdict(lambda: defaultdict(set))
    for client, service in (
        (services, "intake"),
        (services, "referral"),
        (services, "notifications"),
        (account, "account"),
    ):
        client.get(f"/{service}/ready")
        answer = client.get(f"/{service}/metrics")
        assert answer.status_code == 200
        for family in text_string_to_metric_families(answer.get_data(as_text=True)):
            for sample in family.samples:
                found[sample.name][""].add("")
                for label, value in sample.labels.items():
                    found[sample.name][label].add(value)
    return found


def expressions():
    for rule in yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]
    for panel in json.loads((OBSERVABILITY / "grafana-dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def wrong_with(name, matchers, given):
    """What a selector asks for that nobody gives."""
    if name not in given:
        yield f"no metric {name}"
        return
    for label, operator, value in MATCHER.findall(matchers or ""):
        known = given[name].get(label)
        if known is None:
            yield f"{name} has no label {label}"
        elif label not in OF_ANY_CALL and operator in {"=", "=~"}:
            for one in value.split("|"):
                if not any(re.fullmatch(one, other) for other in known):
                    yield f"{name} has no {label}={one}"


def test_every_expression_asks_for_what_the_services_give(given):
    wrong = []
    for where, expression in expressions():
        asked = SELECTOR.findall(expression)
        wrong += [
            f"{where}: {problem}" for name, matchers in asked for problem in wrong_with(name, matchers, given)
        ]
        labels = {label.strip() for group in GROUPED.findall(expression) for label in group.split(",")}
        known = {label for name, _ in asked for label in given.get(name, ())}
        wrong += [f"{where}: by {label}" for label in sorted(labels - known)]
    assert wrong == []


def test_without_the_database_they_say_so_and_ask_it_nothing(clean_stack):
    environment = environment_of(clean_stack, INTAKE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    text = Client(web_of(environment)).get("/intake/metrics").get_data(as_text=True)
    assert 'ruta_check_ok{check="database",service="intake"} 0.0' in text
    assert 'ruta_check_ok{check="broker",service="intake"} 1.0' in text
    assert "ruta_inbox_due" not in text
