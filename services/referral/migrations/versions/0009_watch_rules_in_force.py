"""Watch the rules in force: what the directory's changes mean for them."""

from alembic import op

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral.rules_watch (
            pathway text PRIMARY KEY,
            in_force text NOT NULL,
            content_hash text NOT NULL,
            directory_version bigint NOT NULL,
            checked_at timestamptz NOT NULL,
            noticed jsonb NOT NULL,
            plan text[] NOT NULL
        );
        CREATE TABLE referral.plan_left (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            pathway text NOT NULL,
            locality text NOT NULL,
            account_id uuid NOT NULL,
            reason text NOT NULL,
            at timestamptz NOT NULL
        );
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE referral.plan_left; DROP TABLE referral.rules_watch;")
