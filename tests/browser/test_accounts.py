"""The pages of accounts as a person meets them, on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.browsing import WIDTHS, problems_of, sign_in, weigh
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
KB = 1024
ADMIN_PAGES = ("accounts", "accounts/new", "organizations", "tokens", "password", "two-steps")


class TestSignIn:
    def test_wrong_then_right(self, origin, open_page):
        page = open_page()
        sign_in(page, origin, "root", "wrong")
        expect(page.get_by_role("alert")).to_contain_text("no coinciden")
        expect(page.get_by_label("Nombre de usuario")).to_have_value("root")
        sign_in(page, origin, "root", PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Cuentas")
        page.get_by_role("button", name="Salir").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")
        page.goto(f"{origin}/account/accounts")
        expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")

    def test_in_english(self, origin, open_page):
        page = open_page()
        page.goto(f"{origin}/account/sign-in")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        sign_in(page, origin, "root", PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")

    def test_by_keyboard_alone(self, origin, open_page):
        page = open_page()
        page.goto(f"{origin}/account/sign-in")
        page.get_by_label("Nombre de usuario").focus()
        page.keyboard.type("root")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Cuentas")


class TestWithoutScripts:
    def test_everything_works(self, origin, open_page):
        page = open_page(java_script_enabled=False)
        sign_in(page, origin, "root", PASSWORD)
        page.get_by_role("link", name="Organizaciones").click()
        page.get_by_label("Nombre de la organización nueva").fill("Hospital Ejemplo")
        page.get_by_role("button", name="Agregar").click()
        expect(page.get_by_text("Organización creada.")).to_be_visible()
        expect(page.get_by_text("Hospital Ejemplo")).to_be_visible()
        page.get_by_role("button", name="Salir").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")


class TestLook:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_nothing_is_wider_than_the_screen_and_nothing_is_blocked(self, origin, open_page, width):
        page = open_page(viewport={"width": width, "height": 800})
        found = problems_of(page)
        sign_in(page, origin, "root", PASSWORD)
        for path in ADMIN_PAGES:
            page.goto(f"{origin}/account/{path}")
            overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, path
        assert found == []

    def test_a_table_becomes_cards_on_a_phone(self, origin, open_page):
        page = open_page()
        sign_in(page, origin, "root", PASSWORD)
        expect(page.get_by_role("columnheader", name="Organización")).not_to_be_in_viewport()
        label = page.evaluate(
            "getComputedStyle(document.querySelector('td[data-label=Rol]'), '::before').content"
        )
        assert label == '"Rol"'

    def test_what_is_pressed_is_large_enough(self, origin, open_page):
        page = open_page()
        page.goto(f"{origin}/account/sign-in")
        box = page.get_by_role("button", name="Entrar").bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 300


class TestWeight:
    def test_first_page_and_next_pages(self, origin, open_page):
        page = open_page()
        first = weigh(page, f"{origin}/account/sign-in")
        assert any("ruta-" in url for url in first.by_url)
        assert first.total <= 50 * KB, first.by_url
        sign_in(page, origin, "root", PASSWORD)
        for path in ADMIN_PAGES:
            following = weigh(page, f"{origin}/account/{path}")
            assert following.total <= 10 * KB, following.by_url


class TestApiDocs:
    def test_readable_under_the_same_strict_policy(self, origin, open_page):
        page = open_page(viewport={"width": 1280, "height": 900})
        found = problems_of(page)
        page.goto(f"{origin}/account/api/docs")
        operation = page.get_by_text("/account/api/v1/revocations").first
        expect(operation).to_be_visible()
        operation.click()
        expect(page.get_by_role("button", name="Try it out")).to_be_visible()
        assert found == []
