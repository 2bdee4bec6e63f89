"""The OpenAPI document is true: random requests, by it and against it, get only what it promises."""

from datetime import UTC, datetime

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

from tests.integration.referral.callers import make_app, token
from tests.integration.referral.world import FOCAL_ORGANIZATION, a_service, an_assessment

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
ONE = "/referral/api/v1/referrals/{referral_id}"
STEPS = (
    "confirm",
    "acknowledge",
    "accept",
    "reject",
    "start",
    "hold",
    "resume",
    "complete",
    "cancel",
    "reroute",
)
OPERATIONS = [
    ("GET", "/referral/api/v1/referrals"),
    ("GET", ONE),
    ("GET", f"{ONE}/steps"),
    ("GET", f"{ONE}/person"),
    ("GET", f"{ONE}/receipt"),
    *(("POST", f"{ONE}/{name}") for name in STEPS),
    ("GET", "/referral/api/v1/gaps"),
    ("GET", "/referral/api/v1/gaps/{gap_id}/receipt"),
    ("POST", "/referral/api/v1/gaps/{gap_id}/close"),
    ("GET", "/referral/api/v1/clocks"),
    ("GET", "/referral/api/v1/receipts/{receipt_id}/verification"),
    ("GET", "/referral/api/v1/assessments/{assessment_id}/decision"),
    ("GET", "/referral/api/v1/offers"),
    ("GET", "/referral/api/v1/services"),
    ("GET", "/referral/api/v1/services/{service_id}"),
    ("PUT", "/referral/api/v1/services/{service_id}/capacity"),
    ("GET", "/referral/api/v1/organizations"),
    ("POST", "/referral/api/v1/organization-contacts/lookup"),
]


@pytest.fixture
def app(world, stack):
    made = make_app(stack)
    world.now = datetime.now(UTC)
    world.directory(a_service("Uno", "LEG_MIG"))
    world.route(an_assessment("LEG.REG", "BAS.FOOD"))
    return made


def test_the_list_of_operations_is_complete(app):
    document = schemathesis.openapi.from_wsgi("/referral/api/openapi.json", app)
    found = {(one.ok().method.upper(), one.ok().path) for one in document.get_all_operations()}
    assert {one for one in found if "/pathways" not in one[1]} == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_random_requests_get_what_the_document_promises(app, world, method, path):
    document = schemathesis.openapi.from_wsgi("/referral/api/openapi.json", app)
    operation = document[path][method]
    referral = world.referrals()[0]
    known = {"referral_id": referral.id, "service_id": referral.service_id}
    callers = (
        token("provider", referral.organization_id),
        token("focal_point", FOCAL_ORGANIZATION),
        token("coordinator"),
        token("service"),
    )

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    def ask(case):
        for caller in callers:
            headers = {"Authorization": f"Bearer {caller}", "Accept-Encoding": "identity"}
            case.call_and_validate(headers=headers, checks=CHECKS)
            if set(case.path_parameters or {}) & set(known):
                case.path_parameters = {name: known.get(name, "x") for name in case.path_parameters}
                case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
