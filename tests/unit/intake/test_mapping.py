"""Rows of a form's export become documents; the ready-made form and its mapping fit each other and the code lists."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services.intake
from services.intake.domain.findings import Findings
from services.intake.schemas.mapping import COLUMNS, MappingError, known_fields, parse_mapping
from services.intake.schemas.reading import read_assessment
from shared import codes
from tests.unit.intake.builders import an_edge

FORM = Path(services.intake.__file__).parent / "forms" / "atencion"

ROW = {
    "start": "2026-11-22T09:20:00.000-05:00",
    "end": "2026-11-22T09:31:00.000-05:00",
    "lugar/pais": "CO",
    "lugar/localidad": "CO-CUCUTA",
    "permiso/edad": "31",
    "permiso/compartir": "yes",
    "permiso/quien": "person",
    "permiso/contactar": "yes",
    "persona/nombre": "Yusmary Ejemplo",
    "persona/genero": "woman",
    "persona/poblacion": "in_destination",
    "persona/idiomas": "es guc",
    "persona/documentos": "passport_expired",
    "hogar/tamano": "3",
    "hogar/ninos": "2 7",
    "necesidades/cuales": "LEG.DOC GBV.PHYS BAS.FOOD",
    "necesidades/sin_derivar": "GBV.PHYS",
    "necesidades/deadline_days": "20",
    "necesidades/danger_now": "no",
    "necesidades/tonight": "yes",
    "contacto/telefono": "300 123 4567",
    "contacto/desde": "09:00",
    "contacto/hasta": "18:00",
    "contacto/dias": "mon tue",
    "_uuid": "c948fb0c-2c5b-4a51-a3d0-1f2c4a6f7a11",
    "_submission_time": "2026-11-22T14:32:00",
}


def sheet(name):
    with (FORM / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.fixture(scope="module")
def mapping():
    return parse_mapping((FORM / "mapping.csv").read_text(encoding="utf-8"))


def read(document):
    findings = Findings()
    return read_assessment(document, an_edge(), findings), findings


class TestReadyMadeForm:
    def test_a_row_becomes_an_assessment(self, mapping):
        made, findings = read(mapping.document(ROW))

        assert findings.fields == {}
        assert made.person.languages == ("es", "guc")
        assert [(need.code, need.refer, need.facts) for need in made.needs] == [
            ("LEG.DOC", True, {"deadline_days": 20}),
            ("GBV.PHYS", False, {"danger_now": "no"}),
            ("BAS.FOOD", True, {"tonight": "yes"}),
        ]
        assert made.safe_contact.phone == "+573001234567"
        assert made.safe_contact.safe_hours == ("09:00", "18:00")
        assert made.children == (2, 7)
        assert made.assessed_at == datetime(2026, 11, 22, 14, 31, tzinfo=UTC)

    def test_columns_without_their_groups_do_as_well(self, mapping):
        plain = {name.rpartition("/")[2]: value for name, value in ROW.items()}
        assert mapping.document(plain) == mapping.document(ROW)

    def test_cells_of_a_workbook_do_as_well(self, mapping):
        typed = {
            **ROW,
            "permiso/edad": 31.0,
            "hogar/tamano": 3,
            "end": datetime(2026, 11, 22, 9, 31, tzinfo=UTC).replace(tzinfo=None),
        }
        assert mapping.document(typed)["person"] == mapping.document(ROW)["person"]
        assert read(mapping.document(typed))[0].assessed_at == datetime(2026, 11, 22, 14, 31, tzinfo=UTC)

    def test_a_row_keeps_its_id(self, mapping):
        again = {**ROW, "persona/nombre": "Otra"}
        assert mapping.document(ROW)["id"] == mapping.document(again)["id"]
        with_prefix = {**ROW, "_uuid": None, "meta/instanceID": f"uuid:{ROW['_uuid']}"}
        assert mapping.document(with_prefix)["id"] == mapping.document(ROW)["id"]
        nameless = {name: value for name, value in ROW.items() if name != "_uuid"}
        assert mapping.document(nameless)["id"] == mapping.document(dict(nameless))["id"]
        assert mapping.document(nameless)["id"] != mapping.document({**nameless, "persona/nombre": "X"})["id"]

    def test_a_submission_time_is_utc(self, mapping):
        row = {name: value for name, value in ROW.items() if name not in {"start", "end"}}
        assert mapping.document(row)["assessed_at"] == "2026-11-22T14:32:00+00:00"

    def test_without_a_number_there_is_no_contact(self, mapping):
        assert "safe_contact" not in mapping.document({**ROW, "contacto/telefono": ""})

    def test_what_cannot_be_read_is_named_not_guessed(self, mapping):
        _, findings = read(
            mapping.document({**ROW, "permiso/edad": "treinta", "permiso/compartir": "tal vez"})
        )
        assert {("person.age", "not_whole"), ("consent.share", "not_allowed")} <= findings.codes()

    def test_findings_lead_back_to_columns(self, mapping):
        assert mapping.column_of("person.age") == "permiso/edad / edad"
        assert mapping.column_of("needs.2.code") == "necesidades/cuales / cuales"
        assert mapping.column_of("needs.0.facts.deadline_days").startswith("necesidades/deadline_days")
        assert mapping.column_of("needs.0.refer").startswith("necesidades/sin_derivar")
        assert mapping.column_of("body") is None

    def test_missing_columns_are_told_beforehand(self, mapping):
        assert mapping.missing_from(["x"]) == [
            "assessed_at",
            "place.country",
            "place.locality",
            "consent.share",
            "needs",
        ]
        assert mapping.missing_from(list(ROW)) == []

    @given(
        st.dictionaries(st.sampled_from(list(ROW)), st.one_of(st.text(max_size=30), st.none(), st.integers()))
    )
    def test_any_cells_are_answered(self, cells):
        mapping = parse_mapping((FORM / "mapping.csv").read_text(encoding="utf-8"))
        read(mapping.document(cells))

    def test_every_mapped_column_is_a_question(self, mapping):
        asked, groups = set(), []
        for row in sheet("survey"):
            if row["type"] == "begin_group":
                groups.append(row["name"])
            elif row["type"] == "end_group":
                groups.pop()
            else:
                asked.add("/".join([*groups, row["name"]]))
        first_columns = {name for rule in mapping.rules for name in rule.columns[0]}
        assert first_columns - {"_uuid"} <= asked

    def test_its_choices_are_the_code_lists(self):
        offered = {}
        for row in sheet("choices"):
            label = (row["name"], row["label::Español (es)"], row["label::English (en)"])
            offered.setdefault(row["list_name"], []).append(label)
        for name in sorted(set(offered) & set(codes.names())):
            assert offered[name] == [(one.code, one.es, one.en) for one in codes.load(name).values()], name
        used = {
            row["type"].split()[1]
            for row in sheet("survey")
            if row["type"].startswith(("select_one", "select_mult"))
        }
        assert used == set(offered)

    def test_it_asks_every_fact_but_hours(self, mapping):
        mapped = {
            rule.field.removeprefix("facts.") for rule in mapping.rules if rule.field.startswith("facts.")
        }
        assert mapped == set(codes.load("need_facts")) - {"elapsed_hours"}


HEADER = ",".join(COLUMNS)


class TestOwnMappings:
    def test_answers_are_translated(self):
        mapping = parse_mapping(
            f"{HEADER}\nperson.gender,Sexo,text,Mujer=woman;Hombre=man,unknown\n"
            "criteria,Riesgos,list,embarazada=V06;sola=V07,\nconsent.share,Permite,granted,,\n"
        )
        document = mapping.document({"Sexo": "Mujer", "Riesgos": "embarazada sola V21", "Permite": "Sí"})
        assert document["person"]["gender"] == "woman"
        assert document["criteria"] == ["V06", "V07", "V21"]
        assert document["consent"]["share"] == "granted"
        assert mapping.document({"Sexo": ""})["person"]["gender"] == "unknown"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("person.gendre,Sexo,text,,", "person.gender"),
            ("person.gender,Sexo,texto,,", "text"),
            ("person.gender,Sexo,text,Mujer,", "a=b"),
        ],
    )
    def test_a_wrong_line_is_named(self, line, told):
        with pytest.raises(MappingError, match="2, ") as error:
            parse_mapping(f"{HEADER}\n{line}\n")
        assert told in str(error.value)

    @pytest.mark.parametrize("text", ["", "a,b\n", f"{HEADER}\nneeds,a,list,,\nneeds,b,list,,\n"])
    def test_what_is_no_mapping_is_refused(self, text):
        with pytest.raises(MappingError):
            parse_mapping(text)

    def test_fields_are_those_of_the_schema(self):
        assert {"person.age", "safe_contact.phone", "consent.override.basis", "needs", "not_referred"} <= set(
            known_fields()
        )
