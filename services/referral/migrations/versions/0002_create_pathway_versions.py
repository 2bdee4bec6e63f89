"""Create versions of pathways, and the contents that have decided something."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral.pathway_version (
            id uuid PRIMARY KEY,
            pathway text NOT NULL,
            files jsonb NOT NULL,
            content_hash text NOT NULL,
            state text NOT NULL CHECK (state IN ('draft', 'proved', 'proposed', 'approved', 'retired')),
            version integer NOT NULL,
            note text NOT NULL,
            based_on text NOT NULL,
            editors text[] NOT NULL,
            created_at timestamptz NOT NULL,
            contingency boolean NOT NULL,
            findings jsonb NOT NULL,
            exemptions jsonb NOT NULL,
            proved_at timestamptz,
            proposed_by uuid,
            approved_by uuid,
            approved_at timestamptz,
            live_from timestamptz,
            live_until timestamptz,
            retired_at timestamptz,
            CHECK ((state IN ('approved', 'retired')) = (approved_by IS NOT NULL AND live_from IS NOT NULL)),
            CHECK (approved_by IS NULL OR approved_by IS DISTINCT FROM proposed_by)
        );
        CREATE INDEX pathway_version_in_force ON referral.pathway_version (pathway, live_from)
            WHERE live_from IS NOT NULL;
        CREATE TABLE referral.pathway_content (
            content_hash text PRIMARY KEY,
            pathway text NOT NULL,
            files jsonb NOT NULL,
            first_used_at timestamptz NOT NULL
        );
        CREATE TABLE referral.pathway_step (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            version_id uuid NOT NULL REFERENCES referral.pathway_version (id),
            step text NOT NULL,
            state text NOT NULL,
            content_hash text NOT NULL,
            account_id uuid NOT NULL,
            note text,
            at timestamptz NOT NULL
        );
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE referral.pathway_step;
        DROP TABLE referral.pathway_content;
        DROP TABLE referral.pathway_version;
        """
    )
