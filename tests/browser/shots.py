"""Screenshots of pages on a phone and on a desk, and what they weighed.

python -m tests.browser.shots [--out FOLDER] [--sign-in NAME PASSWORD] [--language en] URL…
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.browser.browsing import WIDTHS, open_browser, problems_of, sign_in


def main(arguments: list[str]) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--out", type=Path, default=Path(".cache/shots"))
    parser.add_argument("--sign-in", nargs=2, metavar=("NAME", "PASSWORD"))
    parser.add_argument("--cookie", metavar="SESSION", help="value of the session cookie")
    parser.add_argument("--language", default="es")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 800}, locale=asked.language)
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(asked.urls[0]))
            if asked.cookie:
                context.add_cookies([{"name": "ruta_session", "value": asked.cookie, "url": origin}])
            page = context.new_page()
            if asked.sign_in:
                sign_in(page, origin, *asked.sign_in)
            for url in asked.urls:
                print(shoot(page, url, asked.out, width))  # noqa: T201
        browser.close()
    return 0


def shoot(page: Page, url: str, folder: Path, width: int) -> str:
    """One picture; the line to print about it."""
    found = problems_of(page)
    page.goto(url, wait_until="networkidle")
    parts = urlsplit(url)
    name = re.sub(r"[^a-z0-9]+", "-", f"{parts.path} {parts.query}".lower()).strip("-") or "home"
    path = folder / f"{name}-{width}.png"
    page.screenshot(path=path, full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    wide = [f"WIDER THAN THE SCREEN by {overflow}"] if overflow > 0 else []
    return "  ".join([str(path), *wide, *found])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
