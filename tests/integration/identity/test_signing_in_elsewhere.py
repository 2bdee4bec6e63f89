"""Signing in at an OpenID Connect provider: a small real one on this machine."""

import base64
import hashlib
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import text
from werkzeug.serving import make_server

from shared.clock import utc_now
from shared.identity import operations, tokens
from shared.ids import new_id
from tests.integration.identity.conftest import PASSWORD, SECRET, Person


class Provider:
    """Answers as OpenID Connect says, with whatever claims a test puts in."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"}, auto_kid=False)
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, str] = {}  # code -> challenge
        self.app = Flask("provider")
        self.app.add_url_rule("/.well-known/openid-configuration", view_func=self.document)
        self.app.add_url_rule("/keys", view_func=self.keys)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def document(self):
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
        )

    def keys(self):
        return jsonify(KeySet([self.key]).as_dict(private=False))

    def token(self):
        challenge = self.codes.pop(request.form["code"], None)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if challenge != base64.urlsafe_b64encode(digest).decode().rstrip("="):
            return jsonify(error="invalid_grant"), 400
        return jsonify(
            id_token=jwt.encode({"alg": "RS256", "kid": "one"}, self.claims, self.key), access_token="x"
        )

    def let_in(self, address, **changes):
        """What the provider does when somebody proved who they are there: a code and claims. Returns the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.codes["code-1"] = asked["code_challenge"]
        now = utc_now().timestamp()
        self.claims = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": "person-1", "nonce": asked["nonce"],
            "iat": int(now), "exp": int(now) + 300, "name": "Rosa", "locale": "en", "ruta_role": "coordinator",
        } | changes  # fmt: skip
        return f"{urlsplit(asked['redirect_uri']).path}?code=code-1&state={asked['state']}"


@pytest.fixture(scope="module")
def provider():
    made = Provider()
    yield made
    made.server.shutdown()


@pytest.fixture
def person(make_app, provider):
    return Person(make_app(oidc_issuer=provider.issuer).test_client())


def arrive(person, provider, **changes):
    left = person.get("/account/oidc/start?next=/referral/gaps")
    return person.get(provider.let_in(left.location, **changes))


class TestArriving:
    def test_the_sign_in_page_leads_there_and_takes_no_password(self, person, make_account):
        make_account("ana", "admin")
        shown = person.get("/account/sign-in").text
        assert "/account/oidc/start" in shown
        assert "password" not in shown
        client = person.client
        token = client.get("/account/oidc/start").headers
        assert token["Location"].split("?")[0].endswith("/authorize")

    def test_an_account_is_made_with_the_role_of_the_claims(self, person, provider, identity):
        answer = arrive(person, provider)
        assert (answer.status_code, answer.location) == (303, "/referral/gaps")
        actor = tokens.verify(person.session, secret_key=SECRET)
        assert (actor.role, actor.name, actor.locale, actor.use) == ("coordinator", "Rosa", "en", "session")

    def test_the_same_person_gets_the_same_account_with_todays_role(self, person, provider):
        arrive(person, provider)
        first = tokens.verify(person.session, secret_key=SECRET)
        arrive(person, provider, ruta_role=["admin"], name="Rosa María")
        again = tokens.verify(person.session, secret_key=SECRET)
        assert again.account_id == first.account_id
        assert (again.role, again.name) == ("admin", "Rosa María")

    def test_an_organization_must_be_one_of_ours(self, person, provider, identity):
        organization_id = new_id()
        with identity.begin() as conn:
            operations.ensure_organization(conn, id=organization_id, name="Casa Ejemplo", now=utc_now())
        answer = arrive(person, provider, ruta_role="provider", ruta_organization=organization_id)
        assert answer.status_code == 303
        assert tokens.verify(person.session, secret_key=SECRET).organization_id == organization_id

    def test_a_changed_key_is_fetched(self, person, provider):
        arrive(person, provider)
        provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"}, auto_kid=False)
        assert arrive(person, provider).status_code == 303


class TestRefused:
    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "http://elsewhere.example"},
            {"aud": "another"},
            {"aud": ["ruta", "another"], "azp": "another"},
            {"nonce": "another"},
            {"nonce": None},
            {"exp": 1},
            {"exp": "never"},
            {"iat": 99999999999},
            {"sub": ""},
            {"sub": 7},
        ],
    )
    def test_claims_that_do_not_hold(self, person, provider, changes):
        answer = arrive(person, provider, **changes)
        assert answer.status_code == 403
        assert person.session is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"ruta_role": None},
            {"ruta_role": "service"},
            {"ruta_role": ["admin", "provider"]},
            {"ruta_role": "provider"},
            {"ruta_role": "provider", "ruta_organization": new_id()},
            {"ruta_role": "provider", "ruta_organization": "not an id"},
            {"ruta_role": "admin", "ruta_organization": ["x"]},
        ],
    )
    def test_people_without_a_role_of_ours(self, person, provider, changes):
        answer = arrive(person, provider, **changes)
        assert answer.status_code == 403
        assert "Su cuenta no tiene un rol en Ruta." in answer.text
        assert person.session is None

    def test_an_account_that_was_closed_here(self, person, provider, identity):
        arrive(person, provider)
        with identity.begin() as conn:
            conn.execute(text("UPDATE identity.account SET disabled_at = now()"))
        assert arrive(person, provider).status_code == 403

    def test_a_token_signed_by_another_key(self, person, provider, monkeypatch):
        other = RSAKey.generate_key(2048, parameters={"kid": "one"}, auto_kid=False)
        monkeypatch.setattr(provider, "keys", None)
        published = KeySet([other]).as_dict(private=False)
        monkeypatch.setitem(provider.app.view_functions, "keys", lambda: jsonify(published))
        assert arrive(person, provider).status_code == 403

    def test_another_state_another_browser_another_code(self, person, provider, make_app):
        back = provider.let_in(person.get("/account/oidc/start").location)
        assert person.get(back.replace("state=", "state=x")).status_code == 403
        other = Person(make_app(oidc_issuer=provider.issuer).test_client())
        assert other.get(back).status_code == 403
        assert person.get(back.replace("code-1", "code-2")).status_code == 403
        assert person.get("/account/oidc/return").status_code == 403
        assert person.session is None

    def test_passwords_of_ours_open_nothing(self, make_app, provider, make_account):
        make_account("ana", "admin")
        local = Person(make_app().test_client())
        page = local.get("/account/sign-in").text
        elsewhere = make_app(oidc_issuer=provider.issuer).test_client()
        csrf = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        elsewhere.set_cookie("ruta_form", local.client.get_cookie("ruta_form").value)
        answer = elsewhere.post(
            "/account/sign-in", data={"username": "ana", "password": PASSWORD, "csrf_token": csrf}
        )
        assert answer.status_code == 403
        assert elsewhere.get_cookie("ruta_session") is None


class TestAway:
    def test_a_provider_that_does_not_answer(self, make_app):
        person = Person(make_app(oidc_issuer="http://127.0.0.1:9").test_client())
        answer = person.get("/account/oidc/start")
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers

    def test_no_provider_at_all(self, app):
        assert app.test_client().get("/account/oidc/start").status_code == 404
