"""`ruta import assessments`: files in, good rows kept, bad ones reported by line and field, safe to repeat."""

import csv
import json
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from werkzeug.serving import make_server

from deploy.local.import_assessments import assessments
from services.intake.app import create_app
from shared.bus import Inbox, drain
from shared.clock import utc_now
from shared.database import make_engine
from shared.events import BY_TYPE
from shared.identity.operations.accounts import NewAccount, create_account
from shared.identity.store import add_organization
from shared.ids import new_id
from tests.integration.intake.conftest import KEY, SECRET, settings_of
from tests.integration.intake.test_submitting import now_document
from tests.unit.intake.test_mapping import ROW


@pytest.fixture
def host(intake, monkeypatch):
    """The environment of a server, with one focal point."""
    stack = intake.stack
    for name in ("intake", "identity"):
        monkeypatch.setenv(f"{name.upper()}_DATABASE_URL", stack.database_url(name))
    monkeypatch.setenv("BROKER_URL", stack.broker_url)
    monkeypatch.setenv("INTAKE_ENCRYPTION_KEY", KEY)
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("LANG", "es_CO.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    with stack.engine("identity").begin() as conn:
        add_organization(conn, {"id": intake.organization_id, "name": "Ejemplo", "created_at": utc_now()})
        account = NewAccount(
            new_id(), "rosa@example.org", "Rosa", "focal_point", "una clave muy larga", intake.organization_id
        )
        create_account(conn, account, now=utc_now())
    return intake


def run(*arguments):
    return CliRunner().invoke(assessments, [str(one) for one in arguments])


def report_of(path):
    with path.with_name(f"{path.name}.errores.csv").open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))


