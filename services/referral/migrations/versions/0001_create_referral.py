"""Create the directory, referrals with their clocks and receipts, and the gap ledger."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DIRECTORY = """
    CREATE TABLE referral.directory_state (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        version bigint NOT NULL
    );
    INSERT INTO referral.directory_state (version) VALUES (1);

    CREATE TABLE referral.organization (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        kind text NOT NULL,
        country text NOT NULL,
        phone text,
        language text NOT NULL,
        timezone text NOT NULL,
        email text,
        website text,
        gates jsonb NOT NULL,
        fingerprint text NOT NULL,
        version bigint NOT NULL,
        updated_at timestamptz NOT NULL
    );

    CREATE TABLE referral.location (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        locality text NOT NULL,
        address text,
        latitude double precision,
        longitude double precision,
        confidential boolean NOT NULL,
        version bigint NOT NULL,
        CHECK (NOT confidential OR (address IS NULL AND latitude IS NULL AND longitude IS NULL))
    );

    CREATE TABLE referral.service (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES referral.organization (id),
        name text NOT NULL,
        description text NOT NULL,
        active boolean NOT NULL,
        types text[] NOT NULL,
        country text NOT NULL,
        areas text[] NOT NULL,
        "national" boolean NOT NULL,
        remote boolean NOT NULL,
        capabilities text[] NOT NULL,
        serves text[] NOT NULL,
        minimum_age double precision,
        maximum_age double precision,
        languages text[] NOT NULL,
        documents text[] NOT NULL,
        other_documents text[] NOT NULL,
        accessibility text[] NOT NULL,
        free boolean NOT NULL,
        openings jsonb NOT NULL,
        always_open boolean NOT NULL,
        public boolean NOT NULL,
        gates jsonb NOT NULL,
        confidential boolean NOT NULL,
        alert text,
        url text,
        application_process text NOT NULL,
        phones text[] NOT NULL,
        location_ids uuid[] NOT NULL,
        valid_from date,
        valid_to date,
        verified_at date,
        verified_by text,
        source text,
        next_check date,
        fingerprint text NOT NULL,
        version bigint NOT NULL,
        updated_at timestamptz NOT NULL
    );
    CREATE INDEX service_version ON referral.service (version);
    CREATE INDEX service_organization ON referral.service (organization_id);

    CREATE TABLE referral.capacity (
        service_id uuid PRIMARY KEY REFERENCES referral.service (id),
        status text NOT NULL,
        available integer CHECK (available >= 0),
        valid_until timestamptz,
        updated_at timestamptz NOT NULL,
        updated_by uuid,
        version bigint NOT NULL
    );
    CREATE INDEX capacity_version ON referral.capacity (version);
