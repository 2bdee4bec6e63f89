"""A coordinator at the pages of the rules without scripts: what is wrong is said beside its field, nothing is lost."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.referral.domain.pathway_tables import packaged_files
from services.referral.operations import watching
from tests.integration.referral.browsing import Person, form_of
from tests.integration.referral.drafting import EVERYTHING
from tests.integration.referral.world import a_service, an_id

MODEL = Path(__file__).parents[2] / "data/dmn/0004-simpletable-U.dmn"


@pytest.fixture
def person(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",)))
    return Person(app, "coordinator", account_id=an_id("author"))


@pytest.fixture
def draft(person):
    """The address of a new draft."""
    page = person.open("/referral/rules")
    return person.send(form_of(page, "/referral/rules"), note="Prueba").request.path


def read(response):
    return BeautifulSoup(response.data, "html.parser")


def send(person, path, form, **more):
    """What a browser sends for a form: no box that nobody ticked."""
    fields = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden][name]")}
    return read(person.client.post(path, data=fields | more, follow_redirects=True))


class TestVersion:
    def test_an_exemption_without_a_day_keeps_its_reason_and_its_marks(self, person, draft):
        page = read(person.send(form_of(person.open(draft), "/prove")))
        form = form_of(page, "/exempt")
        key = form.find("input", attrs={"name": "keys"})["value"]
        page = send(person, form["action"], form, keys=key, reason="Se completa este mes")
        assert page.find(id="reason")["value"] == "Se completa este mes"
        assert page.find(id=f"key-{key}").has_attr("checked")
        assert "Falta este dato" in page.find(id="expires_on").find_parent(class_="govuk-form-group").text

    def test_an_exemption_for_nothing_is_told_beside_the_marks(self, person, draft):
        page = read(person.send(form_of(person.open(draft), "/prove")))
        day = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
        form = form_of(page, "/exempt")
        page = send(person, form["action"], form, reason="Se completa este mes", expires_on=day)
        assert page.find(id="expires_on")["value"] == day
        assert "Marque los hallazgos" in page.find(id="keys").text
        assert page.find("a", href="#keys")

    def test_answers_are_chosen_in_words(self, person, draft):
        answers = person.open(draft).find(id="fact_elapsed").find_all("option")
        assert answers[1].text.strip() == "24 horas o menos"


def test_the_first_directory_is_looked_at_at_once_and_none_is_not_called_good(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.now = datetime.now(UTC)

    def due():
        with world.engine.begin() as conn:
            return watching.oldest_due(conn, now=world.now)

    with world.engine.begin() as conn:
        assert watching.look(conn, world.router, now=world.now)
    person = Person(app, "coordinator", account_id=an_id("author"))
    for page in ("/referral/rules/standing", "/referral/rules"):
        said = person.open(page).find("main").text
        assert "no hay con qué comprobar" in said
        assert "Bien." not in said
    assert due() is None
    world.directory(a_service("Todo", *EVERYTHING))
    assert due() is not None


class TestTable:
    def upload(self, person, draft, name, content, table="priority"):
        form = person.open(f"{draft}/tables/{table}").find("form", enctype=True)
        return send(person, form["action"], form, file=(io.BytesIO(content), name))

    @pytest.mark.parametrize(
        ("name", "content"), [("priority.ods", b"PK\x03\x04 no"), ("foto.jpg", b"\xff\xd8\xff\xe0\x00")]
    )
    def test_a_file_that_nobody_can_read_is_not_said_to_stand_below(self, person, draft, name, content):
        page = self.upload(person, draft, name, content)
        said = page.find(id="problems").get_text(" ", strip=True)
        assert "guárdelo como XLSX" in said
        assert "Abajo sigue la tabla guardada" in said
        assert "sigue abajo, sin guardar" not in said
        assert "::" not in said

    @pytest.mark.parametrize("form", ["csv", "xlsx", "dmn"])
    def test_the_file_of_another_table_is_named_and_the_stored_table_stays(self, person, draft, form):
        content = person.client.get(f"{draft}/tables/routing.{form}").data
        page = self.upload(person, draft, f"tabla.{form}", content)
        said = page.find(class_="govuk-error-summary").get_text(" ", strip=True)
        assert "es de otra tabla, «Rutas», y va en la página de esa tabla" in said
        assert "no declara" not in page.text
        assert page.select_one("#row-0 th").text == "U-01"
        assert not page.find("th", attrs={"data-head": "-> service:string"})

    @pytest.mark.parametrize("table", ["priority", "floors"])
    @pytest.mark.parametrize(
        "wrong",
        [
            (
                "columns.csv",
                packaged_files()["columns.csv"].encode(),
                "es columns.csv, la lista de las columnas",
            ),
            ("gente.csv", b"nombre,edad\nEjemplo,3\n", "no es la tabla «"),
            ("carta.txt", b"Buenos dias\n", "no es la tabla «"),
            ("otro.dmn", MODEL.read_bytes(), "no es la tabla «"),
            ("vacio.csv", b"\xef\xbb\xbf\r\n", "El archivo está vacío."),
            ("nota.pdf", b"%PDF-1.7\n%\xe2\xe3", "no es CSV, XLSX ni DMN"),
        ],
    )
    def test_a_file_that_is_not_the_table_gets_one_sentence(self, person, draft, table, wrong):
        name, content, said = wrong
        page = self.upload(person, draft, name, content, table)
        told = page.find(class_="govuk-error-summary").get_text(" ", strip=True)
        assert said in told
        assert "columns.csv no declara" not in told
        assert "falta la columna" not in told
        assert page.select_one("#row-0 th").text.startswith("U-")

    def test_a_table_that_lost_a_column_is_told_which(self, person, draft):
        content = packaged_files()["floors.csv"].replace("# source", "# fuente", 1)
        said = self.upload(person, draft, "f.csv", content.encode(), "floors").find(id="problems").text
        assert "falta la columna «source»" in said

    def test_rows_and_columns_are_told_by_their_titles(self, person, draft):
        page = person.open(f"{draft}/tables/priority")
        assert "Peligro ahora" in page.find("th", attrs={"data-head": "danger_now:string"}).text
        assert "Hay peligro para la vida" in page.select_one("#row-0 td").text

    def test_a_crowd_of_findings_leaves_room_for_the_other_rows(self, person, draft):
        table = person.client.get(f"{draft}/tables/priority.csv").data.decode("utf-8-sig")
        at = table.index("\r\nU-01,")
        self.upload(person, draft, "a.csv", (table[:at] + table[at:].replace("P0", "P2", 1)).encode())
        person.send(form_of(person.open(draft), "/prove"))
        page = person.open(f"{draft}/tables/priority")
        count = len([one for one in page.select("[data-finding]") if '"U-01"' in one["data-rows"]])
        assert count > 3
        beside = page.select_one("#row-0 td")
        assert len(beside.select("a[href^='#finding-']")) == 3
        assert f"y {count - 3} más" in beside.text
