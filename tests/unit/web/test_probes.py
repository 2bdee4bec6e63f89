"""Health, readiness and metrics tell the truth."""

import pytest

from shared.web import Check, Gauge
from shared.web.app import metrics_registry


@pytest.fixture
def with_database(monkeypatch):
    """As if the database answered."""
    monkeypatch.setattr("shared.web.probes.database_check", lambda _engine: Check("database", lambda: None))


class TestHealthAndReady:
    def test_the_process_answers_without_a_database(self, client):
        assert client.get("/intake/health").json == {"status": "ok", "service": "intake"}

    def test_without_its_database_it_is_not_ready(self, client):
        answer = client.get("/intake/ready")
        assert answer.status_code == 503
        assert answer.json["status"] == "unavailable"
        assert answer.json["checks"]["database"] == "unavailable"

    @pytest.mark.parametrize("expected", [(True, "unavailable", 503), (False, "degraded", 200)])
    def test_a_part_it_can_do_without_only_degrades_it(
        self, make_app, with_database, failing_check, expected
    ):
        required, status, code = expected
        app = make_app(checks=(failing_check("broker", required), Check("disk", lambda: None)))
        answer = app.test_client().get("/intake/ready")
        assert (answer.status_code, answer.json["status"]) == (code, status)
        assert answer.json["checks"] == {"database": "ok", "broker": status, "disk": "ok"}


class TestMetrics:
    def test_counts_by_route_not_by_address(self, client):
        for place in range(3):
            client.get(f"/intake/nowhere/{place}")
        client.open("/intake/health", method="BREW")
        text = client.get("/intake/metrics").get_data(as_text=True)
        assert 'ruta_http_requests_total{method="GET",route="(none)",status="404"} 3.0' in text
        assert "BREW" not in text
        assert "nowhere" not in text

    def test_gauges_are_read_when_somebody_looks(self, make_app, with_database):
        figures = iter(([(("due",), 3)], [(("due",), 5)]))
        app = make_app(gauges=(Gauge("ruta_inbox", "Waiting", ("state",), lambda: next(figures)),))
        first, second = (app.test_client().get("/intake/metrics").get_data(as_text=True) for _ in range(2))
        assert 'ruta_inbox{state="due"} 3.0' in first
        assert 'ruta_inbox{state="due"} 5.0' in second

    def test_a_gauge_that_fails_is_left_out_alone(self, make_app, with_database):
        def fail():
            raise ConnectionError

        app = make_app(
            gauges=(Gauge("ruta_broken", "x", (), fail), Gauge("ruta_fine", "x", (), lambda: [((), 1)]))
        )
        text = app.test_client().get("/intake/metrics").get_data(as_text=True)
        assert "ruta_fine 1.0" in text
        assert "ruta_broken" not in text

    def test_what_it_stands_on_is_a_figure_too(self, make_app, with_database, failing_check):
        text = make_app(checks=(failing_check("broker", False),)).test_client().get("/intake/metrics").text
        assert 'ruta_check_ok{check="database",service="intake"} 1.0' in text
        assert 'ruta_check_ok{check="broker",service="intake"} 0.0' in text

    def test_without_what_it_needs_no_gauge_is_waited_for(self, make_app):
        read = []
        app = make_app(gauges=(Gauge("ruta_inbox", "x", (), lambda: read.append(1) or [((), 1)]),))
        text = app.test_client().get("/intake/metrics").text
        assert 'ruta_check_ok{check="database",service="intake"} 0.0' in text
        assert read == []

    def test_each_app_has_its_own_registry(self, make_app):
        assert metrics_registry(make_app()) is not metrics_registry(make_app())
