"""A replay tells what changes, and never of whom."""

import random
from dataclasses import replace

import pytest

from services.referral.domain.pathway import Pathway, PersonCase, decide
from services.referral.domain.pathway_case import Need
from services.referral.domain.pathway_routes import Exclusion
from services.referral.domain.pathway_tables import packaged_files
from services.referral.domain.replay import SMALLEST_CELL, Difference, Replay, compared, decided, replay
from services.referral.domain.replay_routes import details, route_of

LIVE = Pathway.load()
BANDS = ("5-11", "12-17", "18-59", "60+")
GENDERS = ("woman", "man", "trans_woman", "unknown")
CODES = ("GBV.RAPE", "MHP.DIST", "LEG.REG", "BAS.SHEL", "CP.UNACC", "HEA.CHRON", "LIV.JOB")


def cases(count, seed=7):
    rolled = random.Random(seed)
    return [
        PersonCase(
            country=rolled.choice(("CO", "EC", "PE")),
            needs=tuple(
                Need(need_id=f"{number}-{code}", code=code)
                for code in rolled.sample(CODES, rolled.randint(1, 3))
            ),
            age_band=rolled.choice(BANDS),
            gender=rolled.choice(GENDERS),
            population_type="in_destination",
            hours_waited=rolled.randint(0, 200),
        )
        for number in range(count)
    ]


def with_change(table, row_id, old, new):
    files = dict(packaged_files())
    lines = files[table].split("\n")
    (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{row_id},")]
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new, 1)
    return Pathway.from_texts("community", {**files, table: "\n".join(lines)})


class TestExactly:
    def test_live_against_itself_differs_in_nothing(self):
        found = replay(LIVE, Pathway.from_texts("community", packaged_files()), cases(5_000))
        assert (found.cases, found.differences, found.undecided) == (5_000, (), 0)

    @pytest.mark.parametrize(
        ("table", "row", "old", "new", "aspect"),
        [
            ("priority.csv", "U-26", '""P2""', '""P1""', "priority"),
            ("routing.csv", "R-MHP-03.1", '""PS_BASIC""', '""PS_SPEC""', "services"),
            ("routing.csv", "R-MHP-03.1", '""FIRST""', '""THEN""', "mode"),
            ("routing.csv", "R-MHP-03.1", '""C1""', '""C3""', "consent"),
            ("routing.csv", "R-MHP-03.1", ',null,"""PEER"""', ',"""cmr_kit""","""PEER"""', "provider"),
            ("priority.csv", "U-26", ",72,", ",48,", "deadline"),
        ],
    )
    def test_a_planted_change_gives_exactly_itself(self, table, row, old, new, aspect):
        """The needs that differ are those decided by the row, and all of them."""
        draft = with_change(table, row, old, new)
        past = cases(400)
        concerned = {
            one.need_id
            for case in past
            for one in decide(LIVE, case)
            if row in (*one.reasons, *(route.row_id for route in one.services))
        }
        found = {
            one.need_id
            for case in past
            for one, other in zip(decide(LIVE, case), decide(draft, case), strict=True)
            if details(route_of(LIVE, one), route_of(draft, other))
        }
        assert concerned
        assert found >= concerned
        told = replay(LIVE, draft, past).differences
        assert len(told) == len(found)
        assert all(one.need_code == "MHP.DIST" for one in told if aspect in {d.aspect for d in one.details()})
        assert any(aspect in {detail.aspect for detail in one.details()} for one in told)

    def test_clocks_that_run_otherwise_are_a_difference(self):
        lines = packaged_files()["clocks.csv"].split("\n")
        line = next(one for one in lines if '"""P2"""' in one)
        parts = line.split(",")
        number = next(at for at, part in enumerate(parts) if part.isdigit())
        changed = ",".join([*parts[:number], str(int(parts[number]) + 1), *parts[number + 1 :]])
        files = {
            **packaged_files(),
            "clocks.csv": "\n".join(changed if one == line else one for one in lines),
        }
        found = replay(LIVE, Pathway.from_texts("community", files), cases(100)).differences
        assert found
        assert {detail.aspect for one in found for detail in one.details()} == {"clocks"}
        assert all(one.before.priority == "P2" for one in found)

    def test_every_aspect_is_compared(self):
        case = PersonCase(country="CO", needs=(Need(need_id="n", code="MHP.DIST"),), age_band="18-59")
        (one,) = decide(LIVE, case)
        (first, *rest) = one.services
        changes = {
            "priority": replace(one, priority=one.priority - 1),
            "services": replace(one, services=one.services[:1]),
            "deadline": replace(one, deadline_hours=1),
            "window": replace(one, window_hours=5),
            "floor": replace(one, floor=0),
            "mode": replace(one, services=(replace(first, mode="PAR"), *rest)),
            "provider": replace(one, services=(replace(first, barred=frozenset({"x"})), *rest)),
            "waits": replace(one, services=(replace(first, deferred=True), *rest)),
            "consent": replace(one, services=(replace(first, consent="C3"), *rest)),
            "offers": replace(one, offers=(first,)),
            "excluded": replace(one, excluded=(Exclusion("POLICE", None, "r", ()),)),
        }
        for aspect, other in changes.items():
            found = {detail.aspect for detail in details(route_of(LIVE, one), route_of(LIVE, other))}
            assert aspect in found, aspect
        renamed = replace(one, services=(replace(first, row_id="another"), *rest))
        assert details(route_of(LIVE, one), route_of(LIVE, renamed)) == ()

    def test_what_only_one_can_decide_is_a_difference(self):
        case = PersonCase(country="CO", needs=(Need(need_id="n", code="GBV.RAPE"),), age_band="18-59")
        answer = decided(LIVE, case)
        (lost,) = compared((LIVE, LIVE), case, (answer, None))
        assert lost.loses_protection
        assert compared((LIVE, LIVE), case, (None, None)) == []


class TestNobodyIsRecognised:
    def differences(self, seed):
        """Changed decisions of random groups, many of them small."""
        rolled = random.Random(seed)
        case = PersonCase(country="CO", needs=(Need(need_id="n", code="MHP.DIST"),), age_band="18-59")
        before = route_of(LIVE, decide(LIVE, case)[0])
        after = [
            replace(before, priority=f"P{n}", plain={**before.plain, "priority": f"P{n}"}) for n in (0, 1)
        ]
        found = []
        for need in ("MHP.DIST", "LEG.REG"):
            for other in after:
                for gender in GENDERS:
                    group = (need, rolled.choice(BANDS), gender)
                    found += [Difference(need, group, before, other)] * rolled.choice(
                        (0, 0, 1, 2, 3, 4, 5, 9)
                    )
        return found

    @pytest.mark.parametrize("seed", range(100))
    def test_no_small_number_is_told_or_follows_from_a_sum(self, seed):
        made = self.differences(seed)
        found = Replay(len(made), len(made), tuple(made))
        changes = found.changes()
        for one in changes:
            assert one.count is None or one.count >= SMALLEST_CELL
            if one.count is None:
                assert one.group[1:] == (None, None)
        for group, count in found.by_group():
            assert count is None or count >= SMALLEST_CELL
            if count is None:
                assert group[1:] == (None, None)
        for before, after, told in found.moves():
            parts = [one.count for one in changes if (one.before, one.after) == (before, after)]
            self.check(told, parts)
        self.check(found.total(), [one.count for one in changes])

    def check(self, told, parts):
        """What is left of a sum after the parts that are told is nothing, or not a small number."""
        left = (told.count or 0) - sum(count for count in parts if count)
        assert left == 0 or left >= SMALLEST_CELL
        if told.more:
            assert None in parts
