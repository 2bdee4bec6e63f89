"""Tokens for services, and tokens that no longer count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import Unauthorized
from shared.identity import tokens
from shared.ids import is_id
from shared.web.actor import Actor
from shared.web.revoked import Revoked

SECRET = "a secret key for tests, long enough"
NOW = datetime(2026, 11, 22, 10, 40, tzinfo=UTC)


class TestServiceTokens:
    def test_say_which_service_calls(self):
        caller = tokens.verify(
            tokens.mint_service_token("referral", secret_key=SECRET, now=NOW), secret_key=SECRET, now=NOW
        )
        assert (caller.role, caller.name, caller.use) == ("service", "referral", "service")
        assert caller.account_id == tokens.service_account_id("referral")
        assert is_id(caller.account_id)

    def test_last_five_minutes(self):
        token = tokens.mint_service_token("referral", secret_key=SECRET, now=NOW)
        with pytest.raises(Unauthorized):
            tokens.verify(token, secret_key=SECRET, now=NOW + timedelta(minutes=5))

    def test_headers_carry_the_correlation_id(self):
        headers = tokens.service_headers("intake", secret_key=SECRET, correlation_id="abcd-1234")
        assert headers["X-Correlation-Id"] == "abcd-1234"
        assert headers["Authorization"].startswith("Bearer ")
        assert "X-Correlation-Id" not in tokens.service_headers("intake", secret_key=SECRET)


def actor(**changes):
    values: dict[str, Any] = {"account_id": "account", "role": "provider", "token_id": "token"}
    return Actor(**(values | {"issued_at": NOW} | changes))


class TestRevoked:
    def test_by_token(self):
        assert Revoked(lambda: {"token": NOW}).covers(actor())
        assert not Revoked(lambda: {"token": NOW}).covers(actor(token_id="other"))

    @pytest.mark.parametrize(
        ("signed_after", "refused"), [(-60, True), (-0.001, True), (0, False), (60, False)]
    )
    def test_by_account_only_what_was_signed_before(self, signed_after, refused):
        when = NOW + timedelta(seconds=signed_after)
        assert Revoked(lambda: {"account": NOW}).covers(actor(issued_at=when)) is refused

    def test_services_are_never_asked_about(self):
        def fail():
            raise AssertionError

        assert not Revoked(fail).covers(actor(use="service"))

    def test_while_the_list_is_away_the_last_copy_counts(self):
        answers = iter([{"token": NOW}])
        revoked = Revoked(lambda: next(answers), fresh_seconds=-1)
        assert revoked.covers(actor())
        revoked.refresh()
        assert revoked.covers(actor())

    def test_one_that_never_could_be_read_refuses_nobody(self):
        def fail():
            raise ConnectionError

        assert not Revoked(fail).covers(actor())
