"""What administrators do, and that nobody else can."""

import re
import threading

import pytest
from sqlalchemy import text
from werkzeug.serving import make_server

from shared.clock import utc_now
from shared.errors import Conflict, Invalid
from shared.identity import operations, store, tokens
from shared.identity.operations import NewAccount, NewToken
from shared.ids import new_id
from shared.web.access import routes
from shared.web.revoked import Revoked, from_accounts
from tests.integration.identity.conftest import PASSWORD, SECRET, found
from tests.integration.identity.test_signing_in import is_refused

CHOSEN = "otra frase larga"


@pytest.fixture
def admin(person, make_account):
    make_account("root", "admin")
    person.sign_in("root")
    return person


class TestGuard:
    @pytest.mark.parametrize("role", ["focal_point", "provider", "coordinator"])
    def test_others_see_no_page_of_administration(self, person, make_account, role):
        make_account("ana", role)
        person.sign_in("ana")
        for path in (
            "/account/accounts",
            "/account/accounts/new",
            "/account/organizations",
            "/account/tokens",
        ):
            assert person.get(path).status_code == 403

    def test_every_route_is_marked(self, app):
        marked = {(path, method): access for path, _endpoint, method, access in routes(app)}
        assert None not in marked.values()
        roles = {path: access.roles for (path, _method), access in marked.items() if access is not None}
        assert all(
            named == {"admin"}
            for path, named in roles.items()
            if re.match(r"/account/(accounts|organizations|tokens)", path)
        )


class TestAccounts:
    def test_made_listed_closed_and_opened(self, app, admin, another):
        admin.send("/account/organizations", name="Casa Ejemplo")
        organization_id = found(
            r"<option value=\"([0-9a-f-]{36})\">", admin.get("/account/accounts/new").text
        )
        answer = admin.send(
            "/account/accounts/new", username="Rosa", name="Rosa P.", role="provider",
            organization_id=organization_id, password=PASSWORD,
        )  # fmt: skip
        assert answer.location == "/account/accounts"
        listed = admin.get("/account/accounts").text
        assert "Rosa P." in listed
        assert "Casa Ejemplo" in listed
        rosa = another()
        assert rosa.sign_in("rosa").location == "/account/sign-in/password"
        assert rosa.send("/account/sign-in/password", chosen=CHOSEN).location == "/referral/inbox"
        assert rosa.get("/account").status_code == 200

        account_id = found(r"/account/accounts/([0-9a-f-]{36})/disable", listed)
        admin.send(f"/account/accounts/{account_id}/disable", page="/account/accounts")
        assert is_refused(app, rosa)
        assert another().sign_in("rosa", CHOSEN).status_code == 422
        admin.send(f"/account/accounts/{account_id}/enable", page="/account/accounts")
        assert another().sign_in("rosa", CHOSEN).status_code == 303

    def test_a_lost_password_and_phone(self, admin, identity, another, make_account):
        account_id = make_account("ana", "focal_point")
        with identity.begin() as conn:
            conn.execute(
                text(
                    "UPDATE identity.account SET totp_secret = 'x', totp_confirmed_at = now() WHERE id = :id"
                ),
                {"id": account_id},
            )
        page = f"/account/accounts/{account_id}/reset"
        assert admin.send(page, password="corta").status_code == 422
        assert admin.send(page, password="palabras sueltas varias").status_code == 303
        assert another().sign_in("ana", "palabras sueltas varias").location == "/account/sign-in/password"

    @pytest.mark.parametrize("path", [f"/account/accounts/{new_id()}/reset", "/account/accounts/7/reset"])
    def test_an_account_that_is_none(self, admin, path):
        assert admin.get(path).status_code == 404

    def test_what_is_wrong_is_said_beside_its_field(self, admin):
        answer = admin.send(
            "/account/accounts/new", username="no spaces", name="X", role="provider", password="corta"
        )
        assert answer.status_code == 422
        for said in ("Use de 3 a 80 letras", "Este rol necesita una organización.", "al menos 12 caracteres"):
            assert said in answer.text
        assert 'value="no spaces"' in answer.text
        assert "corta" not in answer.text

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"username": "x"}, "username"),
            ({"role": "service"}, "role"),
            ({"role": "provider"}, "organization_id"),
            ({"organization_id": new_id()}, "organization_id"),
            ({"password": "x" * 300}, "password"),
            ({"password": "aaaaaaaaaaaaaaaa"}, "password"),
            ({"password": "mi nombre es carla"}, "password"),
        ],
    )
    def test_rules_of_an_account(self, identity, change, field):
        values = {
            "id": new_id(),
            "username": "carla",
            "name": "C",
            "role": "coordinator",
            "password": PASSWORD,
        }
        with identity.begin() as conn, pytest.raises(Invalid) as refused:
            operations.create_account(conn, NewAccount(**(values | change)), now=utc_now())
        assert list(refused.value.fields) == [field]

    def test_a_user_name_is_taken_once_whatever_its_letters(self, identity, make_account):
        make_account("ana", "admin")
        taken = NewAccount(id=new_id(), username="ANA", name="A", role="admin", password=PASSWORD)
        with identity.begin() as conn, pytest.raises(Conflict):
            operations.create_account(conn, taken, now=utc_now())

    def test_samples_may_be_loaded_again(self, identity):
        now, new = (
            utc_now(),
            NewAccount(id=new_id(), username="demo", name="D", role="admin", password=PASSWORD),
        )
        with identity.begin() as conn:
            first = operations.ensure_account(conn, new, now=now)
            again = operations.ensure_account(
                conn,
                NewAccount(id=new_id(), username="demo", name="D", role="admin", password=PASSWORD),
                now=now,
            )
            operations.ensure_organization(conn, id=new.id, name="Ejemplo", now=now)
            operations.ensure_organization(conn, id=new.id, name="Ejemplo", now=now)
        assert first == again == new.id


