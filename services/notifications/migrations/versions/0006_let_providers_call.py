"""A check and a call say when they are those of the provider's people. What was planned before is the focal point's."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE notifications.follow_up ADD COLUMN organization_id uuid;
        ALTER TABLE notifications.call ADD COLUMN organization_id uuid;
        COMMENT ON COLUMN notifications.call.organization_id IS 'whose people call; empty: the focal point does';
        CREATE INDEX call_of_provider ON notifications.call (organization_id, due_at, id)
            WHERE closed_at IS NULL AND organization_id IS NOT NULL;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE notifications.call DROP COLUMN organization_id;
        ALTER TABLE notifications.follow_up DROP COLUMN organization_id;
        """
    )
