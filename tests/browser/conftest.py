"""A real Chromium on a live server: accounts on the real stack, served as in production."""

import threading

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from deploy.local.environment import Address, settings_of
from deploy.local.routing import by_first_segment
from deploy.local.seed import seed
from services.intake.app import create_app as intake
from services.intake.settings import Settings as IntakeSettings
from services.notifications.app import create_app as notifications
from services.notifications.settings import Settings as NotificationsSettings
from services.referral.app import create_app as referral_app
from services.referral.settings import Settings as ReferralSettings
from shared.clock import utc_now
from shared.identity.app import create_app
from shared.identity.operations import NewAccount, ensure_account, ensure_organization
from shared.identity.settings import Settings
from shared.ids import new_id
from shared.settings import load
from shared.web import assets
from tests.browser.browsing import PHONE, open_browser

expect.set_options(timeout=20_000)  # two busy cores; what is waited for is there or never comes
PASSWORD = "una contraseña de prueba"
PEOPLE = {"ana": "focal_point", "pedro": "provider", "carla": "coordinator", "root": "admin"}


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        opened = open_browser(playwright)
        yield opened
        opened.close()


@pytest.fixture
def people(clean_stack):
    """One account of each role, all with PASSWORD."""
    now, organization_id = utc_now(), new_id()
    with clean_stack.engine("identity").begin() as conn:
        ensure_organization(conn, id=organization_id, name="Casa Ejemplo", now=now)
        for username, role in PEOPLE.items():
            values = {
                "id": new_id(),
                "username": username,
                "name": f"{username.title()} de Ejemplo",
                "role": role,
            }
            member = organization_id if role in {"focal_point", "provider"} else None
            account = NewAccount(
                **values, password=PASSWORD, organization_id=member, must_change_password=False
            )
            ensure_account(conn, account, now=now)
    return PEOPLE


@pytest.fixture
def origin(clean_stack, people):
    """Where the accounts' pages are served for the length of one test."""
    assets.build()
    app = create_app(
        Settings(
            secret_key="a secret key for tests, long enough",
            database_url=clean_stack.database_url("identity"),
            public_url="http://127.0.0.1",
            environment="demo",
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.extensions["ruta"].engine.dispose()


@pytest.fixture(scope="module")
def all_services(stack):
    """Where all of Ruta is served with its sample directory and accounts, all with PASSWORD; no worker runs."""
    assets.build()
    stack.clean()
    with stack.engine("identity").begin() as identity, stack.engine("referral").begin() as referral:
        seed(identity, referral, password=PASSWORD, now=utc_now())
    server = make_server("127.0.0.1", 0, by_first_segment({}, otherwise=Response()), threaded=True)
    settings = settings_of(stack.embedded, Address("127.0.0.1", server.server_port))
    services = {
        "intake": intake(load(IntakeSettings, settings)),
        "referral": referral_app(load(ReferralSettings, settings)),
        "notifications": notifications(load(NotificationsSettings, settings)),
    }
    accounts = create_app(load(Settings, settings))
    server.app = by_first_segment(services, otherwise=accounts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield settings["RUTA_PUBLIC_URL"]
    server.shutdown()
    thread.join()
    for app in (*services.values(), accounts):
        app.extensions["ruta"].engine.dispose()


@pytest.fixture
def open_page(browser):
    """A page in a browser of its own."""
    contexts = []

    def make(**options):
        context = browser.new_context(
            **({"viewport": {"width": PHONE, "height": 740}, "locale": "es"} | options)
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
