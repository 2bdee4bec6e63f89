"""Who may call what."""

import itertools

import pytest

from shared.web import allow, unnamed_routes

ROLES = ("focal_point", "provider", "coordinator", "admin", "service")
THING = "/intake/api/v1/things/0190aaaa-0000-7000-8000-000000000000"
ROUTES = {
    ("POST", "/intake/api/v1/things"): {"focal_point"},
    ("GET", THING): {"focal_point", "coordinator"},
    ("POST", "/intake/api/v1/things/batch"): {"service"},
}


class TestRoleMatrix:
    @pytest.mark.parametrize(("route", "role"), list(itertools.product(ROUTES, ROLES)))
    def test_only_the_named_roles_pass(self, client, bearer, route, role):
        method, path = route
        use = "service" if role == "service" else "api"
        answer = client.open(path, method=method, headers=bearer(role, use=use))
        assert (answer.status_code != 403) == (role in ROUTES[route])

    @pytest.mark.parametrize("route", list(ROUTES))
    def test_nobody_signed_in_gets_401_and_is_told_how(self, client, route):
        method, path = route
        answer = client.open(path, method=method)
        assert answer.status_code == 401
        assert answer.json["code"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


class TestUnnamedRoutes:
    def test_every_route_of_the_frame_names_who_may_call_it(self, app):
        assert unnamed_routes(app) == []

    def test_a_route_that_names_nobody_is_listed_and_refused(self, make_app, bearer):
        app = make_app()
        app.add_url_rule("/intake/api/v1/bare", "bare", lambda: "x")
        assert unnamed_routes(app) == ["GET /intake/api/v1/bare"]
        for headers in (None, bearer("admin")):
            answer = app.test_client().get("/intake/api/v1/bare", headers=headers)
            assert (answer.status_code, answer.json["code"]) == (403, "route_without_roles")

    def test_the_openapi_document_says_who_may_call(self, client):
        paths = client.get("/intake/api/openapi.json").json["paths"]
        assert paths["/intake/api/v1/things"]["post"]["x-roles"] == ["focal_point"]
        assert {"bearer": []} in paths["/intake/api/v1/things"]["post"]["security"]
        assert paths["/intake/api/v1/things/hook"]["post"]["security"] == []

    @pytest.mark.parametrize("roles", [(), ("boss",), ("admin", "boss")])
    def test_unknown_roles_are_an_error_at_import(self, roles):
        with pytest.raises(ValueError, match="role"):
            allow(*roles)


class TestPeople:
    def test_a_page_sends_people_to_sign_in_and_back(self, client):
        answer = client.get("/intake/form?x=1")
        assert answer.status_code == 303
        assert answer.location == "/account/sign-in?next=/intake/form%3Fx%3D1"

    def test_a_session_opens_a_page(self, client, token):
        client.set_cookie("ruta_session", token("provider", use="session"))
        assert client.get("/intake/form").status_code == 200

    @pytest.mark.parametrize("use", ["api", "service", "pending"])
    def test_only_a_session_token_works_as_a_cookie(self, client, token, use):
        client.set_cookie("ruta_session", token("focal_point", use=use))
        assert client.get("/intake/form").status_code == 303

    @pytest.mark.parametrize("use", ["session", "pending"])
    def test_a_session_token_does_not_work_as_bearer(self, client, bearer, use):
        answer = client.get(THING, headers=bearer("focal_point", use=use))
        assert (answer.status_code, answer.json["code"]) == (401, "token_invalid")

    def test_a_bad_cookie_on_a_public_page_counts_as_none(self, client):
        client.set_cookie("ruta_session", "rubbish")
        assert client.get("/intake/open").status_code == 200

    def test_a_retired_token_is_refused(self, make_app, bearer):
        app = make_app(is_revoked=lambda actor: actor.name == "gone")
        client = app.test_client()
        assert client.get(THING, headers=bearer("focal_point", name="here")).status_code == 200
        answer = client.get(THING, headers=bearer("focal_point", name="gone"))
        assert (answer.status_code, answer.json["code"]) == (401, "token_revoked")
