"""What metrics tell whoever is on call about the gateway and about calls that people have to make."""

from sqlalchemy import text

from tests.integration.notifications.conftest import NO_ANSWER, a_referral


def figures(app):
    shown = app.test_client().get("/notifications/metrics").text
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in shown.splitlines()
        if line[0] != "#"
    }


def change(service, statement):
    with service.stack.engine("admin").begin() as conn:
        conn.execute(text(statement))


def test_what_has_not_happened_is_told_as_zero(app):
    found = figures(app)
    assert found['ruta_attempts_recent{channel="sandbox",ended="unknown"}'] == 0
    assert found['ruta_calls_open{reason="message_unknown"}'] == 0


def test_doubt_is_counted_with_the_call_that_it_asks_for(app, service):
    service.phones.answer = NO_ANSWER
    service.hears(a_referral(organization_id=None))
    service.sends()
    found = figures(app)
    assert found[f'ruta_attempts_recent{{channel="{service.phones.name}",ended="unknown"}}'] == 1
    assert found['ruta_calls_open{reason="message_unknown"}'] == 1
    change(service, "UPDATE notifications.call SET due_at = now() + interval '1 hour'")
    assert figures(app)['ruta_calls_overdue{reason="message_unknown"}'] == 0
    change(service, "UPDATE notifications.call SET due_at = now() - interval '1 hour'")
    assert figures(app)['ruta_calls_overdue{reason="message_unknown"}'] == 1


def test_old_attempts_are_not_counted(app, service):
    service.hears(a_referral(organization_id=None))
    service.sends()
    counted = f'ruta_attempts_recent{{channel="{service.phones.name}",ended="accepted"}}'
    assert figures(app)[counted] == 1
    change(service, "UPDATE notifications.delivery SET id = '01900000-0000-7000-8000-000000000000'")
    assert counted not in figures(app)
