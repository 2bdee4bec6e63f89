"""The follow-up table is read strictly, and plans the right checks."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.domain import follow_up
from services.notifications.domain.follow_up import Start, packaged, parse, plan
from shared import codes

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ROW = {
    "id": "F-1", "applies_to": "FOOD", "priority": "P2;P3", "starts": "accepted", "after_hours": "72", "mode": "auto",
    "template": "S4", "on_yes": "", "on_no": "", "ends_when_completed": "yes", "title_es": "t", "title_en": "t",
    "source": "(P)", "review": "unreviewed", "reviewed_by": "", "reviewed_on": "",
}  # fmt: skip


def table(**changes):
    file = io.StringIO()
    writer = csv.DictWriter(file, follow_up.COLUMNS)
    writer.writeheader()
    writer.writerow(ROW | changes)
    return parse(list(csv.reader(io.StringIO(file.getvalue()))))


def planned(moment="accepted", service_type="FOOD", restricted=False, priority=2):
    start = Start(moment, AT, service_type, restricted, priority)
    return [(each.check.id, each.due_at - AT, each.check.mode) for each in plan(packaged(), start)]


class TestPlan:
    def test_food_is_asked_after_three_days_and_two_weeks(self):
        assert planned() == [
            ("F-BAS-3D", timedelta(days=3), "auto"),
            ("F-BAS-14D", timedelta(days=14), "auto"),
        ]

    def test_livelihoods_are_asked_ninety_days_after_the_help_ended(self):
        assert ("F-LIV-90D", timedelta(days=90), "auto") in planned("completed", "LV_JOB")

    def test_an_emergency_is_followed_by_voice_within_hours(self):
        assert planned(priority=0)[:2] == [
            ("F-P0-2H", timedelta(hours=2), "call"),
            ("F-P0-24H", timedelta(hours=24), "call"),
        ]

    @pytest.mark.parametrize("moment", ["accepted", "completed"])
    @pytest.mark.parametrize("priority", range(4))
    @pytest.mark.parametrize("service_type", [None, "GBV_CM", "FOOD"])
    def test_a_restricted_need_is_never_asked_about_by_machine(self, moment, priority, service_type):
        assert {mode for _, _, mode in planned(moment, service_type, True, priority)} <= {"call"}

    def test_a_kind_of_help_that_was_not_told_counts_as_restricted(self):
        assert planned(service_type=None) == planned(restricted=True)

    def test_a_survivor_is_called_within_two_days_and_until_half_a_year(self):
        days = [after.days for _, after, _ in planned(restricted=True, service_type=None)]
        assert {1, 7, 14, 30, 90, 180} <= set(days)


class TestTable:
    def test_kinds_of_help_and_outcomes_are_published_codes(self):
        kinds = set(codes.load("service_types")) | {"any", "restricted"}
        outcomes = set(codes.load("outcomes"))
        for check in packaged():
            assert check.applies_to <= kinds
            assert {check.on_yes, check.on_no} - {None} <= outcomes

    @pytest.mark.parametrize(
        ("changes", "column"),
        [
            ({"after_hours": "soon"}, "after_hours"),
            ({"after_hours": "0"}, "after_hours"),
            ({"priority": "P7"}, "priority"),
            ({"starts": "later"}, "starts"),
            ({"mode": "fax"}, "mode"),
            ({"template": "S7"}, "template"),
            ({"mode": "call"}, "template"),
            ({"applies_to": "restricted"}, "applies_to"),
            ({"ends_when_completed": "maybe"}, "ends_when_completed"),
            ({"review": "looks fine"}, "review"),
            ({"id": ""}, "id"),
        ],
    )
    def test_a_wrong_cell_is_named(self, changes, column):
        with pytest.raises(follow_up.FollowUpError, match=f"row 2.*{column}"):
            table(**changes)

    def test_a_missing_column_is_named(self):
        with pytest.raises(follow_up.FollowUpError, match="header"):
            parse([["id", "mode"]])

    def test_ids_are_unique(self):
        rows = [list(follow_up.COLUMNS), *[[ROW[column] for column in follow_up.COLUMNS]] * 2]
        with pytest.raises(follow_up.FollowUpError, match="same id"):
            parse(rows)
