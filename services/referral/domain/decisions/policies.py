"""Hit policies: what a table answers when several rows match, or none (DMN 1.5, 8.2.8)."""

from enum import StrEnum


class HitPolicy(StrEnum):
    UNIQUE = "U"
    ANY = "A"
    PRIORITY = "P"
    FIRST = "F"
    RULE_ORDER = "R"
    OUTPUT_ORDER = "O"
    COLLECT = "C"
    SUM = "C+"
    LEAST = "C<"
    GREATEST = "C>"
    COUNT = "C#"

    @property
    def many(self) -> bool:
        """Whether the answer is a list."""
        return self in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT)

    @property
    def by_output(self) -> bool:
        """Whether the order of the allowed output values decides."""
        return self in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)

    @property
    def aggregates(self) -> bool:
        return self in (HitPolicy.SUM, HitPolicy.LEAST, HitPolicy.GREATEST, HitPolicy.COUNT)

    @property
    def answers_one_row(self) -> bool:
        """Whether the answer is that of one row, so that rows can be ranked."""
        return not self.many and self not in (HitPolicy.SUM, HitPolicy.COUNT)
