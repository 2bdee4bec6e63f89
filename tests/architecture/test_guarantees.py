"""Every test that the delivery guarantees name exists: a promise without proof is found here."""

import re

import pytest

from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/delivery-guarantees.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_proof_exists(file, name):
    assert re.search(rf"^\s*def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_every_row_of_promises_names_a_proof():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]
    assert [row for row in rows if "`tests/" not in row] == []
    assert len(rows) > 30
