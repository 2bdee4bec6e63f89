"""The notifications service on a real database, with contacts and phones that a test decides on."""

import base64
import os
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.notifications.app import create_app
from services.notifications.channels.base import DeliveryError, Receipt
from services.notifications.clients.contacts import ContactsUnavailable, StaffContact
from services.notifications.domain.gates import DAYS, Contact, Limits
from services.notifications.operations import answering, following, settling
from services.notifications.operations.answering import Incoming
from services.notifications.operations.sending import Sender, send_due
from services.notifications.settings import Settings
from services.notifications.store.sealing import Seals
from services.notifications.subscriptions import make_handlers
from services.referral.domain.follow_up import checks_from
from services.referral.domain.pathway_policies import follow_ups
from services.referral.domain.pathway_tables import Pathway
from shared import bus
from shared.bus import Inbox
from shared.events.referral import ReferralAccepted, ReferralCompleted, ReferralRequested
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web import Actor

SECRET = "a secret key that is long enough for tests"
GATEWAY_SECRET = "a-gateway-secret-of-28-chars"
KEY = base64.urlsafe_b64encode(os.urandom(32)).decode()
RECEIPT = Receipt()
WIDE = Limits(per_day=5, per_week=20)
TUESDAY_10 = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 10:00 in Bogota
PHONE, STAFF_PHONE = "+573001112233", "+573009998877"


@dataclass
class Phones:
    """A channel that remembers what it was given. `answer` decides what becomes of each message."""

    name: str = "phones"
    got: list = field(default_factory=list)
    answer: Any = RECEIPT
    during: Any = None

    def send_all(self, messages, should_stop=None):
        self.got += messages
        if self.during:
            self.during()
        return {message.delivery_id: self.answer for message in messages}

    def lane(self):
        return self

    def room(self):
        return 1_000

    def texts_to(self, phone):
        return [message.text for message in self.got if message.to == phone]


@dataclass
class Book:
    """Contacts as the other services would answer them. `default` serves whoever is not named."""

    default: Contact | None
    persons_known: dict = field(default_factory=dict)
    staff_phone: str | None = STAFF_PHONE
    away: bool = False
    asked: int = 0

    def persons(self, person_ids):
        self.asked += 1
        if self.away:
            raise ContactsUnavailable("away")
        found = {one: self.persons_known.get(one, self.default) for one in person_ids}
        return {one: replace(contact, person_id=one) for one, contact in found.items() if contact}

    def organizations(self, organization_ids):
        return {one: StaffContact(one, self.staff_phone) for one in organization_ids}


