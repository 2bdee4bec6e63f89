from datetime import UTC, datetime

import pytest

from services.referral.domain.contact import safe_now

MONDAY_NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 12:00 in Bogotá


@pytest.mark.parametrize(
    ("days", "hours", "timezone", "safe"),
    [
        ((), (), None, True),
        (("mon",), (), "America/Bogota", True),
        (("tue",), (), "America/Bogota", False),
        ((), ("09:00", "18:00"), "America/Bogota", True),
        ((), ("13:00", "18:00"), "America/Bogota", False),
        ((), ("12:00", "12:01"), "America/Bogota", True),
        ((), ("09:00", "12:00"), "America/Bogota", False),
        ((), ("20:00", "13:00"), "America/Bogota", True),
        ((), ("20:00", "06:00"), "America/Bogota", False),
        ((), (), "Nowhere/Land", False),
    ],
)
def test_calling_is_safe_only_in_the_days_and_hours_that_the_person_gave(days, hours, timezone, safe):
    assert safe_now(days, hours, timezone, now=MONDAY_NOON) is safe
