"""One error shape; nothing of a caller's input is a 500."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

THINGS = "/intake/api/v1/things"
JSON = {"Content-Type": "application/json"}


def fields_of(answer):
    return {(one["field"], one["code"]) for one in answer.json["errors"]}


BAD_BODIES = [
    ("bad json", b"{", JSON, 400, "bad_request"),
    ("not a number in json", b'{"name": NaN}', JSON, 400, "bad_request"),
    ("deep nesting", b"[" * 100_000, JSON, 400, "bad_request"),
    ("huge number", b'{"name": ' + b"9" * 5000 + b"}", JSON, 400, "bad_request"),
    ("not utf-8", b'{"name": "\xff"}', JSON, 400, "bad_request"),
    ("a list", b"[]", JSON, 422, "invalid"),
    ("a word", b'"x"', JSON, 422, "invalid"),
    ("null", b"null", JSON, 422, "invalid"),
    ("nothing", b"", JSON, 422, "invalid"),
    ("text", b"name=x", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    (
        "a form",
        b"name=x",
        {"Content-Type": "application/x-www-form-urlencoded"},
        415,
        "unsupported_media_type",
    ),
    ("no type", b'{"name": "x"}', {}, 415, "unsupported_media_type"),
    ("ten megabytes and one", b"x" * (10 * 1024 * 1024 + 1), JSON, 413, "too_large"),
]


class TestBadInput:
    @pytest.mark.parametrize("bad", [one[1:] for one in BAD_BODIES], ids=[one[0] for one in BAD_BODIES])
    def test_a_bad_body_gets_a_clear_answer(self, client, bearer, bad):
        body, headers, status, code = bad
        answer = client.post(THINGS, data=body, headers=headers | bearer("focal_point"))
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert answer.content_type == "application/problem+json"
        assert answer.json["title"]
        assert answer.json["correlation_id"] == answer.headers["X-Correlation-Id"]

    def test_every_field_says_what_is_wrong(self, client, bearer):
        body = {"name": 7, "age": 200, "needs": [{"code": "A"}, {}], "extra": 1}
        answer = client.post(THINGS, json=body, headers=bearer("focal_point"))
        assert fields_of(answer) == {
            ("name", "not_text"),
            ("age", "out_of_range"),
            ("needs.1.code", "required"),
            ("extra", "unknown_field"),
        }

    @pytest.mark.parametrize(
        "path", ["/things/not-an-id", "/things/7", "/nowhere", "/things/%00", "/things/..%2f"]
    )
    def test_an_address_that_is_none_is_404(self, client, bearer, path):
        answer = client.get(f"/intake/api/v1{path}", headers=bearer("focal_point"))
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")

    def test_ids_in_paths_arrive_in_canonical_form(self, client, bearer):
        path = f"{THINGS}/0190AAAA-0000-7000-8000-00000000000A"
        answer = client.get(path, headers=bearer("focal_point"))
        assert answer.json == {"id": "0190aaaa-0000-7000-8000-00000000000a"}

    def test_a_wrong_method_says_which_are_right(self, client, bearer):
        answer = client.delete(THINGS, headers=bearer("focal_point"))
        assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
        assert "POST" in answer.headers["Allow"]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(body=st.binary(max_size=200))
    def test_no_bytes_make_it_stumble(self, client, bearer, body):
        answer = client.post(THINGS, data=body, headers=bearer("focal_point") | JSON)
        assert answer.status_code in {201, 400, 422}


class TestAppErrors:
    def test_code_status_and_extra_are_kept(self, client):
        answer = client.get(f"{THINGS}/fails/conflict")
        assert (answer.status_code, answer.json["code"], answer.json["allowed"]) == (
            409,
            "wrong_step",
            ["accept"],
        )

    def test_field_errors_are_listed(self, client):
        answer = client.get(f"{THINGS}/fails/fields")
        assert fields_of(answer) == {("age", "odd")}

    def test_unavailable_says_when_to_come_back(self, client):
        answer = client.get(f"{THINGS}/fails/away")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")

    def test_what_cannot_be_stored_is_the_callers_error(self, client):
        answer = client.get(f"{THINGS}/fails/surrogate")
        assert (answer.status_code, answer.json["code"]) == (422, "unstorable")

    def test_a_bug_says_nothing_of_itself(self, client):
        answer = client.get(f"{THINGS}/fails/bug")
        assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
        assert "secret" not in answer.get_data(as_text=True)


class TestLanguageOfErrors:
    @pytest.mark.parametrize(
        ("asked", "title"),
        [
            ("", "Hay datos por corregir."),
            ("es-PE", "Hay datos por corregir."),
            ("en-GB,en;q=0.9", "Some data need correcting."),
            ("de", "Hay datos por corregir."),
        ],
    )
    def test_follows_accept_language(self, client, bearer, asked, title):
        headers = bearer("focal_point") | ({"Accept-Language": asked} if asked else {})
        answer = client.post(THINGS, json={}, headers=headers)
        assert answer.json["title"] == title

    def test_else_the_accounts_language(self, client, bearer):
        answer = client.post(THINGS, json={}, headers=bearer("focal_point", locale="en"))
        assert answer.json["errors"][0]["message"] == "This is missing."


class TestPages:
    def test_people_get_a_page(self, client):
        answer = client.get("/intake/nowhere", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert answer.content_type.startswith("text/html")
        assert "No encontramos lo que busca." in answer.get_data(as_text=True)

    def test_a_program_on_a_page_gets_json(self, client):
        answer = client.get("/intake/nowhere", headers={"Accept": "application/json"})
        assert answer.content_type == "application/problem+json"
