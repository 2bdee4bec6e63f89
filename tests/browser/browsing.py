"""A real Chromium on a live server, with what every page test needs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, Playwright

PHONE, DESK = 360, 1280
WIDTHS = (PHONE, DESK)


def chromium_path() -> str:
    """The system's Chromium. Raises FileNotFoundError when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("a Chromium is needed: apt-get install chromium")


def open_browser(playwright: Playwright) -> Browser:
    """Headless, without a sandbox of its own (root has none)."""
    return playwright.chromium.launch(
        executable_path=chromium_path(), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    )


def sign_in(page: Page, origin: str, name: str, password: str) -> None:
    """Through the sign-in page, as a person does."""
    page.goto(f"{origin}/account/sign-in")
    page.get_by_label("Nombre de usuario").or_(page.get_by_label("User name")).fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def problems_of(page: Page) -> list[str]:
    """A list that fills with what the page's console and network complain about from now on."""
    found: list[str] = []
    page.on("console", lambda one: found.append(f"console: {one.text}") if one.type == "error" else None)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("requestfailed", lambda one: found.append(f"failed: {one.url}"))
    return found


@dataclass
class Wire:
    """Bytes that really crossed the wire, headers and compressed bodies, of everything a page loads."""

    by_url: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.by_url.values())


def weigh(page: Page, url: str) -> Wire:
    """Load `url` and count what it cost, with whatever the browser has cached already."""
    wire = Wire()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    urls: dict[str, str] = {}
    session.on(
        "Network.requestWillBeSent", lambda one: urls.update({one["requestId"]: one["request"]["url"]})
    )

    def finished(one: dict) -> None:
        address = urls.get(one["requestId"], "")
        wire.by_url[address] = wire.by_url.get(address, 0) + int(one["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    page.goto(url, wait_until="networkidle")
    session.detach()
    return wire
