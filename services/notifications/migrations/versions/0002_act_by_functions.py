"""Send and settle by functions: planned once a connection, and so that no plan can go wrong.

Connections make each plan anew (force_custom_plan), which took as long as the work: for the statements, and for the
foreign key of each attempt. A plan that is kept must not depend on what the tables held when it was made: what waits
may have been nothing then, and a million rows a minute later. So nothing is joined that could be joined the wrong way
round: each table is read along one index, by a list of its primary keys (in their order, in which everybody locks
them), or by the places of rows that were locked a moment before.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = "LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off"

ADD = f"""
    CREATE FUNCTION notifications.add(p_rows jsonb) RETURNS void {KEPT}
    AS $$
    BEGIN
      INSERT INTO notifications.notification (id, dedupe_key, audience, template_id, variables, assessment_id,
        referral_id, person_id, organization_id, focal_point_id, follow_up_id, sensitivity, priority, due_at,
        expires_at, correlation_id, created_at, updated_at)
      SELECT id, dedupe_key, audience, template_id, variables, assessment_id, referral_id, person_id, organization_id,
        focal_point_id, follow_up_id, sensitivity, priority, due_at, expires_at, correlation_id, due_at, due_at
      FROM jsonb_to_recordset(p_rows) AS r(id uuid, dedupe_key text, audience text, template_id text,
        variables jsonb, assessment_id uuid, referral_id uuid, person_id uuid, organization_id uuid,
        focal_point_id uuid, follow_up_id uuid, sensitivity text, priority smallint, due_at timestamptz,
        expires_at timestamptz, correlation_id text)
      ON CONFLICT (dedupe_key) DO NOTHING;
    END $$;
"""

TAKE = f"""
    CREATE FUNCTION notifications.take(p_token uuid, p_now timestamptz, p_taken timestamptz, p_batch integer)
    RETURNS TABLE (id text, audience text, template_id text, variables jsonb, assessment_id text, referral_id text,
        person_id text, organization_id text, focal_point_id text, sensitivity text, priority smallint,
        expires_at timestamptz, attempts smallint, correlation_id text, created_at timestamptz)
    {KEPT}
    AS $$
    DECLARE
      due tid[];
    BEGIN
      due := ARRAY(
        SELECT w.ctid FROM notifications.notification w
        WHERE w.status IN ('held', 'queued') AND w.due_at <= p_now
        ORDER BY w.priority, w.due_at LIMIT p_batch FOR UPDATE SKIP LOCKED);
      RETURN QUERY
        WITH taken AS (
          UPDATE notifications.notification n SET token = p_token, due_at = p_taken WHERE n.ctid = ANY(due)
          RETURNING n.*
        )
        SELECT t.id::text, t.audience, t.template_id, t.variables, t.assessment_id::text, t.referral_id::text,
          t.person_id::text, t.organization_id::text, t.focal_point_id::text, t.sensitivity, t.priority,
          t.expires_at, t.attempts, t.correlation_id, t.created_at
        FROM taken t ORDER BY t.priority, t.id;
    END $$;
