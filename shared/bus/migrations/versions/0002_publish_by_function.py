"""Publish by a function: its statement is planned once a connection, by whatever service calls it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PUBLISH = """
    CREATE FUNCTION bus.publish(p_facts jsonb) RETURNS void
    -- Connections make each plan anew (force_custom_plan), which took longer than the work. This one cannot go wrong
    -- with age: it inserts, and looks one row up by a unique index.
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    AS $$
    BEGIN
      WITH fact AS (
        SELECT * FROM jsonb_to_recordset(p_facts) AS r(
          id uuid, source text, type text, subject text, seq bigint, "time" timestamptz, sensitivity text,
          priority smallint, correlation_id text, data jsonb, subscribers text[])
      ), event AS (
        INSERT INTO bus.event (id, source, type, subject, seq, "time", sensitivity, priority, correlation_id, data)
        SELECT id, source, type, subject, seq, "time", sensitivity, priority,
          COALESCE((SELECT begun.correlation_id FROM bus.event begun
                    WHERE fact.seq > 1 AND begun.subject = fact.subject AND begun.seq = 1), correlation_id), data
        FROM fact
      )
      INSERT INTO bus.inbox (subscriber, event_id, subject, seq, priority, due_at)
      SELECT subscriber, id, subject, seq, priority, LEAST("time", clock_timestamp())
      FROM fact CROSS JOIN LATERAL unnest(subscribers) AS subscriber;
    END $$;
"""


def upgrade() -> None:
    op.execute(PUBLISH)


def downgrade() -> None:
    op.execute("DROP FUNCTION bus.publish(jsonb);")