def ndjson(path, *lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def stored(intake):
    return len(intake.rows("SELECT id FROM intake.assessment"))


def row(**changes):
    stamp = utc_now().isoformat()
    return {**ROW, "start": stamp, "end": stamp, "_uuid": new_id(), **changes}


def write_csv(path, rows, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


class TestNdjson:
    def test_good_lines_are_kept_and_bad_ones_reported(self, host, tmp_path):
        path = ndjson(
            tmp_path / "a.ndjson", now_document(), "{nope", "", now_document(person__age=-1), now_document()
        )

        result = run(path)

        assert result.exit_code == 0, result.output
        assert "2 atenciones guardadas, 0 ya estaban, 2 con errores." in result.output
        assert [(one["line"], one["field"], one["code"]) for one in report_of(path)] == [
            ("2", "body", "body_not_json"),
            ("4", "person.age", "not_whole"),
        ]
        assert stored(host) == 2

    def test_importing_again_stores_nothing_twice(self, host, tmp_path):
        path = ndjson(tmp_path / "a.ndjson", *[now_document() for _ in range(3)])
        run(path)
        result = run(path)
        assert "0 atenciones guardadas, 3 ya estaban, 0 con errores." in result.output
        assert stored(host) == 3
        assert len(host.events("assessment.submitted.v1")) == 3

    def test_more_than_one_chunk(self, host, tmp_path):
        path = ndjson(tmp_path / "a.ndjson", *[now_document() for _ in range(450)])
        assert "450 atenciones guardadas" in run(path).output
        assert stored(host) == 450

    def test_when_no_row_is_good_it_fails(self, host, tmp_path):
        result = run(ndjson(tmp_path / "a.ndjson", "{}"))
        assert result.exit_code == 1

    def test_a_list_in_json(self, host, tmp_path):
        path = tmp_path / "a.json"
        path.write_text(json.dumps([now_document(), now_document()]))
        assert "2 atenciones guardadas" in run(path).output

    def test_in_english(self, host, tmp_path, monkeypatch):
        monkeypatch.setenv("LANG", "en_US.UTF-8")
        path = ndjson(tmp_path / "a.ndjson", now_document(consent__share="refused"), now_document())
        assert "1 assessments stored" in run(path).output
        assert report_of(path)[0]["message"].startswith("This need cannot be referred")


class TestSheets:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_csv(self, host, tmp_path, delimiter):
        rows = [row(), row(**{"permiso/edad": "treinta"}), row(**{"necesidades/cuales": "LEG.DOCS"})]
        path = write_csv(tmp_path / "kobo.csv", rows, delimiter)

        result = run(path)

        assert "1 atenciones guardadas, 0 ya estaban, 2 con errores." in result.output
        assert [(one["line"], one["field"], one["column"]) for one in report_of(path)] == [
            ("3", "person.age", "permiso/edad / edad"),
            ("4", "needs.0.code", "necesidades/cuales / cuales"),
        ]

    def test_xlsx(self, host, tmp_path):
        book = Workbook()
        good, bad = row(), row(**{"contacto/telefono": 123})
        book.active.append(list(good))
        for one in (good, bad):
            book.active.append(list(one.values()))
        path = tmp_path / "kobo.xlsx"
        book.save(path)

        assert "1 atenciones guardadas, 0 ya estaban, 1 con errores." in run(path).output
        assert [(one["line"], one["field"]) for one in report_of(path)] == [("3", "safe_contact.phone")]
        assert "0 atenciones guardadas, 1 ya estaban" in run(path).output

    def test_with_a_mapping_of_ones_own(self, host, tmp_path):
        mapping = tmp_path / "mapping.csv"
        mapping.write_text(
            "field,columns,type,values,default\nid,Nro,instance,,\nassessed_at,Fecha,time,,\n"
            "place.country,Pais,text,Colombia=CO,\nplace.locality,Ciudad,text,Cucuta=CO-CUCUTA,\n"
            "person.gender,Sexo,text,F=woman;M=man,unknown\nperson.population_type,X,text,,in_transit\n"
            "consent.share,Permite,granted,,\nconsent.given_by,Y,text,,person\n"
            "needs,Pide,list,papeles=LEG.DOC;comida=BAS.FOOD,\n"
        )
        rows = [
            {
                "Nro": "17",
                "Fecha": utc_now().isoformat(),
                "Pais": "Colombia",
                "Ciudad": "Cucuta",
                "Sexo": "F",
                "Permite": "si",
                "Pide": "papeles comida",
            }
        ]
        result = run(write_csv(tmp_path / "lista.csv", rows), "--mapping", mapping)
        assert "1 atenciones guardadas" in result.output, result.output
        (event,) = host.events("assessment.submitted.v1")
        assert [need["code"] for need in event["needs"]] == ["LEG.DOC", "BAS.FOOD"]

    def test_missing_columns_are_told_before_anything_is_stored(self, host, tmp_path):
        result = run(write_csv(tmp_path / "otra.csv", [{"a": "1", "b": "2"}]))
        assert result.exit_code != 0
        assert "place.country (lugar/pais / pais)" in result.output

    @pytest.mark.parametrize(
        ("name", "data", "told"),
        [
            ("x.pdf", b"%PDF", "use un archivo"),
            ("x.xlsx", b"not a zip", "no es un libro de Excel"),
            ("x.csv", b"", "no tiene encabezado"),
        ],
    )
    def test_what_is_no_such_file(self, host, tmp_path, name, data, told):
        (tmp_path / name).write_bytes(data)
        result = run(tmp_path / name)
        assert result.exit_code != 0
        assert told in result.output

    def test_a_report_runs_no_formula(self, host, tmp_path):
        path = write_csv(
            tmp_path / "kobo.csv", [row(), row(_uuid="=1+1", **{"persona/genero": "=cmd|' /C calc'!A0"})]
        )
        run(path)
        assert all(not cell.startswith(("=", "+", "@")) for one in report_of(path) for cell in one.values())


class TestForWhom:
    def test_an_unknown_account_is_named_with_the_possible_ones(self, host, tmp_path):
        result = run(ndjson(tmp_path / "a.ndjson", now_document()), "--as-account", "nadie@example.org")
        assert result.exit_code != 0
        assert "rosa@example.org" in result.output

    def test_the_account_is_the_author(self, host, tmp_path):
        run(ndjson(tmp_path / "a.ndjson", now_document()), "--as-account", "Rosa@example.org")
        (made,) = host.rows("SELECT organization_id FROM intake.assessment")
        assert str(made["organization_id"]) == host.organization_id


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


def test_the_form_is_written_as_a_workbook(tmp_path):
    assert run("--form", tmp_path / "form.xlsx").exit_code == 0
    assert load_workbook(tmp_path / "form.xlsx").sheetnames == ["survey", "choices", "settings"]


def test_without_a_file_it_says_so():
    assert run().exit_code == 2


def test_an_engine_is_not_left_open(host, tmp_path):
    run(ndjson(tmp_path / "a.ndjson", now_document()))
    engine = make_engine(host.stack.database_url("admin"), pool_size=1)
    with engine.connect() as conn:
        left = conn.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ruta import'"
        )
        assert left.scalar_one() == 0
    engine.dispose()
