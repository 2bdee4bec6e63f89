"""Somebody signed in, using the pages as a browser without scripts does."""

from bs4 import BeautifulSoup

from shared.identity.tokens import mint
from shared.ids import new_id
from shared.web import Actor
from tests.integration.intake.conftest import SECRET


class Browser:
    """Somebody signed in, sending the forms of the pages they see."""

    def __init__(self, intake, account_id, organization_id, role="focal_point", language="es"):
        self.client = intake.app.test_client()
        actor = Actor(account_id, role, organization_id, "Rosa", language, new_id(), "session")
        self.client.set_cookie("ruta_session", mint(actor, secret_key=SECRET))
        self.client.set_cookie("ruta_language", language)
        self.answer = None

    def open(self, path, status=200):
        self.answer = self.client.get(path)
        assert self.answer.status_code == status, self.answer.text
        return self

    @property
    def page(self):
        return BeautifulSoup(self.answer.text, "html.parser")

    @property
    def text(self):
        return self.page.find("main").get_text(" ", strip=True)

    def send(self, action, follow=True, **values):
        """Fill and send the form of the page that goes to `action`."""
        form = self.page.find("form", action=action)
        sent = {}
        for field in form.find_all(["input", "select"]):
            if field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked"):
                continue
            chosen = field.find("option", selected=True) if field.name == "select" else None
            sent[field["name"]] = (chosen or field).get("value", "") or ""
        self.answer = self.client.post(action, data={**sent, **values}, follow_redirects=follow)
        return self
