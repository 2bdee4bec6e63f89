"""Sets of rows, boxes and atoms as integers: one bit each, the first lowest."""

from collections.abc import Iterable, Iterator


def bits(flags: Iterable[object]) -> int:
    """One bit per flag, the first lowest."""
    found = 0
    for index, flag in enumerate(flags):
        if flag:
            found |= 1 << index
    return found


def bits_of(mask: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def runs_of(mask: int) -> Iterator[tuple[int, int]]:
    """The runs of bits that are set, each as its first place and the place after its last."""
    place = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield place + gap, place + gap + length
        mask >>= length
        place += gap + length
