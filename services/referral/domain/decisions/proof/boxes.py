"""Taking boxes away from a region, exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.referral.domain.decisions.bits import bits_of
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
        self.at: dict[int, list[int]] = {axis: self._holders(axis, universe[axis]) for axis in self.axes}
        self.along: dict[int, dict[int, Along]] = {axis: {} for axis in self.axes}

    def _holders(self, axis: int, full: int) -> list[int]:
        """For every atom of an axis the boxes that hold it."""
        free = sum(1 << number for number, box in enumerate(self.boxes) if axis not in box)
        holders = [free] * full.bit_length()
        for number, box in enumerate(self.boxes):
            for atom in bits_of(box.get(axis, 0)):
                holders[atom] |= 1 << number
        return holders

    def look(self, axis: int, atoms: int) -> Along:
        found = self.along[axis].get(atoms)
        if found is None:
            touching, holding = 0, self.all
            for atom in bits_of(atoms):
                touching |= self.at[axis][atom]
                holding &= self.at[axis][atom]
            found = self.along[axis][atoms] = Along(touching, self.all & ~holding)
        return found

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
