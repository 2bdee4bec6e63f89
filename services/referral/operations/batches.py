"""Work in batches, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection


def until_none_is_left(
    transaction: Callable[[], AbstractContextManager[Connection]],
    work: Callable[[Connection], int],
    *,
    batch: int,
    should_stop: Callable[[], bool],
) -> int:
    """Call `work` until it did less than a whole `batch`, or `should_stop()`; returns how much was done."""
    total = 0
    while not should_stop():
        with transaction() as conn:
            done = work(conn)
        total += done
        if done < batch:
            break
    return total
