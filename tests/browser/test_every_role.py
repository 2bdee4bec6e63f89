"""What each role finds under its menu, with cases at work: light, whole, readable, in both languages."""

import pytest
from playwright.sync_api import expect

from deploy.local.seed import accounts
from shared.web.layout import menu_of
from tests.browser import rule_steps as steps
from tests.browser.browsing import problems_of, sign_in, weigh
from tests.browser.conftest import PASSWORD
from tests.browser.looking import faults_of

pytestmark = pytest.mark.browser
KB = 1024
ROLES = ("focal_point", "provider", "coordinator", "admin")
FURTHER = (
    "/intake/cases/",
    "/referral/referrals/",
    "/referral/gaps/",
    "/referral/rules/",
    "/account/accounts/",
)
"""Where links in the pages of the menu lead; the first of each kind is looked at too."""


@pytest.fixture(scope="module")
def at_work(all_services, stack, browser):
    """Where all of Ruta is served, after a focal point sent an open and a restricted case and both were routed."""
    context = browser.new_context(locale="es")
    page = context.new_page()
    sign_in(page, all_services, steps.named("focal_point"), PASSWORD)
    page.goto(f"{all_services}/intake/cases")
    for need in ("MHP.DIST", "GBV.PSY", "BAS.FOOD"):
        steps.assess(page, need)
    context.close()
    steps.route_everything(stack)
    return all_services


def one_of(role, stack):
    """An account of this role; a provider who has something new to answer."""
    if role != "provider":
        return steps.named(role)
    with stack.engine("referral").begin() as conn:
        asked = conn.exec_driver_sql(
            "SELECT organization_id::text FROM referral.referral WHERE status = 'requested' AND sensitivity = 'S3'"
        ).scalars()
        busy = set(asked)
    providers = (one for one in accounts() if one["role"] == role)
    return next(one["username"] for one in providers if one["organization_id"] in busy)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu(at_work, stack, open_page, role):
    page = open_page()
    found = problems_of(page)
    sign_in(page, at_work, one_of(role, stack), PASSWORD)
    further = {}
    for link in menu_of(role, demo=True):
        wire = weigh(page, f"{at_work}{link.path}")
        assert wire.total <= 10 * KB, (link.path, wire.by_url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert faults_of(page) == [], link.path
        for kind in FURTHER:
            links = page.locator(f"main a[href^='{kind}']")
            if links.count():
                further.setdefault(kind, links.first.get_attribute("href"))
    for path in further.values():
        page.goto(f"{at_work}{path}")
        assert faults_of(page) == [], path
    assert found == []
    assert len(further) == {"focal_point": 2, "provider": 1, "coordinator": 2, "admin": 1}[role]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu_in_english_and_without_scripts(at_work, open_page, role):
    page = open_page(java_script_enabled=False)
    sign_in(page, at_work, steps.named(role), PASSWORD)
    for link in menu_of(role, demo=True):
        page.goto(f"{at_work}{link.path}")
        spanish = page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("link", name="English").click()
        assert page.url.endswith(link.path)
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", level=1).inner_text() != spanish
        page.get_by_role("link", name="Español").click()
        assert page.get_by_role("heading", level=1).inner_text() == spanish


def test_the_first_page_of_all(all_services, open_page):
    page = open_page()
    wire = weigh(page, all_services)
    assert wire.total <= 50 * KB, wire.by_url
    assert faults_of(page) == []
