"""Named places where a process may die, so that a test can kill it exactly there.

`reach("bus.after_claim")` does nothing in ordinary life. With `RUTA_FAILPOINT=bus.after_claim` in the environment
the process kills itself there, as an out-of-memory killer would: no handler, no flush, no rollback. The catalogue
is complete: a place that is not listed cannot be reached, and a listed one that no code reaches fails a test.
"""

from __future__ import annotations

import os
import signal

CATALOGUE: dict[str, str] = {
    "publish.before_commit": "facts written, transaction still open",
    "publish.after_commit": "committed, doorbell not rung",
    "doorbell.after_ring": "doorbell rung, caller not yet answered",
    "drain.after_claim": "inbox rows claimed, nothing done",
    "drain.after_handlers": "changes and new facts written, inbox rows not marked",
    "drain.before_commit": "inbox rows marked, transaction still open",
    "drain.after_commit": "batch committed, next doorbells not rung",
    "send.after_take": "messages taken and committed, contacts not asked for",
    "send.after_claim": "attempt written as sending and committed, gateway not called",
    "send.after_gateway": "gateway has accepted, receipt not recorded",
    "send.before_commit": "receipt recorded, transaction still open",
    "abandoned.before_commit": "attempts of a dead worker decided on, transaction still open",
    "clock.after_claim": "due clocks claimed, nothing done",
    "clock.before_commit": "steps written, transaction still open",
    "gaps.before_commit": "gaps searched again, drafts written, transaction still open",
    "rules.before_commit": "findings about the rules in force written, transaction still open",
    "purge.before_commit": "finished events removed, transaction still open",
    "report.after_commit": "delivery report kept, gateway not yet answered",
    "receipt.before_commit": "delivery report written, transaction still open",
    "reply.before_commit": "reply and outcome written, transaction still open",
}

_armed = os.environ.get("RUTA_FAILPOINT", "")


def reach(name: str) -> None:
    """Die here if this fail-point is armed. Raises KeyError for a name that the catalogue does not hold."""
    if name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
    if name not in CATALOGUE:
        raise KeyError(name)
