"""The message about a case stands in the trace of the request that the case came in with."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import tracing
from tests.integration.notifications.conftest import PHONE, a_referral


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    return exporter


def test_handing_over_is_a_span_of_the_case_and_tells_nothing(service, spans):
    service.hears(a_referral(organization_id=None))
    service.sends()
    (handed,) = [one for one in spans.get_finished_spans() if one.name == "phones takes messages"]
    assert handed.context.trace_id == tracing.trace_id("c0ffee")
    assert PHONE[1:] not in handed.to_json()
