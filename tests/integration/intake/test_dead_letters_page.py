"""The administrator sees what is stuck, tries it again, or gives it up with a reason."""

import pytest
from sqlalchemy import text

from shared.bus import publish, transaction
from shared.clock import utc_now
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id
from shared.web.paging import encode_cursor
from tests.integration.intake.browsing import Browser

PAGE = "/intake/dead-letters"


@pytest.fixture
def stuck(clean_stack):
    """A consent that the referral service could not act on, and one behind it."""
    person = new_id()
    with transaction(clean_stack.engine("intake")) as conn:
        facts = [ConsentWithdrawn(person_id=person, scope="share", seq=seq) for seq in (1, 2)]
        first, _ = publish(conn, facts, now=utc_now())
        conn.execute(
            text(
                """UPDATE bus.inbox SET state = 'dead', attempts = 8, error_class = 'ValueError'
                   WHERE event_id = :id AND subscriber = 'referral'"""
            ),
            {"id": first},
        )
    return first


@pytest.fixture
def admin(intake, stuck):
    return Browser(intake, new_id(), None, role="admin").open(PAGE)


def state(stack, event_id):
    with stack.engine("intake").connect() as conn:
        return conn.execute(
            text("SELECT state FROM bus.inbox WHERE event_id = :id AND subscriber = 'referral'"),
            {"id": event_id},
        ).scalar_one()


def test_what_is_stuck_is_shown_with_what_waits_behind_it(admin):
    assert "consent.withdrawn.v1 → referral" in admin.text
    assert "8 intentos · ValueError · esperan detrás: 1" in admin.text


def test_it_can_be_tried_again(admin, clean_stack, stuck):
    admin.send(f"{PAGE}/{stuck}/replay")
    assert "se intentará de nuevo" in admin.text
    assert state(clean_stack, stuck) == "due"


def test_giving_it_up_needs_a_reason(admin, clean_stack, stuck):
    admin.send(f"{PAGE}/{stuck}/discard")
    assert "hace falta un motivo" in admin.text
    assert state(clean_stack, stuck) == "dead"
    (link,) = admin.page.find_all("a", href=f"#reason-referral-{stuck}")
    assert "motivo" in link.text
    assert admin.page.find(id=f"reason-referral-{stuck}").find_parent("details").has_attr("open")
    admin.send(f"{PAGE}/{stuck}/discard", reason="La persona ya no está en el sistema")
    assert state(clean_stack, stuck) == "discarded"
    assert "Ninguno" in admin.text


def test_a_reason_is_no_essay(admin, clean_stack, stuck):
    admin.send(f"{PAGE}/{stuck}/discard", reason="x" * 501)
    assert "hasta 500 caracteres" in admin.text
    assert admin.page.find("a", href=f"#reason-referral-{stuck}")
    assert state(clean_stack, stuck) == "dead"


def decisions(admin):
    """What the page says was decided, line by line, without when."""
    section = admin.page.find(id="decided")
    rows = section.find("tbody").find_all("tr") if section else []
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")][1:] for row in rows]


def test_what_was_decided_stays_on_the_page_with_reason_and_author(admin, intake, stuck):
    assert decisions(admin) == []
    reason = "La persona <b>ya no</b> está"
    admin.send(f"{PAGE}/{stuck}/discard", reason=reason)
    event = f"consent.withdrawn.v1 → referral {stuck}"
    assert decisions(admin) == [[event, "Descartado Usted", reason]]
    other = Browser(intake, new_id(), None, role="admin", language="en").open(PAGE)
    ((_, decision, why),) = decisions(other)
    assert decision.startswith("Discarded ")
    assert why == reason


def test_a_replay_and_an_event_that_was_removed_since_are_kept_too(admin, clean_stack, stuck):
    admin.send(f"{PAGE}/{stuck}/replay")
    with clean_stack.engine("admin").begin() as conn:
        conn.execute(text("DELETE FROM bus.inbox"))
        conn.execute(text("DELETE FROM bus.event"))
    admin.open(PAGE)
    assert decisions(admin) == [[f"Borrado por antiguo → referral {stuck}", "Intentado de nuevo Usted", ""]]


def test_many_decisions_are_shown_page_by_page(admin, clean_stack):
    with clean_stack.engine("admin").begin() as conn:
        conn.execute(
            text(
                """INSERT INTO bus.dead_letter_decision (subscriber, event_id, decision, reason, decided_by)
                   SELECT 'referral', gen_random_uuid(), 'discarded', 'motivo ' || n, 'root'
                   FROM generate_series(1, 45) AS n"""
            )
        )
    seen = []
    admin.open(PAGE)
    while True:
        seen += [reason for _, _, reason in decisions(admin)]
        link = admin.page.find("a", rel="next")
        if link is None:
            break
        admin.open(f"{PAGE}{link['href']}")
    assert seen == [f"motivo {number}" for number in range(45, 0, -1)]


@pytest.mark.parametrize("after", ["x", encode_cursor("a"), encode_cursor(1.5), encode_cursor(2**70)])
def test_a_page_that_does_not_exist_is_said(admin, after):
    admin.open(f"{PAGE}?after={after}", status=422)


def test_nobody_else_sees_it(intake, stuck):
    Browser(intake, new_id(), new_id()).open(PAGE, status=403)
