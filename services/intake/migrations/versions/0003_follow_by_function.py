"""Follow events and look contacts up by functions: each planned once a connection, foreign keys as well."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Connections make each plan anew (force_custom_plan), which takes longer than these small statements themselves. The
# switches leave the planner the one plan that stays good: row by row along an index.
PLANNED_ONCE = """
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
"""
REFERRALS = f"""
    CREATE FUNCTION intake.record_referrals(p_rows jsonb) RETURNS void LANGUAGE plpgsql {PLANNED_ONCE} AS $$
    #variable_conflict use_column
    BEGIN
      INSERT INTO intake.need_referral AS t
          (referral_id, need_id, assessment_id, person_id, organization_id, service_id, focal_point_id, service_type,
           priority, status, reason, turn, due_at, predecessor_id, appointment_at, outcome, missed_clock, seq,
           created_at, updated_at)
      SELECT referral_id, need_id, assessment_id, person_id, organization_id, service_id, focal_point_id, service_type,
           priority, status, reason, turn, due_at, predecessor_id, appointment_at, outcome, missed_clock, seq,
           "time", "time"
      FROM jsonb_to_recordset(p_rows) AS r(
          referral_id uuid, need_id uuid, assessment_id uuid, person_id uuid, organization_id uuid, service_id uuid,
          focal_point_id uuid, service_type text, priority smallint, status text, reason text, turn text,
          due_at timestamptz, predecessor_id uuid, appointment_at timestamptz, outcome text, missed_clock text,
          seq bigint, "time" timestamptz)
      ON CONFLICT (referral_id) DO UPDATE SET
          organization_id = excluded.organization_id, service_id = excluded.service_id,
          focal_point_id = excluded.focal_point_id, service_type = excluded.service_type,
          priority = excluded.priority, status = excluded.status, reason = excluded.reason, turn = excluded.turn,
          due_at = excluded.due_at, appointment_at = excluded.appointment_at, outcome = excluded.outcome,
          missed_clock = excluded.missed_clock, seq = excluded.seq, updated_at = excluded.updated_at
      WHERE t.seq < excluded.seq;
    END $$;
"""
MESSAGES = f"""
    CREATE FUNCTION intake.record_messages(p_rows jsonb) RETURNS void LANGUAGE plpgsql {PLANNED_ONCE} AS $$
    #variable_conflict use_column
    BEGIN
      INSERT INTO intake.need_message AS t
          (notification_id, assessment_id, referral_id, audience, template_id, channel, status, reason, seq,
           created_at, updated_at)
      SELECT r.notification_id, COALESCE(r.assessment_id, n.assessment_id), r.referral_id, r.audience, r.template_id,
          r.channel, r.status, r.reason, r.seq, r."time", r."time"
      FROM jsonb_to_recordset(p_rows) AS r(
          notification_id uuid, assessment_id uuid, referral_id uuid, audience text, template_id text, channel text,
          status text, reason text, seq bigint, "time" timestamptz)
      LEFT JOIN intake.need_referral n ON n.referral_id = r.referral_id
      WHERE COALESCE(r.assessment_id, n.assessment_id) IS NOT NULL
      ON CONFLICT (notification_id) DO UPDATE SET
          channel = excluded.channel, status = excluded.status, reason = excluded.reason, seq = excluded.seq,
          updated_at = excluded.updated_at
      WHERE t.seq < excluded.seq;
    END $$;
"""
CONTACTS = f"""
    CREATE FUNCTION intake.contacts(p_ids uuid[])
    RETURNS TABLE (id uuid, key_id text, data_key bytea, age_band text, contact_id uuid, channel text, phone bytea,
        neutral_name bytea, owner text, safe_days text[], safe_from text, safe_until text, timezone text, language text,
        sensitive_ok boolean, opted_out_at timestamptz, consented boolean, restricted boolean, never boolean)
    LANGUAGE plpgsql STABLE {PLANNED_ONCE} AS $$
    #variable_conflict use_column
    BEGIN
      RETURN QUERY
      SELECT p.id, p.key_id, p.data_key, p.age_band, c.id AS contact_id, c.channel, c.phone, c.neutral_name, c.owner,
          c.safe_days, c.safe_from, c.safe_until, c.timezone, c.language, c.sensitive_ok, c.opted_out_at,
          k.contact AND k.contact_withdrawn_at IS NULL AND latest.contact AS consented,
          EXISTS (SELECT FROM intake.need n JOIN intake.assessment a ON a.id = n.assessment_id
              WHERE a.person_id = p.id AND n.restricted) AS restricted,
          EXISTS (SELECT FROM intake.need n JOIN intake.assessment a ON a.id = n.assessment_id
              WHERE a.person_id = p.id AND (n.code LIKE 'TIP.%' OR n.code = 'CP.SEXAB')) AS never
      FROM intake.person p
      LEFT JOIN LATERAL (SELECT * FROM intake.safe_contact s WHERE s.person_id = p.id
          ORDER BY s.recorded_at DESC LIMIT 1) c ON true
      LEFT JOIN intake.consent k ON k.assessment_id = c.assessment_id
      LEFT JOIN LATERAL (SELECT l.contact FROM intake.assessment a JOIN intake.consent l ON l.assessment_id = a.id
          WHERE a.person_id = p.id ORDER BY a.received_at DESC, a.id DESC LIMIT 1) latest ON true
      WHERE p.id = ANY(p_ids);
    END $$;
"""
NOTE_ACCESS = f"""
    CREATE FUNCTION intake.note_access(p_rows jsonb) RETURNS void LANGUAGE plpgsql {PLANNED_ONCE} AS $$
    BEGIN
      INSERT INTO intake.access
      SELECT r.* FROM jsonb_populate_recordset(NULL::intake.access, p_rows) r
      WHERE EXISTS (SELECT FROM intake.person p WHERE p.id = r.person_id);
    END $$;
"""


def upgrade() -> None:
    for function in (REFERRALS, MESSAGES, CONTACTS, NOTE_ACCESS):
        op.execute(function)


def downgrade() -> None:
    op.execute(
        """
        DROP FUNCTION intake.note_access(jsonb);
        DROP FUNCTION intake.contacts(uuid[]);
        DROP FUNCTION intake.record_messages(jsonb);
        DROP FUNCTION intake.record_referrals(jsonb);
        """
    )
