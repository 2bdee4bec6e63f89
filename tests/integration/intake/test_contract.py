"""The OpenAPI document is true: random requests, by it and against it, get only what it promises."""

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

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx, value):
    return str(value).encode(errors="surrogatepass")


OPERATIONS = [
    ("POST", "/intake/api/v1/assessments"),
    ("GET", "/intake/api/v1/assessments"),
    ("POST", "/intake/api/v1/assessments/batch"),
    ("GET", "/intake/api/v1/assessments/{assessment_id}"),
    ("GET", "/intake/api/v1/assessments/{assessment_id}/person"),
    ("POST", "/intake/api/v1/assessments/{assessment_id}/withdraw-consent"),
    ("POST", "/intake/api/v1/assessments/{assessment_id}/outcomes"),
    ("POST", "/intake/api/v1/assessments/{assessment_id}/calls/{call_id}/done"),
    ("POST", "/intake/api/v1/safe-contacts/lookup"),
    ("POST", "/intake/api/v1/persons/shared-view"),
]


def test_the_list_of_operations_is_complete(intake):
    document = schemathesis.openapi.from_wsgi("/intake/api/openapi.json", intake.app)
    found = {(one.ok().method.upper(), one.ok().path) for one in document.get_all_operations()}
    assert found == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_random_requests_get_what_the_document_promises(intake, method, path):
    document = schemathesis.openapi.from_wsgi("/intake/api/openapi.json", intake.app)
    operation = document[path][method]
    callers = (intake.caller(), intake.service("referral"))

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
            headers = {"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
            case.call_and_validate(headers=headers, checks=CHECKS)

    ask()


def test_every_operation_says_who_may_call_it(intake):
    document = intake.app.test_client().get("/intake/api/openapi.json").json
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post"}
    ]
    assert operations
    assert all(operation["x-roles"] for operation in operations)
