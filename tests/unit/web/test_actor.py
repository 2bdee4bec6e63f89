"""Signed tokens: what holds, and everything that must not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.errors import Unauthorized
from shared.web.actor import Actor, derived_key, sign, verify

SECRET = "a secret key for tests, long enough"
NOW = datetime(2026, 11, 22, 10, 40, tzinfo=UTC)
USES = frozenset({"api"})
ACTOR = Actor("account-1", "provider", "organization-1", "Ana", "en", "token-1", "api")


def signed(**changes):
    values: dict[str, Any] = {"now": NOW, "secret_key": SECRET, "lifetime": timedelta(hours=1), **changes}
    return sign(values.pop("actor", ACTOR), **values)


def checked(token, *, now=NOW, secret_key=SECRET, uses=USES):
    return verify(token, secret_key=secret_key, uses=uses, now=now)


def forged(claims, *, key=None, alg="HS256"):
    key = key or OctKey.import_key(derived_key(SECRET, "token"))
    return jwt.encode({"alg": alg}, claims, key, algorithms=[alg])


CLAIMS = {
    "iss": "ruta",
    "sub": "a",
    "jti": "t",
    "use": "api",
    "role": "admin",
    "org": None,
    "iat": 0,
    "exp": 9e9,
}


class TestVerify:
    def test_gives_back_who_was_signed(self):
        found = checked(signed())
        assert (found.account_id, found.role, found.organization_id) == (
            "account-1",
            "provider",
            "organization-1",
        )
        assert (found.name, found.locale, found.token_id, found.issued_at) == ("Ana", "en", "token-1", NOW)

    @pytest.mark.parametrize("after", [timedelta(hours=1), timedelta(days=400)])
    def test_refuses_an_expired_token(self, after):
        with pytest.raises(Unauthorized) as refused:
            checked(signed(), now=NOW + after)
        assert refused.value.code == "token_expired"

    def test_refuses_another_key(self):
        with pytest.raises(Unauthorized):
            checked(signed(secret_key="another secret key that is long enough"))

    def test_refuses_another_use(self):
        with pytest.raises(Unauthorized):
            checked(signed(), uses=frozenset({"session"}))

    def test_refuses_no_algorithm(self):
        part = [
            base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")
            for one in ({"alg": "none"}, CLAIMS)
        ]
        with pytest.raises(Unauthorized):
            checked(f"{part[0]}.{part[1]}.")

    def test_refuses_another_algorithm_with_our_key(self):
        with pytest.raises(Unauthorized):
            checked(forged(CLAIMS, alg="HS512"))

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "other"},
            {"role": "root"},
            {"sub": ""},
            {"jti": 7},
            {"exp": "never"},
            {"org": ["x"]},
            {"use": None},
        ],
    )
    def test_refuses_claims_of_another_shape(self, change):
        assert checked(forged(CLAIMS)).role == "admin"
        with pytest.raises(Unauthorized):
            checked(forged(CLAIMS | change))

    @given(st.text(max_size=300))
    def test_rubbish_is_refused_and_never_an_error(self, text):
        with pytest.raises(Unauthorized):
            checked(text)

    @given(st.integers(min_value=0), st.characters(codec="ascii"))
    def test_a_changed_letter_is_refused(self, place, letter):
        token = signed()
        place %= len(token) - 1  # the last letter carries bits that no byte uses
        if token[place] != letter:
            with pytest.raises(Unauthorized):
                checked(token[:place] + letter + token[place + 1 :])


class TestKeys:
    def test_each_purpose_has_its_own(self):
        assert derived_key(SECRET, "token") != derived_key(SECRET, "csrf")

    def test_a_short_secret_is_refused(self):
        with pytest.raises(ValueError, match="32"):
            derived_key("short", "token")