class TestPaging:
    def test_accounts_beyond_the_first_fifty(self, admin, identity):
        with identity.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO identity.account (id, username, name, role, locale, password_hash,"
                    " must_change_password, created_at) SELECT gen_random_uuid(), 'person-' || number, 'P', 'admin',"
                    " 'es', '', false, now() FROM generate_series(100, 160) AS number"
                )
            )
        first = admin.get("/account/accounts").text
        assert "person-149" in first
        assert "person-150" not in first
        following = found(r'rel="next" href="(\?after=[^"]+)"', first)
        second = admin.get(f"/account/accounts{following}").text
        assert "person-150" in second
        assert "person-149" not in second
        assert 'rel="next"' not in second
        assert admin.get("/account/accounts?after=rubbish").status_code == 422


class TestTokens:
    def test_shown_once_listed_and_retired(self, app, admin, identity):
        answer = admin.send("/account/tokens", name="Kobo", role="coordinator")
        assert answer.status_code == 201
        token = found(r"(ey[\w-]+\.[\w-]+\.[\w-]+)", answer.text)
        actor = tokens.verify(token, secret_key=SECRET)
        assert (actor.name, actor.role, actor.use) == ("Kobo", "coordinator", "api")
        listed = admin.get("/account/tokens").text
        assert "Kobo" in listed
        assert token not in listed
        with identity.connect() as conn:
            assert token not in str(conn.execute(text("SELECT * FROM identity.api_token")).all())

        revoked = app.extensions["ruta"].is_revoked.__self__
        assert not revoked.covers(actor)
        admin.send(f"/account/tokens/{actor.token_id}/revoke", page="/account/tokens")
        revoked.refresh()
        assert revoked.covers(actor)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": " "}, "name"),
            ({"role": "service"}, "role"),
            ({"role": "focal_point"}, "organization_id"),
        ],
    )
    def test_rules_of_a_token(self, identity, change, field):
        values = {"name": "Kobo", "role": "coordinator"} | change
        with identity.begin() as conn, pytest.raises(Invalid) as refused:
            operations.create_api_token(conn, NewToken(**values), secret_key=SECRET, now=utc_now())
        assert list(refused.value.fields) == [field]

    def test_a_token_of_a_program_opens_no_page_of_people(self, app, identity):
        with identity.begin() as conn:
            token = operations.create_api_token(
                conn, NewToken("X", "admin"), secret_key=SECRET, now=utc_now()
            )
        client = app.test_client()
        client.set_cookie("ruta_session", token)
        assert client.get("/account/accounts").status_code == 303


class TestRevocationsForServices:
    def test_services_read_the_list_and_nobody_else(self, app, identity):
        subject, now = new_id(), utc_now()
        with identity.begin() as conn:
            store.add_revocation(conn, subject, revoked_at=now, expires_at=now + tokens.SESSION_LIFETIME)
            store.add_revocation(conn, "long ago", revoked_at=now, expires_at=now)
        client, path = app.test_client(), "/account/api/v1/revocations"
        assert client.get(path).status_code == 401
        answer = client.get(path, headers=tokens.service_headers("intake", secret_key=SECRET))
        assert [one["subject"] for one in answer.json["items"]] == [subject]

    def test_another_service_hears_of_it_over_http(self, app, identity):
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            revoked = from_accounts(f"http://127.0.0.1:{server.server_port}", "intake", secret_key=SECRET)
            actor = tokens.Actor(account_id=new_id(), role="admin", token_id=new_id(), issued_at=utc_now())
            assert not revoked.covers(actor)
            with identity.begin() as conn:
                operations.end_session(conn, actor, now=utc_now())
            revoked.refresh()
            assert revoked.covers(actor)
        finally:
            server.shutdown()
        revoked.refresh()  # the accounts' process is away: the last copy counts
        assert revoked.covers(actor)

    def test_the_same_list_by_both_ways(self, app, identity):
        subject, now = new_id(), utc_now()
        with identity.begin() as conn:
            store.add_revocation(conn, subject, revoked_at=now, expires_at=now + tokens.SESSION_LIFETIME)
        revoked = app.extensions["ruta"].is_revoked.__self__
        assert isinstance(revoked, Revoked)
        revoked.refresh()
        assert revoked.covers(tokens.Actor(account_id="a", role="admin", token_id=subject, issued_at=now))
