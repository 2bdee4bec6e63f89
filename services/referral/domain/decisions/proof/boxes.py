"""Taking boxes away from a region, exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import xor

from services.referral.domain.decisions.bits import bits_of, runs_of
from services.referral.domain.decisions.proof.space import Box, Region

CUTS_TRIED = 8


@dataclass(frozen=True, slots=True)
class Along:
    """Of the boxes, along one axis: those that touch a set of atoms, and those that do not hold all of it."""

    touching: int
    lacking: int


class Boxes:
    """Boxes that can be asked, all at once, which of them touch or hold a region. A set of boxes is an integer."""

    def __init__(self, boxes: Sequence[Box], universe: Region) -> None:
        self.boxes = boxes
        self.all = (1 << len(boxes)) - 1
        self.axes = sorted({axis for box in boxes for axis in box})
        self.universe = universe
        self.along: dict[int, dict[int, Along]] = {axis: {} for axis in self.axes}
        self.levels: dict[int, list[list[Along]]] = {}

    def look(self, axis: int, atoms: int) -> Along:
        found = self.along[axis].get(atoms)
        if found is None:
            touching = lacking = 0
            for first, end in runs_of(atoms):
                left, right = self._run(axis, first, end)
                touching |= left.touching | right.touching
                lacking |= left.lacking | right.lacking
            found = self.along[axis][atoms] = Along(touching, lacking)
        return found

    def _run(self, axis: int, first: int, end: int) -> tuple[Along, Along]:
        """Two stretches of atoms, of lengths that are powers of two, that together make up a run."""
        levels = self.levels.get(axis) or self._prepared(axis)
        level = (end - first).bit_length() - 1
        return levels[level][first], levels[level][end - (1 << level)]

    def _prepared(self, axis: int) -> list[list[Along]]:
        """What `look` says of every stretch of 1, 2, 4, … atoms of an axis."""
        levels = [[Along(holders, self.all & ~holders) for holders in self._holders(axis)]]
        while 1 << len(levels) <= len(levels[0]):
            last, step = levels[-1], 1 << (len(levels) - 1)
            levels.append(
                [
                    Along(one.touching | other.touching, one.lacking | other.lacking)
                    for one, other in zip(last, last[step:], strict=False)
                ]
            )
        self.levels[axis] = levels
        return levels

    def _holders(self, axis: int) -> list[int]:
        """For every atom of an axis the boxes that hold it: box by box noted where its runs begin and end."""
        count = self.universe[axis].bit_length()
        changes = [0] * (count + 1)
        for number, box in enumerate(self.boxes):
            for first, end in runs_of(box.get(axis, self.universe[axis])):
                changes[first] ^= 1 << number
                changes[end] ^= 1 << number
        return list(accumulate(changes[:count], xor))

    def touching(self, region: Region, within: int) -> int:
        """The boxes that share at least one case with a region."""
        for axis in self.axes:
            within &= self.look(axis, region[axis]).touching
        return within

    def uncovered(self, region: Region, within: int) -> Iterator[Region]:
        """The parts of a region that none of the boxes covers; together exactly what is left of it."""
        stack = [region]
        while stack:
            region = stack.pop()
            touching, lacking = within, []
            for axis in self.axes:
                view = self.look(axis, region[axis])
                touching &= view.touching
                lacking.append(view.lacking)
            if not touching:
                yield region
                continue
            once = twice = 0
            for lacks in lacking:
                twice |= once & lacks
                once |= lacks
            if touching & ~once:
                continue
            if single := touching & ~twice:
                stack += self._cut_along_one_axis(region, lacking, single)
            else:
                stack += self._cut_in_two(region, lacking, touching)

    def _cut_along_one_axis(self, region: Region, lacking: list[int], boxes: int) -> list[Region]:
        """What is left when boxes go that hold the region along all axes but one: at most one region."""
        axis, cutting = self._most(lacking, boxes)
        left = region[axis]
        for number in bits_of(cutting):
            left &= ~self.boxes[number][axis]
        return [with_atoms(region, axis, left)] if left else []

    def _cut_in_two(self, region: Region, lacking: list[int], boxes: int) -> list[Region]:
        """The region in two parts, cut at the edge of a box where the fewest boxes reach into both."""
        axis, cutting = self._most(lacking, boxes)
        atoms = region[axis]
        best: tuple[int, int] | None = None
        for number in islice(bits_of(cutting), CUTS_TRIED):
            inside = atoms & self.boxes[number][axis]
            both = self.look(axis, inside).touching & self.look(axis, atoms ^ inside).touching & boxes
            if best is None or both.bit_count() < best[0]:
                best = (both.bit_count(), inside)
        assert best is not None
        return [with_atoms(region, axis, atoms ^ best[1]), with_atoms(region, axis, best[1])]

    def _most(self, lacking: list[int], boxes: int) -> tuple[int, int]:
        """The axis along which most of the boxes do not hold the region, and those boxes."""
        place = max(range(len(lacking)), key=lambda place: (boxes & lacking[place]).bit_count())
        return self.axes[place], boxes & lacking[place]


def with_atoms(region: Region, axis: int, atoms: int) -> Region:
    return (*region[:axis], atoms, *region[axis + 1 :])


def meet(region: Region, box: Box) -> Region | None:
    """The common part of a region and a box, if there is one."""
    found = list(region)
    for axis, atoms in box.items():
        found[axis] &= atoms
        if not found[axis]:
            return None
    return tuple(found)
