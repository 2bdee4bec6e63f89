"""Keep what the directory said at each of its versions, and when each version began.

What exists gets its first line here. Of the versions before this one only the numbers are known: `kept_from` says so.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What decides, as `services.referral.tables.HISTORY` lists it: no address, no phone, no text that people write.
FIRST = {
    "organization": ("id", "name", "kind", "country", "gates"),
    "location": ("id", "locality", "confidential"),
    "service": (
        *("id", "organization_id", "name", "active", "types", "country", "areas", "national", "remote"),
        *("capabilities", "serves", "minimum_age", "maximum_age", "languages", "documents", "accessibility"),
        *("free", "openings", "always_open", "public", "gates", "confidential", "valid_to", "verified_at"),
    ),
    "capacity": ("service_id", "status", "available", "valid_until", "updated_at"),
}


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE referral.directory_state
            ADD COLUMN changed_in xid8,
            ADD COLUMN kept_from bigint NOT NULL DEFAULT 1,
            ADD COLUMN kept_since timestamptz NOT NULL DEFAULT now();
        UPDATE referral.directory_state SET kept_from = version;
        CREATE TABLE referral.directory_version (
            version bigint PRIMARY KEY,
            at timestamptz NOT NULL
        );
        CREATE INDEX directory_version_at ON referral.directory_version (at);
        CREATE TABLE referral.directory_history (
            kind text NOT NULL CHECK (kind IN ('organization', 'location', 'service', 'capacity')),
            id uuid NOT NULL,
            version bigint NOT NULL,
            body jsonb NOT NULL,
            PRIMARY KEY (kind, id, version)
        );
        CREATE INDEX directory_history_version ON referral.directory_history (version);
        COMMENT ON TABLE referral.directory_history IS
            'What an entry said from a version on, as far as it decides; never an address, a phone or a text.';
        """
    )
    for kind, columns in FIRST.items():
        pairs = ", ".join(f"'{name}', \"{name}\"" for name in columns)
        op.execute(
            f"""
            INSERT INTO referral.directory_history (kind, id, version, body)
            SELECT '{kind}', {columns[0]}, version, jsonb_build_object({pairs}) FROM referral.{kind}
            """
        )


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE referral.directory_history, referral.directory_version;
        ALTER TABLE referral.directory_state
            DROP COLUMN changed_in, DROP COLUMN kept_from, DROP COLUMN kept_since;
        """
    )
