"""A request and the work that its events cause in other processes stand in one trace, named by the correlation id."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared.ids import new_id
from shared.tracing import trace_id


class Collector(BaseHTTPRequestHandler):
    """An OTLP endpoint that keeps the spans it is sent."""

    spans: list = []  # noqa: RUF012 - emptied by the fixture

    def do_POST(self):
        sent = ExportTraceServiceRequest()
        sent.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in sent.resource_spans:
            service = resource.resource.attributes[0].value.string_value
            for scope in resource.scope_spans:
                self.spans.extend((service, one.name, one.trace_id.hex()) for one in scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def collector():
    Collector.spans = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


PUBLISH_AND_DRAIN = """
import sys
from opentelemetry import trace
from shared import tracing
from shared.bus import drain, publish, transaction
from shared.database import make_engine
from tests.integration.bus.scenario import NOW, inbox, withdrawn
assert tracing.configure("test")
intake, referral = make_engine(sys.argv[1]), make_engine(sys.argv[2])
with tracing.span("POST /somewhere", sys.argv[3]), transaction(intake) as conn:
    publish(conn, [withdrawn()], now=NOW, correlation_id=sys.argv[3])
drain(inbox(referral, lambda conn, events: None))
tracing._tracer.span_processor.force_flush()
"""


def test_request_and_drain_share_the_trace_of_the_correlation_id(clean_stack, collector):
    correlation = new_id()
    urls = [clean_stack.database_url("intake"), clean_stack.database_url("referral")]
    subprocess.run(
        [sys.executable, "-c", PUBLISH_AND_DRAIN, *urls, correlation],
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "PYTHONPATH": "."},
        check=True,
    )
    mine = [(name, trace) for _, name, trace in Collector.spans]
    expected = f"{trace_id(correlation):032x}"
    assert ("POST /somewhere", expected) in mine
    assert ("referral acts on consent.withdrawn.v1", expected) in mine


def test_without_the_package_an_endpoint_stops_nobody(collector):
    program = """
import sys
sys.modules["opentelemetry"] = None
from shared import tracing
assert not tracing.configure("test")
with tracing.span("x"), tracing.spans("y", ["z"]):
    print("went on")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "went on" in done.stdout, done.stderr
