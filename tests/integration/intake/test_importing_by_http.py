"""`ruta import assessments --url --token`: through the API of a server."""

import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from werkzeug.serving import make_server

from services.intake.app import create_app
from shared.bus import Inbox, drain
from shared.events import BY_TYPE
from shared.ids import new_id
from tests.integration.intake.conftest import settings_of
from tests.integration.intake.test_importing import ndjson, report_of, run, stored
from tests.integration.intake.test_submitting import now_document


@contextmanager
def serving(app):
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()


def work_off(stack):
    """The services behind intake catch up."""
    for name in ("referral", "notifications"):
        drain(Inbox(stack.engine(name), name, dict.fromkeys(BY_TYPE.values(), lambda *_: None)))


class TestThroughTheApi:
    @pytest.fixture
    def server(self, intake):
        with serving(intake.app) as url:
            yield url

    def test_with_a_token(self, intake, server, tmp_path, focal_point, monkeypatch):
        monkeypatch.setenv("LANG", "es")
        path = ndjson(
            tmp_path / "a.ndjson",
            *[now_document() for _ in range(250)],
            "{nope",
            now_document(criteria=["X"]),
        )
        result = run(path, "--url", server, "--token", focal_point.token)
        assert "250 atenciones guardadas, 0 ya estaban, 2 con errores." in result.output, result.output
        assert [one["line"] for one in report_of(path)] == ["251", "252"]
        assert "250 ya estaban" in run(path, "--url", server, "--token", focal_point.token).output

    def test_a_server_at_its_limit_is_waited_for(self, clean_stack, focal_point, tmp_path, monkeypatch):
        monkeypatch.setenv("LANG", "es")
        monkeypatch.setattr("shared.bus.pressure.LOOK_AGAIN_SECONDS", 0.0)
        monkeypatch.setattr("deploy.local.import_by_http.AT_ITS_LIMIT_SECONDS", 0.05)
        statuses = []
        caught_up = threading.Event()

        def recorded(environ, start_response):
            def start(status, *rest):
                statuses.append(status[:3])
                return start_response(status, *rest)

            if statuses.count("503") == 2 and not caught_up.is_set():
                work_off(clean_stack)
                caught_up.set()
            return app(environ, start)

        app = create_app(replace(settings_of(clean_stack), backlog_limit=100))
        known = now_document()["person"] | {"id": new_id()}
        documents = [now_document(person=dict(known)) for _ in range(250)]  # one person: in order, one by one
        path = ndjson(tmp_path / "a.ndjson", *documents)
        with serving(recorded) as url:
            result = run(path, "--url", url, "--token", focal_point.token)
        assert "250 atenciones guardadas, 0 ya estaban, 0 con errores." in result.output, result.output
        assert "la importación espera y sigue sola" in result.output
        assert statuses == ["200", "503", "503", "200"]

    def test_batches_that_speak_of_one_assessment_keep_their_order(
        self, intake, server, tmp_path, focal_point
    ):
        first = now_document()
        second = {**first, "needs": [{"code": "LEG.DOC"}]}
        documents = [now_document() for _ in range(1000)]
        path = ndjson(tmp_path / "a.ndjson", *documents[:199], first, second, *documents[199:])
        run(path, "--url", server, "--token", focal_point.token)
        assert [(one["line"], one["code"]) for one in report_of(path)] == [("201", "id_taken")]
        assert stored(intake) == 1001

    def test_a_line_longer_than_any_assessment_costs_only_itself(self, intake, server, tmp_path, focal_point):
        path = ndjson(
            tmp_path / "a.ndjson",
            now_document(),
            now_document(person={"name": "x" * 300_000}),
            now_document(),
        )
        run(path, "--url", server, "--token", focal_point.token)
        assert [one["line"] for one in report_of(path)] == ["2"]
        assert stored(intake) == 2

    def test_with_a_token_that_does_not_hold(self, intake, server, tmp_path, monkeypatch):
        monkeypatch.setenv("LANG", "es")
        result = run(ndjson(tmp_path / "a.ndjson", now_document()), "--url", server, "--token", "x")
        assert result.exit_code != 0
        assert "La credencial no es válida." in result.output

    def test_when_nobody_answers(self, tmp_path, monkeypatch):
        monkeypatch.setenv("LANG", "es")
        path = ndjson(tmp_path / "a.ndjson", now_document())
        result = run(path, "--url", "http://127.0.0.1:9", "--token", "x")
        assert result.exit_code != 0
        assert "Repita la importación" in result.output
