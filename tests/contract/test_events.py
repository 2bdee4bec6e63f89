"""One example of every event, as it was written to the bus when its version was released.

The examples are never changed, only added: a release must understand what the release before has left in inboxes.
"""

import importlib
import json
from pathlib import Path

import pytest

from shared.bus.draining import received
from shared.events import BY_TYPE, SUBSCRIBERS
from shared.events.base import ENVELOPE_FIELDS

FILES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "examples").glob("*.json")
}
EXAMPLES = {name: example for name, example in FILES.items() if "@" not in name}
LATER = {name: example for name, example in FILES.items() if "@" in name}
"""With fields that a type got later: `<type>@<what>`."""
PERSONAL = (
    "name",
    "phone",
    "number",
    "address",
    "birth",
    "email",
    "narrative",
    "text",
    "note",
    "document_number",
    "detail",
)


def test_every_event_has_an_example_and_every_example_an_event():
    assert set(EXAMPLES) == set(BY_TYPE)


@pytest.mark.parametrize("kind", sorted(BY_TYPE))
class TestEvent:
    def test_its_first_example_is_still_understood(self, kind):
        event = received(EXAMPLES[kind])
        assert type(event.fact) is BY_TYPE[kind]
        assert event.fact.subject == EXAMPLES[kind]["subject"]
        assert {**event.fact.data(), **EXAMPLES[kind]["data"]} == event.fact.data()

    def test_fields_of_a_later_release_are_passed_over(self, kind):
        later = {**EXAMPLES[kind], "data": {**EXAMPLES[kind]["data"], "added_later": 1}}
        assert received(later).fact == received(EXAMPLES[kind]).fact

    def test_it_has_no_field_for_anything_personal(self, kind):
        fields = set(BY_TYPE[kind].__dataclass_fields__) - set(ENVELOPE_FIELDS)
        assert not [
            field for field in fields if any(field == word or field.endswith(f"_{word}") for word in PERSONAL)
        ]

    def test_its_name_is_a_versioned_fact(self, kind):
        subject, happened, version = kind.split(".")
        assert subject.islower()
        assert happened.islower()
        assert version.startswith("v")
        assert version[1:].isdigit()

    def test_each_subscriber_has_a_handler_for_it(self, kind):
        for service in SUBSCRIBERS[BY_TYPE[kind]]:
            handlers = importlib.import_module(f"services.{service}.subscriptions").HANDLERS
            assert BY_TYPE[kind] in handlers, f"{service} listens to {kind} and has no handler"


@pytest.mark.parametrize("name", sorted(LATER))
def test_an_example_with_later_fields_is_understood_to_the_last_of_them(name):
    event = received(LATER[name])
    assert type(event.fact) is BY_TYPE[name.partition("@")[0]]
    assert event.fact.data() == LATER[name]["data"]


@pytest.mark.parametrize("service", ["intake", "referral", "notifications"])
def test_no_service_has_a_handler_for_what_it_does_not_listen_to(service):
    handlers = importlib.import_module(f"services.{service}.subscriptions").HANDLERS
    assert set(handlers) == {fact for fact, listeners in SUBSCRIBERS.items() if service in listeners}
