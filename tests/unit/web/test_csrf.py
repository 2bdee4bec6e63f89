"""Forms only from our own pages."""

import pytest


@pytest.fixture
def signed_in(client, token):
    client.set_cookie("ruta_session", token("focal_point", use="session"))
    return client


def token_of(client, path="/intake/form"):
    return client.get(path).get_data(as_text=True)


class TestSession:
    def test_a_form_with_its_token_passes(self, signed_in):
        answer = signed_in.post("/intake/form", data={"csrf_token": token_of(signed_in)})
        assert answer.status_code == 303

    def test_the_header_does_as_well(self, signed_in):
        answer = signed_in.post("/intake/form", headers={"X-CSRF-Token": token_of(signed_in)})
        assert answer.status_code == 303

    @pytest.mark.parametrize("sent", ["", "x", "x" * 80, "ñ" * 80, "\0"])
    def test_without_a_token_it_is_refused(self, signed_in, sent):
        answer = signed_in.post("/intake/form", data={"csrf_token": sent})
        assert answer.status_code == 403
        assert "El formulario venció" in answer.get_data(as_text=True)

    def test_tokens_are_masked_anew_and_all_hold(self, signed_in):
        first, second = token_of(signed_in), token_of(signed_in)
        assert first != second
        for one in (first, second):
            assert signed_in.post("/intake/form", data={"csrf_token": one}).status_code == 303

    def test_anothers_token_does_not_hold(self, app, signed_in, token):
        other = app.test_client()
        other.set_cookie("ruta_session", token("focal_point", use="session"))
        assert signed_in.post("/intake/form", data={"csrf_token": token_of(other)}).status_code == 403

    def test_another_site_is_refused_even_with_a_token(self, signed_in):
        answer = signed_in.post(
            "/intake/form", data={"csrf_token": token_of(signed_in)}, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403

    def test_the_json_api_with_a_cookie_needs_one_too(self, signed_in):
        path, body = "/intake/api/v1/things", {"name": "x"}
        assert signed_in.post(path, json=body).json["code"] == "csrf"
        assert (
            signed_in.post(path, json=body, headers={"X-CSRF-Token": token_of(signed_in)}).status_code == 201
        )


class TestWithoutSession:
    def test_a_bearer_call_needs_none(self, client, bearer):
        answer = client.post("/intake/api/v1/things", json={"name": "x"}, headers=bearer("focal_point"))
        assert answer.status_code == 201

    def test_a_public_webhook_needs_none(self, client):
        assert client.post("/intake/api/v1/things/hook").status_code == 200

    def test_a_public_form_is_bound_to_a_cookie_of_its_browser(self, app, client):
        sent = token_of(client, "/intake/open")
        assert client.post("/intake/open", data={"csrf_token": sent}).status_code == 200
        assert app.test_client().post("/intake/open", data={"csrf_token": sent}).status_code == 403
