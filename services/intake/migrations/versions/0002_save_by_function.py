"""Store assessments by a function: planned once a connection, its foreign keys' look-ups as well."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SAVE = """
    CREATE FUNCTION intake.save(p_assessments jsonb, p_persons jsonb, p_consents jsonb, p_contacts jsonb, p_needs jsonb)
    RETURNS TABLE (id text, needs bigint)
    -- Connections make each plan anew (force_custom_plan): for this statement and for every row's foreign keys, which
    -- took as long as the work. These plans cannot go wrong with age: they insert, and look rows up by primary key.
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
    AS $$
    #variable_conflict use_column
    BEGIN
      RETURN QUERY
      WITH new AS (
        INSERT INTO intake.assessment
        SELECT * FROM jsonb_populate_recordset(NULL::intake.assessment, p_assessments)
        ON CONFLICT (id) DO NOTHING RETURNING id, person_id
      ), new_person AS (
        INSERT INTO intake.person
        SELECT r.* FROM jsonb_populate_recordset(NULL::intake.person, p_persons) r
        WHERE r.id IN (SELECT person_id FROM new)
      ), new_consent AS (
        INSERT INTO intake.consent
        SELECT r.* FROM jsonb_populate_recordset(NULL::intake.consent, p_consents) r
        WHERE r.assessment_id IN (SELECT id FROM new)
      ), new_contact AS (
        INSERT INTO intake.safe_contact
        SELECT r.* FROM jsonb_populate_recordset(NULL::intake.safe_contact, p_contacts) r
        WHERE r.assessment_id IN (SELECT id FROM new)
      ), new_need AS (
        INSERT INTO intake.need
        SELECT r.* FROM jsonb_populate_recordset(NULL::intake.need, p_needs) r
        WHERE r.assessment_id IN (SELECT id FROM new)
        ON CONFLICT (id) DO NOTHING RETURNING id
      )
      SELECT CAST(new.id AS text), (SELECT count(*) FROM new_need) FROM new;
    END $$;
"""


def upgrade() -> None:
    op.execute(SAVE)


def downgrade() -> None:
    op.execute("DROP FUNCTION intake.save(jsonb, jsonb, jsonb, jsonb, jsonb);")
