"""Keep the rules of consent as the referral service tells them, and let a mature minor consent where they say so."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE intake.consent_policy (
            pathway text PRIMARY KEY,
            seq bigint NOT NULL,
            periods jsonb NOT NULL,
            told_at timestamptz NOT NULL
        );

        ALTER TABLE intake.consent DROP CONSTRAINT consent_given_by_check;
        ALTER TABLE intake.consent ADD CONSTRAINT consent_given_by_check
            CHECK (given_by IN ('person', 'caregiver', 'other_adult', 'mature_minor')) NOT VALID;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE intake.consent DROP CONSTRAINT consent_given_by_check;
        ALTER TABLE intake.consent ADD CONSTRAINT consent_given_by_check
            CHECK (given_by IN ('person', 'caregiver', 'other_adult')) NOT VALID;
        DROP TABLE intake.consent_policy;
        """
    )
