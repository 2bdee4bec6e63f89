"""Ages as bands, classes of needs, and who sees what."""

from datetime import date

import pytest

from services.intake.domain import age, sensitivity
from services.intake.domain.visibility import Viewer, sees_case, sees_need
from shared import codes


class TestAge:
    @pytest.mark.parametrize(
        ("band", "ages"),
        [("0-4", (0, 4)), ("5-11", (5, 11)), ("12-17", (12, 17)), ("18-59", (18, 59)), ("60+", (60, 120))],
    )
    def test_bands_are_those_of_the_published_list(self, band, ages):
        assert {age.band(years) for years in ages} == {band}
        assert {band, age.band(None)} <= codes.values("age_bands")

    def test_years_are_completed_ones(self):
        assert age.years_between(date(2000, 2, 29), date(2026, 2, 28)) == 25
        assert age.years_between(date(2000, 2, 29), date(2026, 3, 1)) == 26
        assert age.years_between(date(2027, 1, 1), date(2026, 3, 1)) < 0


class TestSensitivity:
    def test_what_is_not_listed_is_kept_closest(self):
        assert sensitivity.of_need("NEW.CODE") == "S3"

    def test_the_closest_of_several_counts(self):
        assert sensitivity.highest(["BAS.FOOD", "LEG.DOC"]) == "S2"
        assert sensitivity.highest(["BAS.FOOD", "GBV.RISK"]) == "S3"
        assert sensitivity.highest([]) == "S1"

    def test_trafficking_and_sexual_abuse_of_children_are_never_written_about(self):
        never = {code for code in codes.values("needs") if sensitivity.never_messaged(code)}
        assert never == {"TIP.SEX", "TIP.LAB", "TIP.OTH", "TIP.RISK", "TIP.SMUG", "CP.SEXAB"}


AUTHOR = Viewer("rosa", "focal_point", "org")
COLLEAGUE = Viewer("luis", "focal_point", "org")
STRANGER = Viewer("eva", "focal_point", "other")
COORDINATOR = Viewer("caro", "coordinator", None)


class TestVisibility:
    @pytest.mark.parametrize(
        ("viewer", "case", "restricted_case", "need", "restricted_need"),
        [
            (AUTHOR, True, True, True, True),
            (COLLEAGUE, True, True, True, False),
            (STRANGER, False, False, True, False),
            (COORDINATOR, True, False, True, False),
            (Viewer("p", "provider", "org"), False, False, True, False),
            (Viewer("a", "admin", None), False, False, True, False),
        ],
    )
    def test_table(self, viewer, case, restricted_case, need, restricted_need):
        assert sees_case(viewer, organization_id="org", restricted_only=False) is case
        assert sees_case(viewer, organization_id="org", restricted_only=True) is restricted_case
        assert sees_need(viewer, restricted=False, focal_point_id="rosa") is need
        assert sees_need(viewer, restricted=True, focal_point_id="rosa") is restricted_need
