"""The OpenAPI document is true: random requests, by it and against it, get only what it promises."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.notifications.conftest import a_referral

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    ("GET", "/notifications/api/v1/notifications"),
    ("GET", "/notifications/api/v1/notifications/{notification_id}/deliveries"),
    ("GET", "/notifications/api/v1/calls"),
    ("POST", "/notifications/api/v1/calls/{call_id}/close"),
    ("GET", "/notifications/api/v1/kannel/{secret}/reports/{delivery_id}"),
    ("GET", "/notifications/api/v1/kannel/{secret}/inbound"),
    ("GET", "/notifications/api/v1/sandbox/messages"),
    ("POST", "/notifications/api/v1/sandbox/messages/{message_id}/reply"),
]


def test_the_list_of_operations_is_complete(app):
    document = schemathesis.openapi.from_wsgi("/notifications/api/openapi.json", app)
    operations: list[Any] = list(document.get_all_operations())
    found = {(one.ok().method.upper(), one.ok().path) for one in operations}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_random_requests_get_what_the_document_promises(app, call_as, method, path):
    operation = schemathesis.openapi.from_wsgi("/notifications/api/openapi.json", app)[path][method]
    callers = (call_as("focal_point"), call_as("provider"))

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    def ask(case):
        for caller in callers:
            headers = caller.headers() | {"Accept-Encoding": "identity"}
            case.call_and_validate(headers=headers, checks=CHECKS)

    ask()


def test_what_lists_answer_is_what_the_document_promises(service, app, call_as):
    fact = a_referral()
    service.book.default = None
    service.hears(fact)
    service.sends()
    document = schemathesis.openapi.from_wsgi("/notifications/api/openapi.json", app)
    caller = call_as("focal_point", account_id=fact.focal_point_id)
    for path, query in (("notifications", {"assessment_id": fact.assessment_id}), ("calls", {})):
        case = document[f"/notifications/api/v1/{path}"]["GET"].Case(query=query)
        answer = case.call_and_validate(headers=caller.headers(), checks=CHECKS)
        assert answer.json()["items"]
