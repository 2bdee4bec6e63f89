"""Claim only what goes first, for a drain beside the one that is in the middle of a batch."""

import importlib

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = importlib.import_module("shared.bus.migrations.versions.0001_create_bus").CLAIM
OLD, NEW = "bus.claim(text, integer, uuid[])", "bus.claim(text, integer, uuid[], smallint)"
CLAIM = BEFORE.replace("p_only uuid[])", "p_only uuid[], p_last_priority smallint DEFAULT 3)", 1).replace(
    "i.state = 'due' AND i.due_at <=", "i.state = 'due' AND i.priority <= p_last_priority AND i.due_at <=", 1
)
"""The default is for workers of the release before, while both run."""


def upgrade() -> None:
    op.execute(f"DROP FUNCTION {OLD};")
    op.execute(CLAIM)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {NEW};")
    op.execute(BEFORE)
