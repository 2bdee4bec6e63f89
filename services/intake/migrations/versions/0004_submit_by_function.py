"""Store assessments and tell of them in one round trip."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SUBMIT = """
    CREATE FUNCTION intake.submit(p_assessments jsonb, p_persons jsonb, p_consents jsonb, p_contacts jsonb,
                                  p_needs jsonb, p_facts jsonb)
    RETURNS TABLE (id text, needs bigint)
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
      v_new text[];
      v_needs bigint;
    BEGIN
      SELECT array_agg(saved.id), max(saved.needs) INTO v_new, v_needs
      FROM intake.save(p_assessments, p_persons, p_consents, p_contacts, p_needs) saved;
      IF cardinality(v_new) = jsonb_array_length(p_assessments) THEN
        PERFORM bus.publish(p_facts);
      ELSIF v_new IS NOT NULL THEN  -- some came before, and were told of then
        PERFORM bus.publish((SELECT jsonb_agg(fact) FROM jsonb_array_elements(p_facts) fact
                             WHERE fact -> 'data' ->> 'assessment_id' = ANY (v_new)));
      END IF;
      RETURN QUERY SELECT unnest(v_new), v_needs;
    END $$;
"""


def upgrade() -> None:
    op.execute(SUBMIT)


def downgrade() -> None:
    op.execute("DROP FUNCTION intake.submit(jsonb, jsonb, jsonb, jsonb, jsonb, jsonb);")
