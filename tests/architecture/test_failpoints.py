"""The catalogue of fail-points is complete: code reaches what is listed, and lists what it reaches."""

import re
from pathlib import Path

from shared.failpoints import CATALOGUE

ROOT = Path(__file__).parents[2]


def reached_in_code():
    found = set()
    for folder in ("services", "shared", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "failpoints.py":
                found.update(re.findall(r"reach\(\"([a-z_.]+)\"\)", path.read_text()))
    return found


def test_every_listed_place_is_reached_by_code_and_every_reached_place_is_listed():
    assert reached_in_code() == set(CATALOGUE)


def test_every_transaction_that_acts_on_events_or_phones_has_a_place_to_die():
    """The files that commit work begun by a worker name at least one fail-point each."""
    families = {name.partition(".")[0] for name in CATALOGUE}
    assert families >= {"publish", "doorbell", "drain", "send", "clock", "receipt", "reply"}
