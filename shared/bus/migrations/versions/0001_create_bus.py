"""Create the bus: events and inboxes."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE bus.event (
            id uuid PRIMARY KEY,
            source text NOT NULL,
            type text NOT NULL,
            subject text NOT NULL,
            seq bigint NOT NULL CHECK (seq > 0),
            "time" timestamptz NOT NULL,
            sensitivity text NOT NULL CHECK (sensitivity IN ('S0', 'S1', 'S2', 'S3')),
            priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
            correlation_id text,
            data jsonb NOT NULL,
            UNIQUE (subject, seq)
        );
        CREATE TABLE bus.inbox (
            subscriber text NOT NULL,
            event_id uuid NOT NULL,
            subject text NOT NULL,
            seq bigint NOT NULL,
            priority smallint NOT NULL,
            state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'dead', 'discarded')),
            due_at timestamptz NOT NULL,
            attempts integer NOT NULL DEFAULT 0,
            error_class text,
            done_at timestamptz,
            reason text,
            PRIMARY KEY (subscriber, event_id)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
        CREATE INDEX inbox_due ON bus.inbox (subscriber, priority, due_at) WHERE state = 'due';
        CREATE INDEX inbox_open ON bus.inbox (subscriber, subject, seq) WHERE state IN ('due', 'dead');
        CREATE INDEX inbox_dead ON bus.inbox (subscriber, event_id) WHERE state = 'dead';
        CREATE TABLE bus.dead_letter_decision (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            subscriber text NOT NULL,
            event_id uuid NOT NULL,
            decision text NOT NULL CHECK (decision IN ('replayed', 'discarded')),
            reason text NOT NULL CHECK (length(btrim(reason)) > 0),
            decided_by text NOT NULL,
            decided_at timestamptz NOT NULL DEFAULT now()
        );
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE bus.dead_letter_decision; DROP TABLE bus.inbox; DROP TABLE bus.event;")
