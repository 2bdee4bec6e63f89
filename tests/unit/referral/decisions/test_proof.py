"""The proof against counting: on random tables both must find the same."""

import itertools
import os
import random

import pytest

from services.referral.domain.decisions import DecisionError, HitPolicy
from services.referral.domain.decisions.grids import grid_of
from services.referral.domain.decisions.outcomes import rows_ranked
from services.referral.domain.decisions.proof import Kind, prove, prove_invariants, read_invariants
from services.referral.domain.decisions.proof.boxes import Boxes
from services.referral.domain.decisions.proof.invariants import HEADER
from tests.unit.referral.decisions.random_tables import LEVELS, RandomTable, matching, unforeseen

TABLES = int(os.environ.get("RUTA_PROOF_TABLES", "300"))
GROUPS = 20
NO_LIMIT = 10**6


def found_of(made, kind):
    return [finding for finding in prove(made.table, overlaps=True, limit=NO_LIMIT) if finding.kind is kind]


@pytest.fixture(params=range(GROUPS))
def tables(request):
    """A share of the random tables, made one by one."""
    return (RandomTable(seed) for seed in range(request.param, TABLES, GROUPS))


class TestAgainstCounting:
    def test_gaps(self, tables):
        for made in tables:
            found = found_of(made, Kind.GAP)
            plain = [finding.case for finding in found if "column" not in finding.details]
            hanging = [finding for finding in found if "column" in finding.details]
            counted = [(case, matching(made.table, case)) for case in made.cases]
            served_anyway = made.table.outputs[0].has_default
            unserved = [
                case for case, matched in counted if not matched and not unforeseen(made.table, case, matched)
            ]
            assert bool(plain) == bool(unserved and not served_anyway)
            assert all(not matching(made.table, case) for case in plain)
            failing = {
                name
                for case, matched in counted
                if unforeseen(made.table, case, matched)
                for name in [failing_column(made.table, case)]
            }
            assert bool(hanging) == bool(failing)
            assert {finding.details["column"] for finding in hanging} >= failing
            assert all(failing_column(made.table, finding.case) for finding in hanging)

    def test_conflicts(self, tables):
        for made in tables:
            found = {finding.rows for finding in found_of(made, Kind.CONFLICT) + found_of(made, Kind.OVERLAP)}
            rows, unique = made.table.rows, made.table.policy is HitPolicy.UNIQUE
            counted = {
                (rows[one].id, rows[other].id)
                for case in made.cases
                for one, other in itertools.combinations(matching(made.table, case), 2)
                if unique or rows[one].outputs != rows[other].outputs
            }
            assert found == counted

    def test_dead_rows(self, tables):
        for made in tables:
            ranks = rows_ranked(made.table)
            one_decides = made.table.policy in (HitPolicy.FIRST, HitPolicy.PRIORITY)
            alive = set()
            for case in made.cases:
                matched = matching(made.table, case)
                if one_decides and unforeseen(made.table, case, matched):
                    continue
                alive |= {min(matched, key=ranks.__getitem__)} if matched and one_decides else set(matched)
            dead = {finding.rows[0] for finding in found_of(made, Kind.DEAD_ROW)}
            assert dead == {row.id for number, row in enumerate(made.table.rows) if number not in alive}

    def test_invariants(self, tables):
        for made in tables:
            chance = random.Random(made.table.content_hash)
            line = random_invariant(made, chance)
            (invariant,) = read_invariants(grid_of("i.csv", [HEADER, line]), {"t": made.table})
            found = prove_invariants({"t": made.table}, [invariant], limit=NO_LIMIT)
            broken = [case for case in made.cases if breaks(made.table, invariant, case)]
            assert bool(found) == bool(broken), (line, made.table.rows)
            for finding in found:
                assert breaks(made.table, invariant, dict(finding.case or {})), (line, finding)


def failing_column(table, case):
    try:
        table.evaluate(case)
    except DecisionError as error:
        return error.column if error.code == "unknown_input" else ""
    return ""


def random_invariant(made, chance):
    index = chance.randrange(len(made.kinds))
    cell = made._cell(made.kinds[index], "")
    when = "-" if cell == "-" or chance.random() < 0.2 else f"i{index}: {cell}"
    level = f'level: "{chance.choice(LEVELS)}"'
    demands = ["", "", ""]
    demands[chance.randrange(3)] = level
    return ["X", "t", when, *demands, "", "", "", ""]


def breaks(table, invariant, case):
    """Whether a case breaks a promise, from the rows that match it."""
    if not all(cell.holds(case[name]) for name, cell in invariant.when.items()):
        return False
    matched = matching(table, case)
    ranked = sorted(matched, key=rows_ranked(table).__getitem__)
    answers = [{"level": table.rows[number].outputs[0]} for number in ranked]
    if not answers and table.outputs[0].has_default:
        answers = [{"level": table.outputs[0].default}]
    if table.policy in (HitPolicy.UNIQUE, HitPolicy.ANY):
        (demand, condition), *_ = invariant.demands.items()
        held = [condition.holds(answer, {}) for answer in answers]
        return any(held) if demand == "must_not" else not held or not all(held)
    if not table.policy.many:
        answers = answers[:1]
    for demand, condition in invariant.demands.items():
        held = [condition.holds(answer, {}) for answer in answers]
        kept = {"must": any(held), "must_not": not any(held), "first": bool(held) and held[0]}
        if not kept[demand]:
            return True
    return False


class TestBoxes:
    @pytest.mark.parametrize("seed", range(40))
    def test_what_is_left_is_exactly_what_no_box_covers(self, seed):
        chance = random.Random(seed)
        sizes = [chance.randrange(1, 5) for _ in range(4)]
        universe = tuple((1 << size) - 1 for size in sizes)
        boxes = [
            {
                axis: chance.randrange(1, full + 1)
                for axis, full in enumerate(universe)
                if chance.random() < 0.6
            }
            for _ in range(chance.randrange(1, 9))
        ]
        left = list(Boxes(boxes, universe).uncovered(universe, (1 << len(boxes)) - 1))
        for point in itertools.product(*map(range, sizes)):
            covered = any(all(box[axis] >> point[axis] & 1 for axis in box) for box in boxes)
            times = sum(all(part[axis] >> atom & 1 for axis, atom in enumerate(point)) for part in left)
            assert times == (0 if covered else 1)
