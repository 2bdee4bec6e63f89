"""Bad input at the HTTP edge: what is wrong and where, in the caller's language; nothing half-saved; never 500."""

import json

import pytest

from shared.ids import new_id
from tests.integration.intake.test_submitting import now_document
from tests.unit.intake.builders import put

FUTURE = "2999-01-01T10:00:00-05:00"


def child_with_an_adults_consent():
    return now_document(person__age=9, consent__given_by="person", household=None)


CASES = [
    (
        lambda: now_document(assessed_at=FUTURE),
        "assessed_at",
        "time_in_future",
        "Esta fecha está en el futuro. Revise el día, la hora y el reloj del dispositivo.",
        "This date is in the future. Check the day, the time and the clock of the device.",
    ),
    (
        child_with_an_adults_consent,
        "consent.given_by",
        "child_own_consent",
        "A los 9 años el permiso lo da una persona adulta responsable, no la niña o el niño.",
        "At the age of 9 a responsible adult gives consent, not the child.",
    ),
    (
        lambda: now_document(consent__share="refused"),
        "needs.0.refer",
        "need_without_consent",
        "No se puede derivar esta necesidad: la persona no dio permiso para compartir sus datos.",
        "This need cannot be referred: the person did not consent to sharing their data.",
    ),
    (
        lambda: now_document(safe_contact__phone="300 12"),
        "safe_contact.phone",
        "phone_invalid",
        "Este número de teléfono no existe o está incompleto. Escríbalo con el código del país,",
        "This phone number does not exist or is incomplete. Write it with the country code,",
    ),
    (
        lambda: now_document(needs=[{"code": "GBV.RAP"}]),
        "needs.0.code",
        "unknown_code_near",
        "No conocemos el código «GBV.RAP». ¿Quiso decir GBV.RAPE",
        "We do not know the code “GBV.RAP”. Did you mean GBV.RAPE",
    ),
    (
        lambda: now_document(person__age="treinta"),
        "person.age",
        "not_whole",
        "Escriba un número entero entre 0 y 120.",
        "Write a whole number from 0 to 120.",
    ),
    (
        lambda: now_document(person__name="Ana\x00"),
        "person.name",
        "text_unreadable",
        "El texto tiene caracteres que no se pueden guardar.",
        "The text has characters that cannot be kept.",
    ),
    (
        lambda: now_document(person__telefono="300"),
        "person.telefono",
        "unknown_field",
        "No conocemos el campo «telefono». Revise cómo está escrito.",
        "We do not know the field “telefono”. Check how it is written.",
    ),
]


class TestSentences:
    @pytest.mark.parametrize("case", CASES, ids=[case[2] for case in CASES])
    def test_say_what_is_wrong_and_where(self, intake, case):
        make, field, code, spanish, english = case
        document = make()
        for language, sentence in (("es", spanish), ("en", english)):
            answer = intake.caller(language=language).post("/assessments", document)
            assert answer.status_code == 422, answer.text
            assert answer.content_type == "application/problem+json"
            errors = [one for one in answer.json["errors"] if one["field"] == field]
            assert [one["code"] for one in errors] == [code]
            assert errors[0]["message"].startswith(sentence)
        assert intake.rows("SELECT id FROM intake.assessment") == []
        assert intake.rows("SELECT id FROM intake.person") == []

    def test_a_taken_id(self, intake):
        document = now_document()
        intake.caller().post("/assessments", document)
        changed = {**document, "criteria": []}
        spanish = intake.caller().post("/assessments", changed)
        english = intake.caller(language="en").post("/assessments", changed)
        assert spanish.json["title"] == "Ya existe una atención con este identificador y otros datos."
        assert english.json["title"] == (
            "There is an assessment with this identifier and other content already."
        )


class TestBodies:
    def send(self, intake, data, content_type="application/json"):
        return intake.caller().post("/assessments", data=data, headers={"Content-Type": content_type})

    @pytest.mark.parametrize(
        ("data", "status", "code"),
        [
            (b"", 400, "body_empty"),
            (b"   \n ", 400, "body_empty"),
            (b"{", 400, "body_not_json"),
            (b'{"id": 1,\n "x": }', 400, "body_not_json"),
            (b'{"id": NaN}', 400, "body_not_json"),
            (b'{"id": 1e999}', 422, "not_uuid"),
            (b'{"id": ' + b"9" * 5000 + b"}", 400, "body_not_json"),
            (b"\xff\xfe{}", 400, "body_not_text"),
            (b"[" * 100_000 + b"]" * 100_000, 400, "body_too_deep"),
            (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, 400, "body_too_deep"),
            (b"[]", 422, "not_object"),
            (b"null", 422, "not_object"),
            (b'"text"', 422, "not_object"),
        ],
    )
    def test_that_are_no_assessment(self, intake, data, status, code):
        answer = self.send(intake, data)
        assert answer.status_code == status, answer.text
        assert code in {one["code"] for one in answer.json["errors"]}

    def test_that_stop_being_json_say_where(self, intake):
        answer = self.send(intake, b'{"id": 1,\n "x": }')
        assert answer.json["errors"][0]["message"] == "Los datos no son JSON válido (línea 2, columna 7)."

    @pytest.mark.parametrize("size", [300_000, 10_000_000, 11_000_000])
    def test_that_are_too_large(self, intake, size):
        answer = self.send(intake, b'{"id": "' + b"x" * size + b'"}')
        assert (answer.status_code, answer.json["code"]) == (413, "too_large")

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
    )
    def test_of_another_type(self, intake, content_type):
        answer = self.send(intake, json.dumps(now_document()), content_type)
        assert answer.status_code == 415

    def test_with_thousands_of_unknown_fields(self, intake):
        document = now_document() | {f"campo{number}": number for number in range(5000)}
        answer = self.send(intake, json.dumps(document))
        assert answer.status_code == 422
        assert len(answer.json["errors"]) <= 110


