"""Create the notifications schema: intents, attempts, answers, follow-ups, calls, silences."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE notifications.notification (
            id uuid PRIMARY KEY,
            dedupe_key text NOT NULL UNIQUE,
            audience text NOT NULL CHECK (audience IN ('person', 'organization', 'focal_point', 'coordinator')),
            template_id text NOT NULL,
            variables jsonb NOT NULL,
            assessment_id uuid,
            referral_id uuid,
            person_id uuid,
            organization_id uuid,
            focal_point_id uuid,
            follow_up_id uuid,
            sensitivity text NOT NULL CHECK (sensitivity IN ('S0', 'S1', 'S2', 'S3')),
            priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 3),
            status text NOT NULL DEFAULT 'queued' CHECK (status IN ('held', 'queued', 'sending', 'sent', 'delivered',
                'failed', 'unknown', 'refused', 'cancelled')),
            reason text,
            sent_template_id text,
            language text,
            due_at timestamptz NOT NULL,
            expires_at timestamptz,
            attempts smallint NOT NULL DEFAULT 0,
            token uuid,
            lease_until timestamptz,
            version integer NOT NULL DEFAULT 0,
            correlation_id text,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        COMMENT ON COLUMN notifications.notification.variables IS
            'what fills the slots of the template; the text itself is never stored';
        COMMENT ON COLUMN notifications.notification.version IS 'how many notification.updated facts were published';
        CREATE INDEX notification_due ON notifications.notification (priority, due_at)
            WHERE status IN ('held', 'queued');
        CREATE INDEX notification_leased ON notifications.notification (lease_until) WHERE status = 'sending';
        CREATE INDEX notification_of_assessment ON notifications.notification (assessment_id, created_at, id);
        CREATE INDEX notification_waiting_for_person ON notifications.notification (person_id)
            WHERE status IN ('held', 'queued') AND audience = 'person';
        CREATE INDEX notification_waiting_for_referral ON notifications.notification (referral_id)
            WHERE status IN ('held', 'queued');
        CREATE INDEX notification_created ON notifications.notification USING brin (created_at);
        CREATE INDEX notification_of_follow_up ON notifications.notification (follow_up_id, created_at)
            WHERE follow_up_id IS NOT NULL;
        CREATE INDEX notification_troubled ON notifications.notification (updated_at DESC, id DESC)
            WHERE status IN ('failed', 'unknown', 'refused');

        CREATE TABLE notifications.delivery (
            id uuid PRIMARY KEY,
            notification_id uuid NOT NULL REFERENCES notifications.notification (id) ON DELETE CASCADE,
            attempt smallint NOT NULL,
            channel text NOT NULL,
            number_index bytea,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended text CHECK (ended IN ('accepted', 'delivered', 'temporary', 'permanent', 'unknown', 'unavailable')),
            error_class text,
            report text,
            reported_at timestamptz,
            answered_at timestamptz,
            answer text
        ) WITH (fillfactor = 80);
        COMMENT ON COLUMN notifications.delivery.number_index IS
            'keyed hash of the phone a person was written to, to match an answer; the number is not stored';
        CREATE INDEX delivery_of_notification ON notifications.delivery (notification_id, attempt);
        CREATE INDEX delivery_to_number ON notifications.delivery (number_index, started_at DESC)
            WHERE number_index IS NOT NULL;

        CREATE TABLE notifications.report (
            delivery_id uuid NOT NULL,
            code smallint NOT NULL,
            received_at timestamptz NOT NULL,
            settled_at timestamptz,
            PRIMARY KEY (delivery_id, code)
        ) WITH (fillfactor = 80);
        CREATE INDEX report_open ON notifications.report (received_at) WHERE settled_at IS NULL;

        CREATE TABLE notifications.inbound (
            id uuid PRIMARY KEY,
            channel text NOT NULL,
            external_id text NOT NULL,
            number_indexes bytea[] NOT NULL,
            sealed_text bytea,
            received_at timestamptz NOT NULL,
            read_at timestamptz,
            kind text,
            delivery_id uuid,
            UNIQUE (channel, external_id)
        );
        COMMENT ON COLUMN notifications.inbound.sealed_text IS 'encrypted; erased after 90 days';
        CREATE INDEX inbound_open ON notifications.inbound (received_at) WHERE read_at IS NULL;
        CREATE INDEX inbound_with_text ON notifications.inbound (received_at) WHERE sealed_text IS NOT NULL;
        CREATE INDEX inbound_of_delivery ON notifications.inbound (delivery_id) WHERE delivery_id IS NOT NULL;

        CREATE TABLE notifications.follow_up (
            id uuid PRIMARY KEY,
            check_id text NOT NULL,
            referral_id uuid NOT NULL,
            assessment_id uuid NOT NULL,
            person_id uuid NOT NULL,
            focal_point_id uuid,
            sensitivity text NOT NULL,
            priority smallint NOT NULL,
            mode text NOT NULL CHECK (mode IN ('auto', 'call')),
            ends_when_completed boolean NOT NULL,
            state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'asked', 'answered', 'called', 'cancelled')),
            tries smallint NOT NULL DEFAULT 0,
            due_at timestamptz NOT NULL,
            correlation_id text,
            UNIQUE (referral_id, check_id)
        );
        CREATE INDEX follow_up_due ON notifications.follow_up (due_at) WHERE state IN ('planned', 'asked');
        CREATE INDEX follow_up_of_person ON notifications.follow_up (person_id) WHERE state IN ('planned', 'asked');

        CREATE TABLE notifications.call (
            id uuid PRIMARY KEY,
            about uuid NOT NULL,
            assessment_id uuid,
            referral_id uuid,
            person_id uuid,
            focal_point_id uuid,
            notification_id uuid,
            reason text NOT NULL,
            sensitivity text NOT NULL,
            priority smallint NOT NULL,
            due_at timestamptz NOT NULL,
            opened_at timestamptz NOT NULL,
            closed_at timestamptz,
            closed_by uuid,
            result text
        );
        CREATE UNIQUE INDEX call_open_once ON notifications.call (about, reason) WHERE closed_at IS NULL;
        CREATE INDEX call_open ON notifications.call (focal_point_id, due_at, id) WHERE closed_at IS NULL;
        CREATE INDEX call_of_assessment ON notifications.call (assessment_id);

        CREATE TABLE notifications.opt_out (
            id uuid PRIMARY KEY,
            person_id uuid NOT NULL,
            channel text NOT NULL,
            reason text NOT NULL CHECK (reason IN ('opted_out', 'danger_word', 'unexpected_reply')),
            since timestamptz NOT NULL,
            lifted_at timestamptz,
            lifted_by uuid
        );
        CREATE UNIQUE INDEX opt_out_holds ON notifications.opt_out (person_id, reason) WHERE lifted_at IS NULL;

        CREATE TABLE notifications.contact_slot (
            person_id uuid NOT NULL,
            day date NOT NULL,
            slot smallint NOT NULL,
            notification_id uuid NOT NULL,
            PRIMARY KEY (person_id, day, slot)
        );
        COMMENT ON TABLE notifications.contact_slot IS
            'one row per message to a person and local day: its key holds the daily limit, whoever sends at once';
        CREATE INDEX contact_slot_of_notification ON notifications.contact_slot (notification_id);

        CREATE TABLE notifications.restricted_person (
            person_id uuid PRIMARY KEY,
            since timestamptz NOT NULL
        );
        COMMENT ON TABLE notifications.restricted_person IS
            'has a restricted need: every message to this person counts as restricted';

        CREATE TABLE notifications.sandbox_message (
            id uuid PRIMARY KEY,
            number_index bytea NOT NULL,
            phone_end text NOT NULL,
            direction text NOT NULL CHECK (direction IN ('out', 'in')),
            text text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX sandbox_message_newest ON notifications.sandbox_message (at DESC, id DESC);
        CREATE INDEX sandbox_message_of_number ON notifications.sandbox_message (number_index, at DESC);
        """
    )


def downgrade() -> None:
    for table in (
        "sandbox_message",
        "restricted_person",
        "contact_slot",
        "opt_out",
        "call",
        "follow_up",
        "inbound",
        "report",
        "delivery",
        "notification",
    ):
        op.execute(f"DROP TABLE notifications.{table}")
