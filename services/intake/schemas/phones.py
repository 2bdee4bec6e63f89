"""Phone numbers as people write them, to E.164."""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber

_PLAIN = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NOTHING = re.compile(r"(?!)")


def to_e164(written: str, country: str | None) -> str | None:
    """`+573001234567` for a number that can exist, else None. One without a country code belongs to `country`."""
    number = _plain(written)
    if number is not None:
        return written if phonenumbers.is_valid_number(number) else None
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain(written: str) -> PhoneNumber | None:
    """What `phonenumbers.parse` makes of a number that stands in E.164 already, in a tenth of the time, where that is
    only to split it; None where it may be more: another form, or a prefix that its country would take away."""
    if not _PLAIN.fullmatch(written):
        return None
    for digits in (1, 2, 3):  # no calling code begins with another one
        calling_code, national = int(written[1 : 1 + digits]), written[1 + digits :]
        if calling_code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            break
    else:
        return None
    prefix = _national_prefix(calling_code)
    if prefix is None or national.startswith("0") or prefix.match(national):
        return None
    return PhoneNumber(country_code=calling_code, national_number=int(national))


@cache
def _national_prefix(calling_code: int) -> re.Pattern[str] | None:
    """What may stand before a number within its country; None for a calling code of no country."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        return None
    return re.compile(metadata.national_prefix_for_parsing or _NOTHING.pattern)
