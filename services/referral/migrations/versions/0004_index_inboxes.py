"""Keep inboxes quick however many referrals are closed, and remember why a gap was closed."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE INDEX referral_inbox ON referral.referral (organization_id, priority, due_at, id)
            WHERE status IN ('requested', 'received', 'on_hold', 'accepted', 'in_progress');
        CREATE INDEX referral_closed ON referral.referral (organization_id, changed_at, id)
            WHERE status IN ('completed', 'rejected');
        CREATE INDEX referral_asked ON referral.referral (organization_id, id);
        DROP INDEX referral.referral_provider;
        ALTER TABLE referral.gap ADD COLUMN closed_reason text, ADD COLUMN closed_by uuid;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE referral.gap DROP COLUMN closed_reason, DROP COLUMN closed_by;
        CREATE INDEX referral_provider ON referral.referral (organization_id, priority, due_at, id);
        DROP INDEX referral.referral_inbox, referral.referral_closed, referral.referral_asked;
        """
    )
