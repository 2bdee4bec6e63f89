"""Keep what routing leaves behind by a function: planned once a connection, its foreign keys' look-ups as well."""

from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

KEEP = """
    CREATE FUNCTION referral.keep_planned(p_referrals jsonb, p_steps jsonb, p_gaps jsonb, p_receipts jsonb)
    RETURNS void
    -- Connections make each plan anew (force_custom_plan): for this statement and for every row's foreign keys, which
    -- took as long as the work. These plans cannot go wrong with age: they insert, and look rows up by primary key.
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    AS $$
    BEGIN
      WITH r AS (
        SELECT * FROM jsonb_to_recordset(p_referrals) AS r(
            id uuid, assessment_id uuid, person_id uuid, need_id uuid, need_code text, service_type text,
            sensitivity text, priority smallint, mode text, route jsonb, organization_id uuid,
            service_id uuid, referring_organization_id uuid, focal_point_id uuid, country text,
            locality text, age_band text, gender text, languages text[], contact_allowed boolean,
            status text, reason text, held_from text, limits integer[], deadline_hours double
            precision, needed_by timestamptz, created_at timestamptz, changed_at timestamptz, since
            timestamptz, marked timestamptz, due_at timestamptz, decide_due timestamptz,
            decide_since timestamptz, paused boolean, turn text, version integer, settled integer,
            attempt smallint, predecessor_id uuid, successor_id uuid, appointment_at timestamptz,
            outcome text, escalated_to text, escalated_at timestamptz, clock_at timestamptz)
      ), sent AS (
        INSERT INTO referral.referral (
          id, assessment_id, person_id, need_id, need_code, service_type, sensitivity, priority, mode, route,
          organization_id, service_id, referring_organization_id, focal_point_id, country, locality,
          age_band, gender, languages, contact_allowed, status, reason, held_from, limits,
          deadline_hours, needed_by, created_at, changed_at, since, marked, due_at, decide_due,
          decide_since, paused, turn, version, settled, attempt, predecessor_id, successor_id,
          appointment_at, outcome, escalated_to, escalated_at)
        SELECT
          id, assessment_id, person_id, need_id, need_code, service_type, sensitivity, priority, mode, route,
          organization_id, service_id, referring_organization_id, focal_point_id, country, locality,
          age_band, gender, languages, contact_allowed, status, reason, held_from, limits,
          deadline_hours, needed_by, created_at, changed_at, since, marked, due_at, decide_due,
          decide_since, paused, turn, version, settled, attempt, predecessor_id, successor_id,
          appointment_at, outcome, escalated_to, escalated_at
        FROM r
      ), told AS (
        INSERT INTO referral.step (
          referral_id, version, action, party, account_id, from_status, to_status, reason, note, said,
          idempotency_key, correlation_id, at)
        SELECT
          referral_id, version, action, party, account_id, from_status, to_status, reason, note, said,
          idempotency_key, correlation_id, at
        FROM jsonb_to_recordset(p_steps) AS s(
            referral_id uuid, version integer, action text, party text, account_id uuid, from_status text,
            to_status text, reason text, note text, said text, idempotency_key text, correlation_id
            text, at timestamptz)
      ), running AS (
        INSERT INTO referral.clock (referral_id, due_at)
        SELECT id, clock_at FROM r WHERE clock_at IS NOT NULL
      ), missing AS (
        INSERT INTO referral.gap (
          id, assessment_id, person_id, need_id, need_code, service_type, sensitivity, priority, country,
          locality, age_band, gender, reason, route, referring_organization_id, focal_point_id,
          referral_id, created_at)
        SELECT
          id, assessment_id, person_id, need_id, need_code, service_type, sensitivity, priority, country,
          locality, age_band, gender, reason, route, referring_organization_id, focal_point_id,
          referral_id, created_at
        FROM jsonb_to_recordset(p_gaps) AS g(
            id uuid, assessment_id uuid, person_id uuid, need_id uuid, need_code text, service_type text,
            sensitivity text, priority smallint, country text, locality text, age_band text, gender
            text, reason text, route jsonb, referring_organization_id uuid, focal_point_id uuid,
            referral_id uuid, created_at timestamptz)
      )
      INSERT INTO referral.receipt (id, assessment_id, body, created_at)
      SELECT id, assessment_id, body, created_at
      FROM jsonb_to_recordset(p_receipts) AS d(id uuid, assessment_id uuid, body jsonb, created_at timestamptz);
    END $$;
"""


def upgrade() -> None:
    op.execute(KEEP)


def downgrade() -> None:
    op.execute("DROP FUNCTION referral.keep_planned(jsonb, jsonb, jsonb, jsonb);")
