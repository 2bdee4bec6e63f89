"""Signing in, on a real PostgreSQL."""

import pyotp
import pytest
from sqlalchemy import text

from shared.identity import tokens
from tests.integration.identity.conftest import PASSWORD, SECRET, Person, found

HOME = {
    "focal_point": "/intake/cases",
    "provider": "/referral/inbox",
    "coordinator": "/referral/clocks",
    "admin": "/account/accounts",
}


class TestPassword:
    @pytest.mark.parametrize("role", list(HOME))
    def test_each_role_begins_where_it_works(self, person, make_account, role):
        account_id = make_account("ana", role)
        answer = person.sign_in("Ana")
        assert (answer.status_code, answer.location) == (303, HOME[role])
        actor = tokens.verify(person.session, secret_key=SECRET)
        assert (actor.account_id, actor.role, actor.use, actor.name) == (account_id, role, "session", "Ana")
        assert person.get("/").location == HOME[role]

    def test_goes_back_to_where_one_was_going(self, person, make_account):
        make_account("ana", "focal_point")
        assert person.sign_in("ana", next="/intake/cases/1").location == "/intake/cases/1"

    def test_never_to_another_site(self, person, make_account):
        make_account("ana", "focal_point")
        assert person.sign_in("ana", next="//evil.example").location == HOME["focal_point"]

    @pytest.mark.parametrize(
        ("username", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("ana", PASSWORD.upper())]
    )
    def test_a_wrong_name_and_a_wrong_password_look_the_same(self, person, make_account, username, password):
        make_account("ana", "focal_point")
        answer = person.sign_in(username, password)
        assert answer.status_code == 422
        shown = answer.get_data(as_text=True)
        assert "El nombre de usuario o la contraseña no coinciden." in shown
        assert person.session is None
        assert password not in shown

    @pytest.mark.parametrize("sent", ["\0", "\x00ana", "a" * 5000, "ana' or 1=1 --", "ñandú"])
    def test_odd_names_are_wrong_names(self, person, make_account, sent):
        make_account("ana", "focal_point")
        assert person.sign_in(sent).status_code == 422

    def test_a_closed_account_stays_out(self, person, identity, make_account):
        account_id = make_account("ana", "focal_point")
        with identity.begin() as conn:
            conn.execute(
                text("UPDATE identity.account SET disabled_at = now() WHERE id = :id"), {"id": account_id}
            )
        assert person.sign_in("ana").status_code == 422

    def test_a_password_set_by_another_must_be_changed_first(self, person, make_account):
        make_account("ana", "focal_point", must_change_password=True)
        assert (
            person.sign_in("ana", next="/intake/new").location == "/account/sign-in/password?next=/intake/new"
        )
        assert person.session is None
        page = "/account/sign-in/password"
        for refused in ("corta", PASSWORD):
            assert person.send(page, chosen=refused).status_code == 422
        assert person.send(page, chosen="otra frase larga", next="/intake/new").location == "/intake/new"
        assert person.get("/account").status_code == 200

    def test_choosing_a_password_needs_the_steps_before_it(self, person, make_app, make_account):
        make_account("carla", "coordinator", must_change_password=True)
        strict = Person(make_app(environment="production").test_client())
        assert strict.sign_in("carla").location == "/account/sign-in/enrol"
        assert strict.get("/account/sign-in/password").location.startswith("/account/sign-in?")

    def test_the_cookie_is_out_of_reach_of_scripts(self, person, make_account):
        make_account("ana", "focal_point")
        header = next(
            one for one in person.sign_in("ana").headers.getlist("Set-Cookie") if "ruta_session" in one
        )
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header
        assert "Max-Age" not in header
        assert "Secure" not in header

    def test_and_secure_over_https(self, make_app, make_account):
        make_account("ana", "focal_point")
        person = Person(make_app(public_url="https://ruta.example.org").test_client())
        cookies = person.sign_in("ana").headers.getlist("Set-Cookie")
        assert all("Secure" in one for one in cookies if "ruta_session" in one)


class TestThrottling:
    def test_after_six_failures_the_right_password_must_wait_too(self, person, make_account):
        make_account("ana", "focal_point")
        for _ in range(6):
            assert person.sign_in("ana", "wrong").status_code == 422
        answer = person.sign_in("ana")
        assert "Demasiados intentos" in answer.get_data(as_text=True)
        assert person.session is None

    def test_others_do_not(self, person, another, make_account):
        make_account("ana", "focal_point")
        make_account("eva", "provider")
        for _ in range(6):
            person.sign_in("ana", "wrong")
        assert another().sign_in("eva").status_code == 303

    def test_one_address_cannot_try_many_names(self, person, make_account):
        make_account("ana", "focal_point")
        for number in range(30):
            person.sign_in(f"name{number}", "wrong")
        assert "Demasiados intentos" in person.sign_in("ana").get_data(as_text=True)

    def test_it_passes_with_time_and_leaves_no_name_behind(self, person, identity, make_account):
        make_account("ana", "focal_point")
        for _ in range(6):
            person.sign_in("ana", "wrong")
        with identity.begin() as conn:
            assert "ana" not in str(conn.execute(text("SELECT * FROM identity.failure")).all())
            conn.execute(text("UPDATE identity.failure SET slot = slot - interval '2 minutes'"))
        assert person.sign_in("ana").status_code == 303