"""

BEGIN = f"""
    CREATE FUNCTION notifications.begin_attempts(
        p_rows jsonb, p_token uuid, p_now timestamptz, p_lease timestamptz, p_channel text)
    RETURNS TABLE (delivery_id text) {KEPT}
    AS $$
    DECLARE
      ids uuid[] := ARRAY(SELECT one::uuid FROM jsonb_object_keys(p_rows) AS one);
    BEGIN
      RETURN QUERY
        WITH begun AS (
          UPDATE notifications.notification n
          SET status = 'sending', attempts = n.attempts + 1, lease_until = p_lease, updated_at = p_now,
              sent_template_id = p_rows #>> ARRAY[n.id::text, 'sent_template_id'],
              language = p_rows #>> ARRAY[n.id::text, 'language'],
              variables = n.variables || (p_rows #> ARRAY[n.id::text, 'used'])
          WHERE n.id = ANY(ids) AND n.token = p_token AND n.status IN ('held', 'queued')
          RETURNING n.id, n.attempts
        )
        INSERT INTO notifications.delivery AS d (id, notification_id, attempt, channel, number_index, started_at)
        SELECT (p_rows #>> ARRAY[b.id::text, 'delivery_id'])::uuid, b.id, b.attempts, p_channel,
          (p_rows #>> ARRAY[b.id::text, 'number_index'])::bytea, p_now
        FROM begun b
        RETURNING d.id::text;
    END $$;
"""

CONCLUDE = f"""
    CREATE FUNCTION notifications.conclude(p_changes jsonb, p_ended jsonb, p_reported jsonb, p_now timestamptz)
    RETURNS TABLE (id text, audience text, template_id text, sent_template_id text, assessment_id text,
        referral_id text, person_id text, focal_point_id text, sensitivity text, priority smallint, status text,
        reason text, version integer, correlation_id text, told smallint)
    {KEPT}
    AS $$
    DECLARE
      ids uuid[];
    BEGIN
      ids := ARRAY(SELECT one::uuid FROM jsonb_object_keys(p_changes) AS one);
      RETURN QUERY
        UPDATE notifications.notification n
        SET (status, reason, due_at, attempts, version) = (
              SELECT c.status, c.reason, COALESCE(c.due_at, n.due_at), n.attempts - c.uncounted, n.version + c.told
              FROM jsonb_to_record(p_changes -> n.id::text) AS c(status text, reason text, due_at timestamptz,
                uncounted smallint, told smallint)),
            updated_at = p_now, token = NULL, lease_until = NULL
        WHERE n.id = ANY(ids)
          AND (p_changes #> ARRAY[n.id::text, 'from_status']) ? n.status
          AND (p_changes #>> ARRAY[n.id::text, 'token'] IS NULL
            OR (p_changes #>> ARRAY[n.id::text, 'token'])::uuid = n.token)
          AND (p_changes #>> ARRAY[n.id::text, 'attempt'] IS NULL
            OR (p_changes #>> ARRAY[n.id::text, 'attempt'])::smallint = n.attempts)
        RETURNING n.id::text, n.audience, n.template_id, n.sent_template_id, n.assessment_id::text,
          n.referral_id::text, n.person_id::text, n.focal_point_id::text, n.sensitivity, n.priority, n.status,
          n.reason, n.version, n.correlation_id, (p_changes #>> ARRAY[n.id::text, 'told'])::smallint;
      IF p_ended <> '{{}}' THEN
        ids := ARRAY(SELECT one::uuid FROM jsonb_object_keys(p_ended) AS one);
        UPDATE notifications.delivery d SET ended_at = p_now, ended = p_ended ->> d.id::text
        WHERE d.id = ANY(ids) AND d.ended IS NULL;
      END IF;
      IF p_reported <> '{{}}' THEN
        ids := ARRAY(SELECT one::uuid FROM jsonb_object_keys(p_reported) AS one);
        UPDATE notifications.delivery d SET report = p_reported ->> d.id::text, reported_at = p_now
        WHERE d.id = ANY(ids) AND (d.report IS NULL OR p_reported ->> d.id::text = 'delivered');
      END IF;
    END $$;
"""

TAKE_REPORTS = f"""
    CREATE FUNCTION notifications.take_reports(p_batch integer, p_now timestamptz)
    RETURNS TABLE (delivery_id text, code smallint, notification_id text, attempt smallint)
    {KEPT}
    AS $$
    DECLARE
      kept tid[];
    BEGIN
      kept := ARRAY(
        SELECT o.ctid FROM notifications.report o
        WHERE o.settled_at IS NULL ORDER BY o.received_at LIMIT p_batch FOR UPDATE SKIP LOCKED);
      RETURN QUERY
        WITH settled AS (
          UPDATE notifications.report o SET settled_at = p_now WHERE o.ctid = ANY(kept)
          RETURNING o.delivery_id, o.code
        )
        SELECT s.delivery_id::text, s.code, d.notification_id::text, d.attempt
        FROM settled s LEFT JOIN LATERAL (
          SELECT a.notification_id, a.attempt FROM notifications.delivery a WHERE a.id = s.delivery_id OFFSET 0
        ) AS d ON true;
    END $$;
"""

FUNCTIONS = {
    "add(jsonb)": ADD,
    "take(uuid, timestamptz, timestamptz, integer)": TAKE,
    "begin_attempts(jsonb, uuid, timestamptz, timestamptz, text)": BEGIN,
    "conclude(jsonb, jsonb, jsonb, timestamptz)": CONCLUDE,
    "take_reports(integer, timestamptz)": TAKE_REPORTS,
}


def upgrade() -> None:
    for function in FUNCTIONS.values():
        op.execute(function)


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION notifications.{name};")