@dataclass
class Notifications:
    """The service under test: facts in, texts out, answers in, facts out."""

    stack: Any
    phones: Phones
    book: Book
    seals: Seals
    limits: Limits = WIDE
    now: datetime = TUESDAY_10
    day: timedelta = timedelta(days=1)

    @property
    def engine(self):
        return self.stack.engine("notifications")

    def hears(self, *facts, at=None):
        publisher = self.stack.engine("admin")
        with publisher.begin() as conn:
            bus.publish(conn, facts, now=at or self.now, correlation_id="c0ffee")
        return bus.drain(Inbox(self.engine, "notifications", make_handlers(self.day)))

    def sends(self, **kwargs):
        sender = Sender(self.engine, None, self.book, self.phones, self.seals, self.limits, lambda: self.now)
        return send_due(sender, **kwargs)

    def settles(self):
        with self.engine.begin() as conn:
            return settling.settle_reports(conn, now=self.now) + settling.settle_abandoned(conn, now=self.now)

    def asks(self):
        with self.engine.begin() as conn:
            return following.ask_due(conn, now=self.now, day=self.day)

    def answers(self, said, phone=PHONE, external_id=None):
        incoming = Incoming("phones", external_id or new_id(), tuple(self.seals.indexes(phone)), said)
        with self.engine.begin() as conn:
            answering.receive(conn, self.seals, incoming, now=self.now)
            answering.read_answers(conn, self.seals, now=self.now)

    def reads_answers(self):
        with self.engine.begin() as conn:
            return answering.read_answers(conn, self.seals, now=self.now + timedelta(days=1))

    def answers_with_broken_seal(self):
        other = Seals.from_setting("ff" * 32)
        incoming = Incoming("phones", new_id(), tuple(self.seals.indexes(PHONE)), "1")
        with self.engine.begin() as conn:
            answering.receive(conn, other, incoming, now=self.now)
        self.reads_answers()

    def forgets(self):
        with self.engine.begin() as conn:
            return settling.forget_texts(conn, now=self.now)

    def rows(self, query, **parameters):
        with self.stack.engine("admin").connect() as conn:
            return [dict(row) for row in conn.execute(text(query), parameters).mappings()]

    def statuses(self, audience="person"):
        query = "SELECT status, reason FROM notifications.notification WHERE audience = :a ORDER BY created_at, id"
        return [(row["status"], row["reason"]) for row in self.rows(query, a=audience)]

    def calls(self):
        return [
            row["reason"] for row in self.rows("SELECT reason FROM notifications.call ORDER BY opened_at, id")
        ]

    def told(self, kind):
        query = "SELECT data, seq, sensitivity, priority, correlation_id FROM bus.event WHERE type = :kind ORDER BY id"
        return self.rows(query, kind=kind)

    def later(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def service(clean_stack):
    contact = Contact(person_id="", contact_allowed=True, channel="sms", phone=PHONE, age_band="18-59")
    return Notifications(clean_stack, Phones(), Book(contact), Seals.from_setting(KEY))


@pytest.fixture
def app(clean_stack):
    settings = Settings(
        database_url=clean_stack.database_url("notifications"),
        broker_url=clean_stack.broker_url,
        secret_key=SECRET,
        encryption_key=KEY,
        intake_url="http://127.0.0.1:9",
        referral_url="http://127.0.0.1:9",
        sms_channel="sandbox",
        kannel_dlr_secret=GATEWAY_SECRET,
        environment="demo",
    )
    return create_app(settings)


@dataclass
class Caller:
    """Somebody of a role, calling the API."""

    client: Any
    role: str
    account_id: str = field(default_factory=new_id)
    organization_id: str | None = None

    def headers(self):
        actor = Actor(self.account_id, self.role, self.organization_id, "Prueba", "es", new_id(), "api")
        return {"Authorization": f"Bearer {mint(actor, secret_key=SECRET)}"}

    def get(self, path, **kwargs):
        return self.client.get(f"/notifications/api/v1{path}", headers=self.headers(), **kwargs)

    def post(self, path, body, **kwargs):
        return self.client.post(f"/notifications/api/v1{path}", headers=self.headers(), json=body, **kwargs)


@pytest.fixture
def call_as(app):
    return lambda role, **kwargs: Caller(app.test_client(), role, **kwargs)


def a_contact(person_id):
    """What intake answers about somebody who may be written to at any time."""
    return {
        "person_id": person_id, "contact_allowed": True, "channel": "sms", "phone": PHONE, "owner": "self",
        "safe_days": list(DAYS), "safe_hours": ["00:00", "23:59"], "timezone": "America/Bogota", "language": "es",
        "sensitive_ok": False, "neutral_name": None, "age_band": "18-59", "reason": None,
    }  # fmt: skip


CASE = {
    "need_id": "0190aaaa-0000-7000-8000-00000000000a",
    "service_id": None,
    "referring_organization_id": None,
    "status": "requested",
    "turn": "provider",
}


def a_referral(kind=ReferralRequested, *, seq=1, **changes):
    """A fact about a referral; `same(fact, kind)` makes the next one about it."""
    given = {
        **CASE,
        "seq": seq,
        "referral_id": new_id(),
        "assessment_id": new_id(),
        "person_id": new_id(),
        "organization_id": new_id(),
        "focal_point_id": new_id(),
        "service_type": "FOOD",
        "contact_allowed": True,
        "due_at": (TUESDAY_10 + timedelta(hours=24)).isoformat(),
        **changes,
    }
    return kind(**given)


def same(fact, kind, **changes):
    about = {one.name: getattr(fact, one.name) for one in fields(fact)}
    return kind(**(about | {"seq": fact.seq + 1} | changes))


def checks(fact, moment, need):
    """What the packaged rules ask for from `moment` on, of a referral for `need`."""
    restricted = fact.service_type is None
    return checks_from(
        moment, follow_ups(Pathway.load(), need=need, priority=fact.priority), restricted=restricted
    )


def accepted(fact, *, need="BAS.FOOD", **changes):
    told = {"checks": checks(fact, "accepted", need)} | changes
    return same(fact, ReferralAccepted, status="accepted", **told)


def completed(fact, *, need="BAS.FOOD", **changes):
    told = {"checks": checks(fact, "completed", need)} | changes
    return same(fact, ReferralCompleted, status="completed", turn="none", **told)


TEMPORARY, PERMANENT = DeliveryError("not now", retryable=True), DeliveryError("never")
NO_ANSWER = DeliveryError("no answer", retryable=True, uncertain=True)
AWAY = DeliveryError("away", retryable=True, unavailable=True)


@pytest.fixture
def asked(service):
    """Somebody got food, was asked after two days whether it was solved (S4), and has the phone in her hand."""
    fact = a_referral(organization_id=None)
    service.hears(fact)
    service.sends()
    service.hears(accepted(fact))
    service.hears(completed(accepted(fact)))
    service.later(days=2, minutes=1)
    service.asks()
    service.sends()
    assert service.phones.texts_to(PHONE)[-1].startswith("Hola. Queremos saber si pudo hacer la gestion")
    return fact