class TestCode:
    @pytest.fixture
    def strict(self, make_app):
        return Person(make_app(environment="production").test_client())

    def code_on(self, page):
        letters = found(r'<strong class="ruta-code">([A-Z2-7 ]+)</strong>', page.text)
        return pyotp.TOTP("".join(letters.split()))

    @pytest.mark.parametrize(("role", "asked"), [("coordinator", True), ("admin", True), ("provider", False)])
    def test_those_who_see_most_must_set_one_up_before_their_first_session(
        self, strict, make_account, role, asked
    ):
        make_account("carla", role)
        answer = strict.sign_in("carla")
        assert answer.location == ("/account/sign-in/enrol" if asked else HOME[role])
        assert (strict.session is None) is asked

    def test_from_setting_up_to_signing_in_with_it(self, strict, make_app, make_account):
        make_account("carla", "coordinator")
        strict.sign_in("carla", next="/referral/gaps")
        shown = strict.get("/account/sign-in/enrol")
        totp = self.code_on(shown)
        assert strict.send("/account/sign-in/enrol", code="000000").status_code == 422
        assert self.code_on(strict.get("/account/sign-in/enrol")).secret == totp.secret
        code = totp.now()
        answer = strict.send("/account/sign-in/enrol", code=code, next="/referral/gaps")
        assert answer.location == "/referral/gaps"
        assert tokens.verify(strict.session, secret_key=SECRET).role == "coordinator"

        again = Person(make_app(environment="production").test_client())
        assert again.sign_in("carla").location == "/account/sign-in/code"
        assert again.send("/account/sign-in/code", code=code).status_code == 422  # used before
        assert again.session is None

    def test_the_password_alone_opens_nothing(self, strict, make_account):
        make_account("carla", "coordinator")
        strict.sign_in("carla")
        assert strict.get("/account").status_code == 303

    def test_the_code_alone_opens_nothing(self, strict):
        assert strict.get("/account/sign-in/code").status_code == 303
        assert strict.get("/account/sign-in/enrol").status_code == 303

    def test_guessing_codes_is_throttled_as_well(self, strict, identity, make_account):
        make_account("carla", "coordinator")
        strict.sign_in("carla")
        for _ in range(6):
            strict.send("/account/sign-in/enrol", code="000000")
        answer = strict.send("/account/sign-in/enrol", code="000000")
        assert "Demasiados intentos" in answer.get_data(as_text=True)

    def test_the_secret_is_not_in_the_database(self, strict, identity, make_account):
        make_account("carla", "coordinator")
        strict.sign_in("carla")
        secret = self.code_on(strict.get("/account/sign-in/enrol")).secret
        with identity.connect() as conn:
            sealed = conn.execute(text("SELECT totp_secret FROM identity.account")).scalar_one()
        assert secret.encode() not in bytes(sealed)

    def test_one_may_set_it_up_of_ones_own_accord(self, person, make_account):
        make_account("ana", "focal_point")
        person.sign_in("ana")
        totp = self.code_on(person.get("/account/two-steps"))
        assert person.send("/account/two-steps", code="1").status_code == 422
        assert person.send("/account/two-steps", code=totp.now()).location == "/account"
        assert "Activa" in person.get("/account").get_data(as_text=True)


class TestSigningOut:
    def test_the_session_ends_everywhere(self, app, person, another, make_account):
        make_account("ana", "focal_point")
        person.sign_in("ana")
        copy = another()
        copy.client.set_cookie("ruta_session", person.session)
        assert copy.get("/account").status_code == 200
        answer = person.send("/account/sign-out", page="/account")
        assert answer.location == "/account/sign-in"
        assert person.session is None
        assert "cache" in answer.headers["Clear-Site-Data"]
        assert is_refused(app, copy)

    def test_another_password_ends_every_session(self, app, person, another, make_account):
        make_account("ana", "focal_point")
        person.sign_in("ana")
        elsewhere = another()
        elsewhere.sign_in("ana")
        assert person.send("/account/password", current="wrong", chosen="otra frase larga").status_code == 422
        assert person.send("/account/password", current=PASSWORD, chosen="corta").status_code == 422
        answer = person.send("/account/password", current=PASSWORD, chosen="otra frase larga")
        assert answer.location == "/account/sign-in"
        assert is_refused(app, elsewhere)
        assert person.sign_in("ana").status_code == 422
        assert person.sign_in("ana", "otra frase larga").status_code == 303
        assert person.get("/account").status_code == 200


def is_refused(app, person):
    """The list of retired tokens is read again within seconds; here, now."""
    app.extensions["ruta"].is_revoked.__self__.refresh()
    return person.get("/account").status_code == 303
