"""What is sealed opens only where it belongs."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.store.sealing import CannotOpen, Vault, parse_keys

PLACE = ("person", "0192a7c1-0000-7000-8000-000000000001", "profile")
OLD, NEW = os.urandom(32), os.urandom(32)


@pytest.fixture
def key():
    return Vault([OLD]).new_key("p-1")


def test_what_is_sealed_opens(key):
    value = {"name": "Ñusta «Ana»", "age": 31}
    assert key.open(PLACE, key.seal(PLACE, value)) == value


def test_nothing_stays_nothing(key):
    assert key.seal(PLACE, None) is None
    assert key.open(PLACE, None) is None


def test_the_same_value_never_looks_the_same(key):
    assert key.seal(PLACE, "Ana") != key.seal(PLACE, "Ana")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_it_does_not_open_in_another_place(key, part):
    elsewhere = tuple("other" if index == part else text for index, text in enumerate(PLACE))
    with pytest.raises(CannotOpen):
        key.open(elsewhere, key.seal(PLACE, "Ana"))


def test_it_does_not_open_with_another_persons_key(key):
    with pytest.raises(CannotOpen):
        Vault([OLD]).new_key("p-2").open(PLACE, key.seal(PLACE, "Ana"))


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position, change):
    key = Vault([OLD]).new_key("p-1")
    sealed = bytearray(key.seal(PLACE, "Ana Ejemplo"))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(CannotOpen):
        key.open(PLACE, bytes(sealed))


def test_a_stored_key_opens_with_the_vault_that_wrapped_it(key):
    sealed = key.seal(PLACE, "Ana")
    assert Vault([OLD]).open_key(key.wrapped).open(PLACE, sealed) == "Ana"


def test_an_older_key_goes_on_opening_when_a_new_one_seals(key):
    rotated = Vault([NEW, OLD])
    assert rotated.open_key(key.wrapped).open(PLACE, key.seal(PLACE, "Ana")) == "Ana"
    assert rotated.new_key("p-2").wrapped.key_id != key.wrapped.key_id


def test_a_vault_without_the_key_says_so(key):
    with pytest.raises(CannotOpen):
        Vault([NEW]).open_key(key.wrapped)


def test_a_wrapped_key_of_another_person_does_not_open(key):
    stolen = type(key.wrapped)("p-2", key.wrapped.key_id, key.wrapped.data_key)
    with pytest.raises(CannotOpen):
        Vault([OLD]).open_key(stolen)


def test_fingerprints_ignore_order_and_survive_a_new_key():
    document = {"a": [1, 2], "b": {"c": "ñ"}}
    before = Vault([OLD]).body_macs(document)
    after = Vault([NEW, OLD]).body_macs({"b": {"c": "ñ"}, "a": [1, 2]})
    assert before[0] in after
    assert before[0] != after[0]
    assert before[0] not in Vault([NEW, OLD]).body_macs({"a": [2, 1], "b": {"c": "ñ"}})


def test_keys_are_read_as_base64_or_hex():
    plain = base64.b64encode(OLD).decode()
    assert parse_keys(f"{plain}, {NEW.hex()}") == (OLD, NEW)
    assert parse_keys(base64.urlsafe_b64encode(OLD).decode().rstrip("=")) == (OLD,)


@pytest.mark.parametrize("text", ["", ",", "corta", "z" * 64, base64.b64encode(b"x" * 31).decode()])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="key"):
        parse_keys(text)
