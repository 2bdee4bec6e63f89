"""Languages: Spanish is the source text, English is complete.

Catalogs are read from `*.po` when the process first needs a language; nothing compiled lies on disk.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale, gettext

from shared.web.access import optional_actor

LANGUAGES = {"es": "Español", "en": "English"}
DEFAULT = "es"
LANGUAGE_COOKIE = "ruta_language"
SHARED = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate me later"
    """Mark a Spanish sentence for translation where it is only stored, not shown."""
    return message


def translate(message: str, params: Any = None) -> str:
    """`message` in the caller's language, with `%(name)s` slots filled from `params` when there are any."""
    return str(gettext(message, **params)) if params else str(gettext(message))


def language() -> str:
    """The two-letter language of this request."""
    locale = get_locale()
    return locale.language if locale is not None else DEFAULT


class Catalogs(Domain):
    """Flask-Babel's domain, reading straight from the `.po` files of `folders`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(domain="messages")
        self.folders = tuple(folders)
        self._loaded: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        code = language()
        if code not in self._loaded:
            self._loaded[code] = load_catalogs(self.folders, code)
        return self._loaded[code]


class Sentences(Translations):
    """A catalog in which one and several are two sentences of their own: in our languages that is all there is."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return str(self.gettext(msgid1 if n == 1 else msgid2))

    ungettext = ngettext


def load_catalogs(folders: Sequence[Path], code: str) -> NullTranslations:
    """All messages of language `code` under `folders`, later folders winning. Spanish needs no file."""
    merged: Sentences | None = None
    for path in (folder / code / "LC_MESSAGES" / "messages.po" for folder in folders):
        if not path.exists():
            continue
        with path.open("rb") as source:
            catalog = read_po(source, locale=code)
        compiled = io.BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        one = Sentences(compiled, domain="messages")
        if merged is None:
            merged = one
        else:
            merged.merge(one)
    return merged if merged is not None else NullTranslations()


def install(app: Flask, folders: Sequence[Path]) -> None:
    """Give `app` its languages: those of `shared`, then the service's own `folders`."""
    babel = Babel(app, default_locale=DEFAULT, locale_selector=choose_language, default_timezone="UTC")
    babel.__dict__["domain_instance"] = Catalogs([SHARED, *folders])


def choose_language() -> str:
    """A program's Accept-Language wins; a person's own choice (cookie), then the account's, then the browser's."""
    asked = request.accept_languages.best_match(list(LANGUAGES))
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    actor = optional_actor()
    of_account = actor.locale[:2] if actor is not None else None
    order = (asked, of_account) if "Authorization" in request.headers else (chosen, of_account, asked)
    return next((code for code in order if code in LANGUAGES), DEFAULT)
