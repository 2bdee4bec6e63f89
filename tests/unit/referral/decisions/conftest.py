import pytest

from tests.unit.referral.decisions.small_pathway import COLUMNS, HEADER, ROW


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "columns.csv").write_text(COLUMNS)
    (tmp_path / "t.csv").write_text(HEADER + ROW)
    return tmp_path
