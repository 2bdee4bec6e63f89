"""Numbers that stand in E.164 already are read on a shorter way, to the same end."""

import random

import phonenumbers
import pytest

from services.intake.schemas.phones import _plain, to_e164

TYPES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


def by_the_library(written):
    try:
        number = phonenumbers.parse(written, "CO")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def like(number, chance):
    """`number` in E.164, and with a digit changed, left out, put in, and a prefix of some country before it."""
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    code = len(str(number.country_code)) + 1
    at = chance.randrange(1, len(text))
    digit = chance.choice("0123456789")
    yield text
    yield text[:at] + digit + text[at + 1 :]
    yield text[:at] + text[at + 1 :]
    yield text[:at] + digit + text[at:]
    for prefix in ("0", "1", "8", "9", "06", "15", "44"):
        yield text[:code] + prefix + text[code:]


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_short_way_leads_where_the_long_one_does(region):
    chance = random.Random(region)
    for kind in TYPES:
        number = phonenumbers.example_number_for_type(region, kind)
        for _ in range(3):
            for written in like(number, chance) if number else ():
                assert to_e164(written, "CO") == by_the_library(written), written


def test_an_ordinary_number_takes_the_short_way():
    assert _plain("+573001234567") is not None
    assert to_e164("+573001234567", None) == "+573001234567"


@pytest.mark.parametrize(
    "written", ["300 123 4567", "0057 300 1234567", "+57 300-123-4567", "tel:+573001234567"]
)
def test_other_forms_take_the_long_way(written):
    assert _plain(written) is None
    assert to_e164(written, "CO") == by_the_library(written)
