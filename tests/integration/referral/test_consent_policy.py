"""Who consents is decided where consent is taken in, by the rules in force: from table to refusal, over the bus."""

from datetime import UTC, datetime, timedelta

import pytest

from services.intake.app import create_app
from services.intake.operations import consent_rules
from services.intake.operations.consent_rules import ConsentRules
from services.referral.operations import consent_policy
from services.referral.settings import Settings
from services.referral.store import versions
from services.referral.worker import make_worker
from shared.bus import Inbox, drain
from tests.integration.intake.conftest import HANDLERS, Intake, settings_of
from tests.integration.referral.callers import SECRET
from tests.integration.referral.drafting import (
    a_draft,
    act,
    answered,
    approved_before,
    changed,
    published,
    upload,
)
from tests.unit.intake.builders import a_document

TOLD = "consent_policy.scheduled.v1"
ALONE = (201, None)
NOT_ALONE = (422, "child_own_consent")


@pytest.fixture
def intake(directory, clean_stack):
    app = create_app(settings_of(clean_stack))
    app.testing = True
    rules = ConsentRules(clean_stack.engine("intake"), passed=Clock())
    app.extensions["ruta"].resources["consent_rules"] = rules
    return Taken(Intake(clean_stack, app))


class Clock:
    """At every look more time has passed than rules stay unasked for."""

    def __init__(self):
        self.passed = 0.0

    def __call__(self):
        self.passed += consent_rules.EVERY
        return self.passed


class Taken:
    """Assessments as they are taken in."""

    def __init__(self, service):
        self.service = service
        self.focal_point = service.caller()

    def hear(self):
        drain(Inbox(self.service.stack.engine("intake"), "intake", HANDLERS))

    def of(self, age=16, *, given_by="person", country="CO", at=None, **consent):
        """Status and first code of the answer to somebody of this age whose consent was given at a moment."""
        stamp = (at or datetime.now(UTC)).isoformat()
        place = {"CO": "CO-CUCUTA", "EC": "EC-QUITO", "PE": "PE-LIMA"}[country]
        document = a_document(
            assessed_at=stamp,
            place={"country": country, "locality": place, "detail": None},
            person__age=age,
            consent__obtained_at=stamp,
            consent__given_by=given_by,
            household=None,
            **{f"consent__{name}": value for name, value in consent.items()},
        )
        answer = self.focal_point.post("/assessments", document)
        self.document = document
        return answer.status_code, answer.json["errors"][0]["code"] if answer.status_code != 201 else None

    def told(self):
        return self.service.events(TOLD)


OWN = '"""consent""","""consent_with_permission"""'
AS_A_CHILD = '"""oral_assent""","""consent"""'


def stricter(author, **draft):
    """A draft in which somebody of fifteen to seventeen needs a caregiver's consent."""
    made = author.post("/pathways", {"note": "Prueba", **draft}).get_json()
    text = changed("C-04", OWN, AS_A_CHILD, "consent_policy")
    return upload(author, made, "consent_policy", text).get_json()


def test_an_approved_row_changes_what_is_refused(intake, author, second):
    assert intake.of() == ALONE
    published(author, second, stricter(author))
    intake.hear()
    assert intake.of() == NOT_ALONE
    assert intake.of(given_by="caregiver") == (422, "assent_missing")
    assert intake.of(given_by="caregiver", assent=True) == ALONE
    assert intake.of(14, given_by="mature_minor") == ALONE


def test_an_approved_row_may_also_allow_what_was_refused(intake, author, second):
    assert intake.of(14) == NOT_ALONE
    made = upload(
        author,
        a_draft(author),
        "consent_policy",
        changed("C-03", '"""written_assent""","""consent"""', '"""consent""","""none"""', "consent_policy"),
    ).get_json()
    published(author, second, made)
    intake.hear()
    assert intake.of(14) == ALONE
    assert intake.of(11) == NOT_ALONE


def test_a_row_of_one_country_counts_in_it_alone(intake, author, second):
    text = changed("C-04", "C-04,-,", 'C-04,"""CO"", ""PE""",', "consent_policy")
    row = (
        'C-11,"""EC""",-,[15..17],"""C2""","""oral_assent""","""consent""","""other_adult""",'
        "a,a,(P),unreviewed,,\n"
    )
    made = upload(author, a_draft(author), "consent_policy", text + row).get_json()
    published(author, second, made)
    intake.hear()
    assert intake.of(country="CO") == ALONE
    assert intake.of(country="PE") == ALONE
    assert intake.of(country="EC") == NOT_ALONE


