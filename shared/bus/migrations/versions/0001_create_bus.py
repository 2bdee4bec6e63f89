"""Create the bus: events and inboxes."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CLAIM = """
    CREATE FUNCTION bus.claim(p_subscriber text, p_batch integer, p_only uuid[])
    RETURNS TABLE (id uuid, type text, subject text, seq bigint, "time" timestamptz, sensitivity text,
                   priority smallint, correlation_id text, data jsonb)
    LANGUAGE plpgsql
    -- A queue's table looks different every minute, so its statistics are always wrong; a plan made from them once
    -- read every finished row at each claim. These switches leave the planner the one good plan: along inbox_due in
    -- its own order, one look-up per row for what stands before it, one for its event.
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off
    AS $$
    BEGIN
      IF p_only IS NULL THEN
        RETURN QUERY
          SELECT e.id, e.type, e.subject, e.seq, e."time", e.sensitivity, e.priority, e.correlation_id, e.data
          FROM bus.inbox i JOIN bus.event e ON e.id = i.event_id
          WHERE i.subscriber = p_subscriber AND i.state = 'due' AND i.due_at <= clock_timestamp()
            AND NOT EXISTS (
              SELECT FROM bus.inbox p WHERE p.subscriber = p_subscriber AND p.subject = i.subject
                AND p.seq < i.seq AND p.state IN ('due', 'dead') OFFSET 0)
          ORDER BY i.priority, i.due_at
          LIMIT p_batch FOR UPDATE OF i SKIP LOCKED;
      ELSE
        RETURN QUERY
          SELECT e.id, e.type, e.subject, e.seq, e."time", e.sensitivity, e.priority, e.correlation_id, e.data
          FROM unnest(p_only) AS chosen
          JOIN bus.inbox i ON i.subscriber = p_subscriber AND i.event_id = chosen AND i.state = 'due'
          JOIN bus.event e ON e.id = i.event_id
          FOR UPDATE OF i SKIP LOCKED;
      END IF;
    END $$;
"""

MARK_DONE = """
    CREATE FUNCTION bus.mark_done(p_subscriber text, p_ids uuid[]) RETURNS void
    LANGUAGE sql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
      UPDATE bus.inbox SET state = 'done', done_at = clock_timestamp()
      WHERE event_id = ANY(p_ids) AND subscriber = p_subscriber
    $$;
"""


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
            PRIMARY KEY (event_id, subscriber)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
        CREATE INDEX inbox_due ON bus.inbox (subscriber, priority, due_at) WHERE state = 'due';
        CREATE INDEX inbox_open ON bus.inbox (subject, seq, subscriber) WHERE state IN ('due', 'dead');
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
    op.execute(CLAIM)
    op.execute(MARK_DONE)


def downgrade() -> None:
    op.execute("DROP FUNCTION bus.mark_done(text, uuid[]);")
    op.execute("DROP FUNCTION bus.claim(text, integer, uuid[]);")
    op.execute("DROP TABLE bus.dead_letter_decision; DROP TABLE bus.inbox; DROP TABLE bus.event;")
