"""`ruta import assessments`: files in, good rows kept, bad ones reported by line and field, safe to repeat."""

import csv
import json

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from deploy.local.import_assessments import assessments
from shared.clock import utc_now
from shared.database import make_engine
from shared.identity.operations.accounts import NewAccount, create_account
from shared.identity.store import add_organization
from shared.ids import new_id
from tests.integration.intake.conftest import KEY, SECRET
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
