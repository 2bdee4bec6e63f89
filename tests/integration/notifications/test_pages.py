"""The pages: the sandbox, and how messages fare. Without a script, in both languages, for the right roles."""

import pytest
from bs4 import BeautifulSoup

from services.notifications.tasks import make_channel
from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web import Actor
from shared.web.access import SESSION_COOKIE
from tests.integration.notifications.conftest import SECRET, a_referral


@pytest.fixture
def browse(app):
    """A browser of somebody of a role: `browse(role)` gives (open, send)."""

    def as_role(role, language="es"):
        client = app.test_client()
        actor = Actor(new_id(), role, None, "Prueba", language, new_id(), "session")
        client.set_cookie(SESSION_COOKIE, mint(actor, secret_key=SECRET))

        def opened(path):
            answer = client.get(path)
            return answer.status_code, BeautifulSoup(answer.data, "html.parser")

        def sent(form, **fields):
            hidden = {one["name"]: one["value"] for one in form.find_all("input", type="hidden")}
            answer = client.post(form["action"], data=hidden | fields, follow_redirects=True)
            return answer.status_code, BeautifulSoup(answer.data, "html.parser")

        return opened, sent

    return as_role


@pytest.fixture
def sent_to_sandbox(service, app):
    settings = app.extensions["ruta"].resources["settings"]
    service.phones = make_channel(settings, service.engine, service.seals)
    service.hears(a_referral())
    service.sends()
    return service


class TestSandbox:
    def test_an_empty_sandbox_says_when_something_will_be_there(self, browse):
        opened, _ = browse("coordinator")
        status, page = opened("/notifications/sandbox")
        assert status == 200
        assert "Todavía no hay mensajes" in page.get_text()

    def test_messages_are_shown_and_an_answer_is_kept(self, browse, sent_to_sandbox):
        opened, sent = browse("coordinator")
        _, page = opened("/notifications/sandbox")
        assert "Recibimos su solicitud" in page.get_text()
        assert "3001112233" not in page.get_text()
        status, page = sent(page.find("form", action=lambda to: to and "/reply" in to), text="BAJA")
        assert status == 200
        assert "Respuesta enviada como la persona." in page.get_text()
        assert "responde" in page.get_text()
        assert len(sent_to_sandbox.rows("SELECT 1 FROM notifications.inbound")) == 1

    def test_an_empty_answer_is_told(self, browse, sent_to_sandbox):
        opened, sent = browse("focal_point")
        _, page = opened("/notifications/sandbox")
        _, page = sent(page.find("form", action=lambda to: to and "/reply" in to), text=" ")
        assert "Escriba una respuesta" in page.get_text()

    def test_in_english(self, browse):
        opened, _ = browse("coordinator", "en")
        assert "Messages of the demonstration" in opened("/notifications/sandbox")[1].get_text()


class TestHealth:
    def test_all_well(self, browse):
        opened, _ = browse("coordinator")
        assert "Todos los mensajes salieron." in opened("/notifications/messages")[1].get_text()

    def test_what_did_not_go_out_is_listed_with_its_reason_and_nothing_personal(self, browse, service):
        service.book.default = None
        service.hears(a_referral(organization_id=None), a_referral(organization_id=None, service_type=None))
        service.sends()
        opened, _ = browse("coordinator")
        _, page = opened("/notifications/messages")
        assert "La persona no tiene contacto seguro" in page.get_text()
        listed = page.find_all("table")[-1].find("tbody").find_all("tr")
        assert len(listed) == 1  # the restricted one is counted, not listed

    @pytest.mark.parametrize("role", ["focal_point", "provider", "admin"])
    def test_only_for_coordinators(self, browse, role):
        opened, _ = browse(role)
        assert opened("/notifications/messages")[0] == 403
