"""What each role finds under its menu, on a phone: light, whole, in both languages."""

import pytest
from playwright.sync_api import expect

from deploy.local.seed import accounts
from shared.web.layout import menu_of
from tests.browser.browsing import problems_of, sign_in, weigh
from tests.browser.conftest import PASSWORD

pytestmark = pytest.mark.browser
KB = 1024
ROLES = ("focal_point", "provider", "coordinator", "admin")


def first_of(role):
    return next(one["username"] for one in accounts() if one["role"] == role)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu(all_services, open_page, role):
    page = open_page()
    found = problems_of(page)
    sign_in(page, all_services, first_of(role), PASSWORD)
    for link in menu_of(role, demo=True):
        wire = weigh(page, f"{all_services}{link.path}")
        assert wire.total <= 10 * KB, (link.path, wire.by_url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, link.path
    assert found == []


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu_in_english_and_without_scripts(all_services, open_page, role):
    page = open_page(java_script_enabled=False)
    sign_in(page, all_services, first_of(role), PASSWORD)
    for link in menu_of(role, demo=True):
        page.goto(f"{all_services}{link.path}")
        spanish = page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("link", name="English").click()
        assert page.url.endswith(link.path)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", level=1).inner_text() != spanish
        page.get_by_role("link", name="Español").click()
        assert page.get_by_role("heading", level=1).inner_text() == spanish


def test_the_first_page_of_all(all_services, open_page):
    wire = weigh(open_page(), all_services)
    assert wire.total <= 50 * KB, wire.by_url