class TestBatch:
    def send(self, caller, lines, **kwargs):
        data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        headers = {"Content-Type": "application/x-ndjson"}
        return caller.post("/assessments/batch", data=data, headers=headers, **kwargs)

    def test_good_lines_are_kept_and_bad_ones_named(self, intake, focal_point):
        good, other = now_document(), now_document()
        wrong = now_document(needs=[{"code": "LEG.DOCS"}])

        answer = self.send(focal_point, [good, b"{nope", b"", wrong, other, good, b"[1]"])

        assert answer.status_code == 200, answer.text
        assert {key: answer.json[key] for key in ("stored", "repeated", "refused")} == {
            "stored": 2,
            "repeated": 0,
            "refused": 4,
        }
        told = {
            line["line"]: [(one["field"], one["code"]) for one in line.get("errors", [])]
            for line in answer.json["lines"]
        }
        assert told == {
            1: [],
            2: [("body", "body_not_json")],
            4: [("needs.0.code", "unknown_code_near")],
            5: [],
            6: [("id", "line_repeated")],
            7: [("body", "not_object")],
        }
        assert len(intake.rows("SELECT id FROM intake.assessment")) == 2
        assert len(intake.events("assessment.submitted.v1")) == 2

    def test_repeating_is_safe(self, intake, focal_point):
        documents = [now_document() for _ in range(3)]
        self.send(focal_point, documents)

        answer = self.send(focal_point, [*documents, now_document()])

        assert [line["status"] for line in answer.json["lines"]] == [200, 200, 200, 201]
        assert len(intake.events("assessment.submitted.v1")) == 4

    def test_changed_lines_are_refused_alone(self, intake, focal_point):
        documents = [now_document() for _ in range(3)]
        self.send(focal_point, documents)
        documents[1]["criteria"] = ["V08"]

        answer = self.send(focal_point, documents)

        assert [line["status"] for line in answer.json["lines"]] == [200, 409, 200]

    def test_a_taken_need_spoils_its_own_line_only(self, intake, focal_point):
        need = {"id": new_id(), "code": "BAS.FOOD"}
        documents = [now_document(needs=[need]), now_document(needs=[need]), now_document()]

        answer = self.send(focal_point, documents)

        assert [line["status"] for line in answer.json["lines"]] == [201, 409, 201]

    def test_a_thousand_at_once(self, intake, focal_point):
        documents = [now_document() for _ in range(1000)]
        put(documents[777], ["person", "age"], -3)

        answer = self.send(focal_point, documents)

        assert (answer.json["stored"], answer.json["refused"]) == (999, 1)
        assert len(intake.events("assessment.submitted.v1")) == 999

    def test_more_than_a_thousand_are_refused_whole(self, intake, focal_point):
        answer = self.send(focal_point, [b"{}"] * 1001)
        assert (answer.status_code, answer.json["code"]) == (413, "too_many_lines")

    def test_a_line_that_is_too_long(self, intake, focal_point):
        answer = self.send(focal_point, [b'"' + b"x" * 300_000 + b'"'])
        assert answer.status_code == 413
        assert intake.rows("SELECT id FROM intake.assessment") == []

    def test_another_type(self, intake, focal_point):
        answer = focal_point.post("/assessments/batch", [now_document()])
        assert answer.status_code == 415

    def test_lines_speak_english_too(self, intake):
        answer = self.send(intake.caller(language="en"), [now_document(consent__share="refused")])
        assert answer.json["lines"][0]["errors"][0]["message"].startswith("This need cannot be referred")

    def test_an_empty_batch(self, intake, focal_point):
        assert self.send(focal_point, []).json["lines"] == []


def test_a_deep_or_strange_cursor_is_refused(intake, focal_point):
    for cursor in ("x", "W1tbXV1d", "WyJhIiwgImIiXQ", "bnVsbA", "e30", "ñ", "W10", "WzEsMl0"):
        answer = focal_point.get(f"/assessments?after={cursor}")
        assert (answer.status_code, answer.json["code"]) == (422, "bad_cursor"), cursor


def test_a_case_that_is_no_uuid_is_not_found(intake, focal_point):
    assert focal_point.get("/assessments/17").status_code == 404
    assert focal_point.get(f"/assessments/{new_id()}").status_code == 404
