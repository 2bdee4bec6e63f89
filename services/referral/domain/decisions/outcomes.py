"""From the rows that match to the answer, by hit policy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from services.referral.domain.decisions.definition import Definition
from services.referral.domain.decisions.errors import DecisionError
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.values import Value

Outputs = dict[str, Value]
Result = Any  # Outputs, a list of them, or None: the hit policy says which
EXACT = Context(prec=6000)


class Outcome:
    """What follows from one set of matching rows. `deciding` are the rows behind the answer, in its order."""

    __slots__ = ("deciding", "error", "hanging", "matched", "result", "rows")

    def __init__(self, result: Result, matched: tuple[str, ...], deciding: tuple[str, ...]) -> None:
        self.result = result
        self.matched = matched
        self.deciding = deciding
        self.error: tuple[str, str] | None = None
        self.rows = 0  # the matching rows as bits
        self.hanging = 0  # rows that could match if what is unknown were known, where there are such

    @classmethod
    def refused(cls, code: str, matched: tuple[str, ...]) -> Outcome:
        outcome = cls(None, matched, matched)
        outcome.error = (code, ", ".join(matched))
        return outcome

    def answer(self) -> Result:
        """The result as a copy of the caller's own; raises the DecisionError that the policy calls for."""
        result = self.result
        if result.__class__ is dict:
            return result.copy()
        if self.error is not None:
            raise DecisionError(self.error[0], rows=self.error[1])
        return None if result is None else [row.copy() for row in result]


class Policy:
    """Applies one table's hit policy to the positions of matching rows."""

    def __init__(self, table: Definition) -> None:
        self.policy = table.policy
        self.names = [column.name for column in table.outputs]
        self.ids = [row.id for row in table.rows]
        self.answers = [dict(zip(self.names, row.outputs, strict=True)) for row in table.rows]
        self.ranks = rows_ranked(table)
        self.default: Outputs | None = None
        if any(column.has_default for column in table.outputs):
            self.default = {column.name: column.default for column in table.outputs}

    def outcome(self, positions: Sequence[int]) -> Outcome:
        """The answer when exactly the rows at these positions match, given in the order of the table."""
        matched = tuple(self.ids[position] for position in positions)
        if not positions:
            return Outcome(self._nothing(), (), ())
        if self.policy is HitPolicy.UNIQUE and len(positions) > 1:
            return Outcome.refused("not_unique", matched)
        if self.policy is HitPolicy.ANY and any(
            self.answers[position] != self.answers[positions[0]] for position in positions
        ):
            return Outcome.refused("not_agreed", matched)
        if self.policy.many:
            ordered = sorted(positions, key=self.ranks.__getitem__)
            found = [self.answers[position] for position in ordered]
            return Outcome(found, matched, tuple(self.ids[position] for position in ordered))
        if self.policy in (HitPolicy.SUM, HitPolicy.COUNT):
            return Outcome(self._total(positions), matched, matched)
        return self._one_row(positions, matched)

    def _one_row(self, positions: Sequence[int], matched: tuple[str, ...]) -> Outcome:
        best = min(positions, key=self.ranks.__getitem__)
        deciding = [p for p in positions if p == best or self._as_good(p, best)]
        return Outcome(self.answers[best], matched, tuple(self.ids[position] for position in deciding))

    def _as_good(self, position: int, best: int) -> bool:
        if self.policy is HitPolicy.FIRST:
            return False
        return self.answers[position] == self.answers[best]

    def _nothing(self) -> Result:
        if self.policy.many:
            return [] if self.default is None else [self.default]
        if self.policy is HitPolicy.COUNT and self.default is None:
            return {self.names[0]: Decimal(0)}
        return self.default

    def _total(self, positions: Sequence[int]) -> Outputs:
        if self.policy is HitPolicy.COUNT:
            return {self.names[0]: Decimal(len(positions))}
        total = Decimal(0)
        for position in positions:
            value = self.answers[position][self.names[0]]
            if isinstance(value, Decimal):
                total = EXACT.add(total, value)
        return {self.names[0]: total}


def rows_ranked(table: Definition) -> list[tuple[Any, ...]]:
    """For every row a key by which the policy prefers it: smaller is better; ties go to the earlier row."""
    if table.policy.by_output:
        orders = [{value: rank for rank, value in enumerate(column.values)} for column in table.outputs]
        return [
            (*(order.get(value, len(order)) for order, value in zip(orders, row.outputs, strict=True)), index)
            for index, row in enumerate(table.rows)
        ]
    if table.policy in (HitPolicy.LEAST, HitPolicy.GREATEST):
        found: list[Any] = sorted({row.outputs[0] for row in table.rows if row.outputs[0] is not None})
        if table.policy is HitPolicy.GREATEST:
            found.reverse()
        order: dict[Any, int] = {value: rank for rank, value in enumerate(found)}
        return [(order.get(row.outputs[0], len(order)), index) for index, row in enumerate(table.rows)]
    return [(index,) for index in range(len(table.rows))]
