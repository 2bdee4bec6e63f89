"""Create the intake schema: persons, consents, assessments, and what became of each need."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE intake.person (
            id uuid PRIMARY KEY,
            organization_id uuid NOT NULL,
            key_id text NOT NULL,
            data_key bytea NOT NULL,
            profile bytea,
            age_band text NOT NULL,
            gender text NOT NULL,
            nationality text,
            population_type text NOT NULL,
            languages text[] NOT NULL,
            documents text[] NOT NULL,
            accessibility text[] NOT NULL,
            withdrawals integer NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        );
        COMMENT ON COLUMN intake.person.profile IS 'sealed JSON: name, birth_date, age';
        COMMENT ON COLUMN intake.person.data_key IS 'the person''s own key, wrapped by the key named in key_id';

        CREATE TABLE intake.assessment (
            id uuid PRIMARY KEY,
            body_mac bytea NOT NULL,
            person_id uuid NOT NULL REFERENCES intake.person (id) ON DELETE CASCADE,
            organization_id uuid NOT NULL,
            focal_point_id uuid NOT NULL,
            country text NOT NULL,
            locality text NOT NULL,
            place_detail bytea,
            assessed_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            household_size smallint,
            children smallint[] NOT NULL,
            preferences text[] NOT NULL,
            criteria bytea,
            restricted_only boolean NOT NULL
        );
        COMMENT ON COLUMN intake.assessment.criteria IS 'sealed JSON list; restricted criteria never stand in clear';
        CREATE INDEX assessment_of_organization
            ON intake.assessment (organization_id, received_at DESC, id DESC);
        CREATE INDEX assessment_received ON intake.assessment (received_at DESC, id DESC)
            WHERE NOT restricted_only;
        CREATE INDEX assessment_of_person ON intake.assessment (person_id);

        CREATE TABLE intake.consent (
            assessment_id uuid PRIMARY KEY REFERENCES intake.assessment (id) ON DELETE CASCADE,
            share boolean NOT NULL,
            given_by text NOT NULL CHECK (given_by IN ('person', 'caregiver', 'other_adult')),
            assent boolean NOT NULL,
            contact boolean NOT NULL,
            statistics boolean NOT NULL,
            authorities boolean NOT NULL,
            withheld_from uuid[] NOT NULL,
            obtained_at timestamptz NOT NULL,
            override_basis text,
            override_author text,
            override_approver text,
            share_withdrawn_at timestamptz,
            contact_withdrawn_at timestamptz,
            CHECK (override_basis IS NULL OR (override_author IS NOT NULL AND override_approver IS NOT NULL))
        );

        CREATE TABLE intake.safe_contact (
            id uuid PRIMARY KEY,
            person_id uuid NOT NULL REFERENCES intake.person (id) ON DELETE CASCADE,
            assessment_id uuid NOT NULL REFERENCES intake.assessment (id) ON DELETE CASCADE,
            channel text NOT NULL,
            phone bytea NOT NULL,
            neutral_name bytea,
            owner text NOT NULL,
            safe_days text[] NOT NULL,
            safe_from text,
            safe_until text,
            timezone text NOT NULL,
            language text NOT NULL,
            sensitive_ok boolean NOT NULL,
            recorded_at timestamptz NOT NULL,
            opted_out_at timestamptz
        );
        CREATE INDEX safe_contact_of_person ON intake.safe_contact (person_id, recorded_at DESC);
        CREATE INDEX safe_contact_of_assessment ON intake.safe_contact (assessment_id);

        CREATE TABLE intake.need (
            id uuid PRIMARY KEY,
            assessment_id uuid NOT NULL REFERENCES intake.assessment (id) ON DELETE CASCADE,
            position smallint NOT NULL,
            code text NOT NULL,
            restricted boolean NOT NULL,
            refer boolean NOT NULL,
            facts bytea
        );
        CREATE INDEX need_of_assessment ON intake.need (assessment_id);

        CREATE TABLE intake.need_referral (
            referral_id uuid PRIMARY KEY,
            need_id uuid NOT NULL,
            assessment_id uuid NOT NULL,
            person_id uuid NOT NULL,
            organization_id uuid,
            service_id uuid,
            focal_point_id uuid,
            service_type text,
            priority smallint NOT NULL,
            status text NOT NULL,
            reason text,
            turn text NOT NULL,
            due_at timestamptz,
            predecessor_id uuid,
            appointment_at timestamptz,
            outcome text,
            missed_clock text,
            seq bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX need_referral_of_assessment ON intake.need_referral (assessment_id);
        CREATE INDEX need_referral_open ON intake.need_referral (focal_point_id, due_at) WHERE turn <> 'none';

        CREATE TABLE intake.need_message (
            notification_id uuid PRIMARY KEY,
            assessment_id uuid NOT NULL,
            referral_id uuid,
            audience text NOT NULL,
            template_id text NOT NULL,
            channel text,
            status text NOT NULL,
            reason text,
            seq bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX need_message_of_assessment ON intake.need_message (assessment_id);

        CREATE TABLE intake.need_gap (
            gap_id uuid PRIMARY KEY,
            need_id uuid NOT NULL,
            assessment_id uuid NOT NULL,
            focal_point_id uuid,
            service_type text,
            reason text NOT NULL,
            priority smallint NOT NULL,
            recorded_at timestamptz NOT NULL
        );
        CREATE INDEX need_gap_of_assessment ON intake.need_gap (assessment_id);
        CREATE INDEX need_gap_of_focal_point ON intake.need_gap (focal_point_id, recorded_at DESC);

        CREATE TABLE intake.call (
            call_id uuid PRIMARY KEY,
            assessment_id uuid,
            referral_id uuid,
            person_id uuid,
            focal_point_id uuid,
            reason text NOT NULL,
            due_at timestamptz NOT NULL,
            requested_at timestamptz NOT NULL,
            done_at timestamptz
        );
        CREATE INDEX call_of_assessment ON intake.call (assessment_id);
        CREATE INDEX call_open ON intake.call (focal_point_id, due_at) WHERE done_at IS NULL;

        CREATE TABLE intake.outcome (
            outcome_id uuid PRIMARY KEY,
            referral_id uuid NOT NULL,
            assessment_id uuid NOT NULL,
            outcome text NOT NULL,
            source text NOT NULL,
            follow_up text,
            reported_by uuid,
            reported_at timestamptz NOT NULL
        );
        CREATE INDEX outcome_of_assessment ON intake.outcome (assessment_id);

        CREATE TABLE intake.access (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL,
            account_id text NOT NULL,
            role text NOT NULL,
            organization_id uuid,
            person_id uuid NOT NULL REFERENCES intake.person (id) ON DELETE CASCADE,
            purpose text NOT NULL,
            granted boolean NOT NULL
        );
        COMMENT ON TABLE intake.access IS 'who asked to see a person''s data, and whether it was shown';
        CREATE INDEX access_of_person ON intake.access (person_id, at DESC);
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE intake.access, intake.outcome, intake.call, intake.need_gap, intake.need_message,
            intake.need_referral, intake.need, intake.safe_contact, intake.consent, intake.assessment,
            intake.person;
        """
    )
