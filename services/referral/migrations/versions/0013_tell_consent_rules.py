"""Remember which rules of consent were told to whoever asks for consent."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral.consent_policy_told (
            pathway text PRIMARY KEY,
            seq bigint NOT NULL,
            basis text,
            periods jsonb
        );
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE referral.consent_policy_told;")
