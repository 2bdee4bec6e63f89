"""The bus: facts travel through PostgreSQL, Celery only wakes their readers.

A change, its events and one inbox row per event and subscriber are written in one transaction (`publish`). After
commit a doorbell rings: a Celery task without arguments. The subscriber's worker drains its inbox in batches: claim,
act, publish, mark, all in one transaction. So an event is delivered at least once and acted on exactly once.

The schema `bus` is the only one that two services touch, and only through this package.
"""

from shared.bus.doorbell import Doorbell, drain_of
from shared.bus.draining import Drained, Handler, Inbox, RetryLater, drain, is_transient
from shared.bus.pressure import Outlet, Pressure, tell_outlet
from shared.bus.publishing import Received, correlations_of, publish, to_publish, transaction
from shared.bus.state import Backlog, backlog, oldest_due_seconds

__all__ = [
    "Backlog",
    "Doorbell",
    "Drained",
    "Handler",
    "Inbox",
    "Outlet",
    "Pressure",
    "Received",
    "RetryLater",
    "backlog",
    "correlations_of",
    "drain",
    "drain_of",
    "is_transient",
    "oldest_due_seconds",
    "publish",
    "tell_outlet",
    "to_publish",
    "transaction",
]
