"""Look at open gaps again when the directory changes."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE referral.gap ADD COLUMN look_again boolean NOT NULL DEFAULT false;
        CREATE INDEX gap_look_again ON referral.gap (priority, created_at) WHERE look_again AND closed_at IS NULL;
        CREATE INDEX gap_assessment ON referral.gap (assessment_id);
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX referral.gap_assessment; ALTER TABLE referral.gap DROP COLUMN look_again")