"""

CASES = """
    CREATE TABLE referral.person_case (
        assessment_id uuid PRIMARY KEY,
        person_id uuid NOT NULL,
        facts jsonb NOT NULL,
        withdrawn_at timestamptz,
        created_at timestamptz NOT NULL
    );
    CREATE INDEX person_case_person ON referral.person_case (person_id);
    COMMENT ON TABLE referral.person_case IS
        'What an assessment said about a person, in bands and codes; kept to ask the next provider. Restricted.';

    CREATE TABLE referral.referral (
        id uuid PRIMARY KEY,
        assessment_id uuid NOT NULL REFERENCES referral.person_case (assessment_id),
        person_id uuid NOT NULL,
        need_id uuid NOT NULL,
        need_code text NOT NULL,
        service_type text NOT NULL,
        sensitivity text NOT NULL,
        priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
        mode text NOT NULL,
        route jsonb NOT NULL,
        organization_id uuid NOT NULL,
        service_id uuid NOT NULL REFERENCES referral.service (id),
        referring_organization_id uuid,
        focal_point_id uuid,
        country text NOT NULL,
        locality text NOT NULL,
        age_band text NOT NULL,
        gender text NOT NULL,
        languages text[] NOT NULL,
        contact_allowed boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('draft', 'requested', 'received', 'accepted', 'rejected',
            'in_progress', 'on_hold', 'completed', 'cancelled', 'failed')),
        reason text,
        held_from text,
        limits integer[] NOT NULL,
        deadline_hours double precision NOT NULL,
        needed_by timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        since timestamptz NOT NULL,
        marked timestamptz NOT NULL,
        due_at timestamptz,
        decide_due timestamptz,
        decide_since timestamptz,
        paused boolean NOT NULL,
        turn text NOT NULL,
        version integer NOT NULL,
        settled integer NOT NULL,
        attempt smallint NOT NULL,
        predecessor_id uuid REFERENCES referral.referral (id),
        successor_id uuid,
        appointment_at timestamptz,
        outcome text,
        escalated_to text,
        escalated_at timestamptz
    );
    CREATE UNIQUE INDEX referral_once ON referral.referral (need_id, (route ->> 'row_id'), attempt);
    CREATE INDEX referral_assessment ON referral.referral (assessment_id);
    CREATE INDEX referral_provider ON referral.referral (organization_id, priority, due_at, id);
    CREATE INDEX referral_referrer ON referral.referral (referring_organization_id, id);
    CREATE INDEX referral_unanswered ON referral.referral (service_id)
        WHERE status IN ('requested', 'received');
    CREATE INDEX referral_escalated ON referral.referral (priority, escalated_at)
        WHERE escalated_to IS NOT NULL;
    CREATE INDEX referral_drafts ON referral.referral (priority, created_at) WHERE status = 'draft';

    CREATE TABLE referral.clock (
        referral_id uuid PRIMARY KEY REFERENCES referral.referral (id),
        due_at timestamptz NOT NULL
    );
    CREATE INDEX clock_due ON referral.clock (due_at);

    CREATE TABLE referral.step (
        referral_id uuid NOT NULL REFERENCES referral.referral (id),
        version integer NOT NULL,
        action text NOT NULL,
        party text NOT NULL,
        account_id uuid,
        from_status text,
        to_status text NOT NULL,
        reason text,
        note text,
        said text,
        idempotency_key text,
        correlation_id text,
        at timestamptz NOT NULL,
        PRIMARY KEY (referral_id, version)
    );
    CREATE UNIQUE INDEX step_once ON referral.step (referral_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL;

    CREATE TABLE referral.gap (
        id uuid PRIMARY KEY,
        assessment_id uuid NOT NULL REFERENCES referral.person_case (assessment_id),
        person_id uuid NOT NULL,
        need_id uuid NOT NULL,
        need_code text NOT NULL,
        service_type text NOT NULL,
        sensitivity text NOT NULL,
        priority smallint NOT NULL,
        country text NOT NULL,
        locality text NOT NULL,
        age_band text NOT NULL,
        gender text NOT NULL,
        reason text NOT NULL,
        route jsonb NOT NULL,
        referring_organization_id uuid,
        focal_point_id uuid,
        referral_id uuid REFERENCES referral.referral (id),
        created_at timestamptz NOT NULL,
        closed_at timestamptz
    );
    CREATE UNIQUE INDEX gap_once ON referral.gap (need_id, (route ->> 'row_id'));
    CREATE INDEX gap_open ON referral.gap (priority, created_at) WHERE closed_at IS NULL;
    CREATE INDEX gap_place ON referral.gap (country, locality, service_type);

    CREATE TABLE referral.receipt (
        id uuid PRIMARY KEY,
        assessment_id uuid NOT NULL,
        body jsonb NOT NULL,
        created_at timestamptz NOT NULL
    );
    COMMENT ON TABLE referral.receipt IS 'Why a need went where it went; id is that of its referral or gap.';

    CREATE TABLE referral.outcome (
        id uuid PRIMARY KEY,
        referral_id uuid NOT NULL REFERENCES referral.referral (id),
        outcome text NOT NULL,
        source text NOT NULL,
        follow_up text,
        at timestamptz NOT NULL
    );
    CREATE INDEX outcome_referral ON referral.outcome (referral_id);
"""


def upgrade() -> None:
    op.execute(DIRECTORY)
    op.execute(CASES)


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE referral.outcome, referral.receipt, referral.gap, referral.step, referral.clock,
            referral.referral, referral.person_case, referral.capacity, referral.service, referral.location,
            referral.organization, referral.directory_state
        """
    )
