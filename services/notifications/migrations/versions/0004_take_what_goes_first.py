"""Take only what goes first, for a sender beside the one that is in the middle of a batch."""

import importlib

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = importlib.import_module("services.notifications.migrations.versions.0002_act_by_functions").TAKE
OLD = "notifications.take(uuid, timestamptz, timestamptz, integer)"
NEW = "notifications.take(uuid, timestamptz, timestamptz, integer, smallint)"
TAKE = BEFORE.replace("p_batch integer)", "p_batch integer, p_last_priority smallint DEFAULT 3)", 1).replace(
    "w.due_at <= p_now", "w.priority <= p_last_priority AND w.due_at <= p_now", 1
)
"""The default is for workers of the release before, while both run."""


def upgrade() -> None:
    op.execute(f"DROP FUNCTION {OLD};")
    op.execute(TAKE)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {NEW};")
    op.execute(BEFORE)