def test_a_row_that_would_let_a_small_child_consent_alone_is_not_published(author, directory):
    made = upload(
        author,
        a_draft(author),
        "consent_policy",
        changed("C-01", '"""none""","""consent"""', '"""consent""","""none"""', "consent_policy"),
    ).get_json()
    made = act(author, made, "prove")
    found = {one["table"]: one for one in made["findings"] if one["kind"] == "invariant"}
    assert found["consent_policy"]["rows"] == ["C-01"]
    assert found["consent_policy"]["blocking"]
    assert made["state"] == "draft"


def test_a_dated_version_counts_from_its_moment_and_what_was_consented_before_stays(intake, author, second):
    begins = datetime.now(UTC) + timedelta(minutes=4)
    published(author, second, stricter(author), live_from=begins.isoformat())
    intake.hear()
    assert intake.of(at=begins - timedelta(seconds=1)) == ALONE
    assert intake.of(at=begins) == NOT_ALONE


def test_a_contingency_table_comes_and_goes_by_itself(intake, author, second):
    made = stricter(author, contingency=True)
    made = act(author, answered(author, made), "propose")
    now = datetime.now(UTC)
    begins, ends = now + timedelta(minutes=1), now + timedelta(minutes=3)
    act(second, made, "approve", live_from=begins.isoformat(), live_until=ends.isoformat())
    intake.hear()
    found = [intake.of(at=now + timedelta(minutes=minutes)) for minutes in (0, 2, 4)]
    assert found == [ALONE, NOT_ALONE, ALONE]


def test_a_retired_version_counts_no_longer(intake, author, second):
    made = published(author, second, stricter(author))
    intake.hear()
    during = datetime.now(UTC)
    act(second, made, "retire", reason="Fue un error")
    assert intake.of() == NOT_ALONE
    intake.hear()
    assert intake.of() == ALONE
    assert intake.of(at=during) == NOT_ALONE


def test_what_was_taken_in_is_answered_the_same_after_the_rules_changed(intake, author, second):
    assert intake.of() == ALONE
    document = intake.document
    published(author, second, stricter(author))
    intake.hear()
    assert intake.focal_point.post("/assessments", document).status_code == 200


def test_a_version_that_leaves_consent_as_it_is_tells_nothing(intake, author, second):
    made = upload(author, a_draft(author), "priority", changed("U-26", '""P2""', '""P1""')).get_json()
    published(author, second, made)
    assert intake.told() == []
    published(author, second, stricter(author))
    assert len(intake.told()) == 1
    assert len(intake.told()[0]["periods"]) == 2


def test_it_is_told_with_the_approval_or_not_at_all(intake, author, second, monkeypatch):
    made = act(author, answered(author, stricter(author)), "propose")

    def fails(*_, **__):
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr(consent_policy.bus, "publish", fails)
        answer = second.post(f"/pathways/{made['id']}/approve", {"version": made["version"]})
        assert answer.status_code == 500
    assert author.get(f"/pathways/{made['id']}").get_json()["state"] == "proposed"
    assert intake.told() == []
    act(second, made, "approve")
    assert len(intake.told()) == 1


@pytest.fixture
def in_force_since_before(directory):
    with directory.engine.begin() as conn:
        versions.add(conn, approved_before(directory.now))


def test_what_was_in_force_before_the_upgrade_is_told_once(intake, in_force_since_before, stack):
    job = next(one for one in worker(stack).jobs if one.name == "referral.tell_consent_policy")
    assert intake.of() == ALONE
    assert job.oldest_due() == 0.0
    assert job.run(lambda: False)
    assert job.oldest_due() is None
    assert not job.run(lambda: False)
    intake.hear()
    assert len(intake.told()) == 1
    assert intake.of() == NOT_ALONE


def test_what_was_in_force_and_would_let_a_small_child_consent_alone_never_counts(intake, directory, stack):
    alone = changed("C-01", '"""none""","""consent"""', '"""consent""","""none"""', "consent_policy")
    with directory.engine.begin() as conn:
        versions.add(conn, approved_before(directory.now, alone))
    job = next(one for one in worker(stack).jobs if one.name == "referral.tell_consent_policy")
    job.run(lambda: False)
    assert job.oldest_due() is None
    intake.hear()
    assert intake.of(4) == NOT_ALONE
    assert intake.of(4, given_by="caregiver") == ALONE


def test_while_only_packaged_tables_decide_there_is_nothing_to_tell(intake, stack):
    job = next(one for one in worker(stack).jobs if one.name == "referral.tell_consent_policy")
    assert job.oldest_due() is None
    assert not job.run(lambda: False)
    assert intake.told() == []


def worker(stack):
    return make_worker(
        Settings(
            database_url=stack.database_url("referral"),
            broker_url=stack.broker_url,
            secret_key=SECRET,
            intake_url="http://127.0.0.1:9",
        )
    )
