"""A service says how much it holds that only the world outside can take, so that intake can press back."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE bus.outlet (
            service text PRIMARY KEY,
            waiting integer NOT NULL CHECK (waiting >= 0),
            lag_seconds double precision NOT NULL CHECK (lag_seconds >= 0),
            told_at timestamptz NOT NULL
        ) WITH (fillfactor = 50);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE bus.outlet;")
