"""Create accounts, organizations, tokens, revocations and counted sign-in failures."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE identity.organization (
            id uuid PRIMARY KEY,
            name text NOT NULL UNIQUE CHECK (length(btrim(name)) > 0),
            created_at timestamptz NOT NULL
        );
        CREATE TABLE identity.account (
            id uuid PRIMARY KEY,
            username text NOT NULL UNIQUE CHECK (username = lower(username)),
            name text NOT NULL,
            role text NOT NULL CHECK (role IN ('focal_point', 'provider', 'coordinator', 'admin')),
            organization_id uuid REFERENCES identity.organization (id),
            locale text NOT NULL,
            password_hash text NOT NULL,
            must_change_password boolean NOT NULL,
            totp_secret bytea,
            totp_confirmed_at timestamptz,
            totp_last_step bigint NOT NULL DEFAULT 0,
            disabled_at timestamptz,
            created_at timestamptz NOT NULL,
            signed_in_at timestamptz,
            CHECK (role NOT IN ('focal_point', 'provider') OR organization_id IS NOT NULL)
        );
        CREATE TABLE identity.api_token (
            id uuid PRIMARY KEY,
            name text NOT NULL CHECK (length(btrim(name)) > 0),
            role text NOT NULL CHECK (role IN ('focal_point', 'provider', 'coordinator', 'admin')),
            organization_id uuid REFERENCES identity.organization (id),
            token_hash bytea NOT NULL UNIQUE,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            CHECK (role NOT IN ('focal_point', 'provider') OR organization_id IS NOT NULL)
        );
        CREATE TABLE identity.revocation (
            subject text PRIMARY KEY,
            revoked_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE TABLE identity.failure (
            bucket text NOT NULL,
            slot timestamptz NOT NULL,
            count integer NOT NULL,
            PRIMARY KEY (bucket, slot)
        );
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE identity.failure;
        DROP TABLE identity.revocation;
        DROP TABLE identity.api_token;
        DROP TABLE identity.account;
        DROP TABLE identity.organization;
        """
    )
