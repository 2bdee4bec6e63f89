"""`ruta events dead-letters …`, as somebody uses it who has never seen it."""

import json

import pytest
from click.testing import CliRunner

from deploy.local.commands.events import events
from deploy.local.embedded import EmbeddedStack
from deploy.local.environment import Address, forget_running, settings_of, write_running
from shared.bus import Inbox, drain
from shared.database import make_engine
from shared.errors import Invalid, NotFound
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id
from tests.integration.operations.conftest import run_sql


@pytest.fixture
def running(data):
    with EmbeddedStack(data, durable=False) as stack:
        write_running(data, settings_of(stack, Address("127.0.0.1", 8000)))
        yield stack
        forget_running(data)


@pytest.fixture
def ruta(data, running):
    def run(*arguments):
        return CliRunner().invoke(
            events, ["dead-letters", *arguments, "--data", str(data)], catch_exceptions=False
        )

    return run


@pytest.fixture
def dead(data, running):
    """The id of the only dead letter."""
    run_sql(
        data,
        "UPDATE bus.inbox SET state = 'dead', attempts = 8, error_class = 'ValueError' WHERE subscriber = 'referral'"
        " AND event_id = (SELECT min(event_id::text)::uuid FROM bus.inbox)",
    )
    return run_sql(data, "SELECT event_id::text FROM bus.inbox WHERE state = 'dead'")[0][0]


def listed(ruta):
    return json.loads(ruta("list", "--json").stdout)


def test_a_program_reads_the_list_and_one_of_them(ruta, dead):
    (letter,) = listed(ruta)
    assert (letter["event_id"], letter["subscriber"], letter["attempts"]) == (dead, "referral", 8)
    assert json.loads(ruta("show", dead, "--json").stdout) == {"dead_letters": [letter], "decisions": []}
    assert dead in ruta("list").stdout  # whole, so that it can be copied
    assert "ValueError" in ruta("show", dead).stdout


def test_a_service_that_does_not_exist_is_wrong_use(ruta, dead):
    for arguments in (("list",), ("replay", dead), ("discard", dead, "--reason", "x")):
        done = ruta(*arguments, "--subscriber", "referal")
        assert done.exit_code == 2
        assert "referal" in done.output


def test_what_was_discarded_and_why_can_be_read_for_ever(ruta, dead, data):
    for reason in ("", "  "):
        with pytest.raises(Invalid):
            ruta("discard", dead, "--subscriber", "referral", "--reason", reason)
    assert ruta("discard", dead, "--subscriber", "referral", "--reason", "caso [de] prueba").exit_code == 0
    assert listed(ruta) == []
    (decision,) = json.loads(ruta("decided", "--json").stdout)
    assert (decision["event_id"], decision["decision"], decision["reason"]) == (
        dead,
        "discarded",
        "caso [de] prueba",
    )
    assert "caso [de] prueba" in ruta("show", dead).stdout
    assert "[de]" in ruta("decided").stdout
    for again in (("discard", dead, "--reason", "x"), ("replay", dead)):
        with pytest.raises(NotFound):
            ruta(*again, "--subscriber", "referral")


def test_an_id_that_is_unknown_is_said(ruta, dead):
    with pytest.raises(NotFound):
        ruta("show", new_id())
    assert ruta("show", "1").exit_code == 2


def test_replayed_while_its_cause_persists_it_is_dead_again_and_both_are_kept(ruta, dead, data, running):
    def fail(conn, received):
        raise ValueError

    ruta("replay", dead, "--subscriber", "referral")
    engine = make_engine(running.database_url("referral"))
    for _ in range(8):
        run_sql(data, "UPDATE bus.inbox SET due_at = now() WHERE subscriber = 'referral' AND state = 'due'")
        assert drain(Inbox(engine, "referral", {ConsentWithdrawn: fail})).done == 0
    engine.dispose()
    assert [one["event_id"] for one in listed(ruta)] == [dead]
    ruta("replay", dead, "--subscriber", "referral")
    decisions = json.loads(ruta("show", dead, "--json").stdout)["decisions"]
    assert [one["decision"] for one in decisions] == ["replayed", "replayed"]
