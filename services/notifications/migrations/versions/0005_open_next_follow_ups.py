"""Close the calls to follow up that are due, so that the next ones of their cases are opened.

Until this release nobody told this service that a call was made: the first of a case stayed open here for ever, and the
later ones were never asked for. Intake's list, which the focal point works through, is its own and stays as it is.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE notifications.call SET closed_at = now(), result = 'not_needed'
        WHERE closed_at IS NULL AND reason = 'follow_up' AND due_at < now();
        """
    )


def downgrade() -> None:
    """Nothing to take back."""
