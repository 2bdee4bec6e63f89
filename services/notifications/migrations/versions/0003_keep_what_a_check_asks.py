"""A check keeps what it asks and what the answers mean: facts say so, and no file does any more.

Checks that were planned or asked by the release before get what its table of follow-ups said about them.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE notifications.follow_up
            ADD COLUMN template_id text, ADD COLUMN outcome_if_yes text, ADD COLUMN outcome_if_no text;

        UPDATE notifications.follow_up f
        SET template_id = t.template_id, outcome_if_yes = t.outcome_if_yes, outcome_if_no = t.outcome_if_no
        FROM (VALUES
            ('F-HEA-3D', 'S4', NULL, NULL),
            ('F-HEA-14D', 'S4', NULL, NULL),
            ('F-LEG-7D', 'S4', 'FILED', NULL),
            ('F-LEG-30D', 'S4', 'FILED', NULL),
            ('F-EDU-7D', 'S4', 'ENROLLED', NULL),
            ('F-EDU-30D', 'S4', NULL, NULL),
            ('F-EDU-90D', 'S4', 'ATTENDING_3M', NULL),
            ('F-EDU-12M', 'S4', NULL, NULL),
            ('F-LIV-90D', 'S5', 'INCOME_UP', 'INCOME_NONE'),
            ('F-BAS-3D', 'S4', NULL, NULL),
            ('F-BAS-14D', 'S4', NULL, NULL),
            ('F-ANY-DONE', 'S4', 'NEED_MET', NULL),
            ('F-ANY-CARE', 'S6', NULL, NULL)
        ) AS t(check_id, template_id, outcome_if_yes, outcome_if_no)
        WHERE f.check_id = t.check_id AND f.mode = 'auto' AND f.state IN ('planned', 'asked', 'called');
        """
    )


def downgrade() -> None:
    op.execute(
        """
        ALTER TABLE notifications.follow_up
            DROP COLUMN template_id, DROP COLUMN outcome_if_yes, DROP COLUMN outcome_if_no;
        """
    )
