"""Passwords and single-use codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from shared.identity import passwords

SECRET = "a secret key for tests, long enough"
NOW = datetime(2026, 11, 22, 10, 40, 5, tzinfo=UTC)
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = int(NOW.timestamp()) // 30


class TestPasswords:
    def test_only_the_right_one(self):
        stored = passwords.hash_password("correct horse battery")
        assert passwords.is_password(stored, "correct horse battery")
        assert not passwords.is_password(stored, "correct horse batterz")

    @pytest.mark.parametrize("stored", [None, "", "rubbish", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
    def test_nothing_stored_matches_nothing(self, stored):
        assert not passwords.is_password(stored, "a password that no account has")

    def test_hashed_as_owasp_asks(self):
        assert passwords.hash_password("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class TestCodes:
    @pytest.mark.parametrize("seconds", [-30, 0, 30])
    def test_this_one_and_its_neighbours_hold(self, seconds):
        code = pyotp.TOTP(TOTP).at(NOW + timedelta(seconds=seconds))
        assert passwords.totp_step(TOTP, code, now=NOW, after=0) == STEP + seconds // 30

    @pytest.mark.parametrize("seconds", [-60, 60, 3600])
    def test_others_do_not(self, seconds):
        code = pyotp.TOTP(TOTP).at(NOW + timedelta(seconds=seconds))
        assert passwords.totp_step(TOTP, code, now=NOW, after=0) is None

    def test_one_used_before_does_not(self):
        assert passwords.totp_step(TOTP, pyotp.TOTP(TOTP).at(NOW), now=NOW, after=STEP) is None

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\0" * 6])
    def test_rubbish_does_not(self, code):
        assert passwords.totp_step(TOTP, code, now=NOW, after=0) is None

    def test_spaces_do_not_matter(self):
        code = pyotp.TOTP(TOTP).at(NOW)
        assert passwords.totp_step(TOTP, f" {code[:3]} {code[3:]} ", now=NOW, after=0) == STEP


class TestSealing:
    def test_opens_for_its_account_only(self):
        sealed = passwords.seal(TOTP, account_id="a", secret_key=SECRET)
        assert TOTP.encode() not in sealed
        assert passwords.unseal(sealed, account_id="a", secret_key=SECRET) == TOTP
        for account_id, key in (("b", SECRET), ("a", "another secret key, long enough too")):
            with pytest.raises(ValueError, match="sealed"):
                passwords.unseal(sealed, account_id=account_id, secret_key=key)
