"""English is complete, and each reader gets their language."""

import re

import pytest

from shared.web import catalog, translating

AREAS = {area.name: area for area in translating.areas()}


class TestCompleteness:
    @pytest.mark.parametrize("name", list(AREAS))
    def test_every_sentence_has_its_english(self, name):
        shared = {} if name == "shared" else translating.translations(AREAS["shared"].po("en"))
        assert translating.missing(AREAS[name], "en", shared) == {}

    @pytest.mark.parametrize("name", list(AREAS))
    def test_slots_are_the_same_in_both_languages(self, name):
        for spanish, english in translating.translations(AREAS[name].po("en")).items():
            if english:
                assert sorted(re.findall(r"%\(\w+\)\w", spanish)) == sorted(
                    re.findall(r"%\(\w+\)\w", english)
                ), spanish


class TestFinding:
    @pytest.fixture
    def area(self, tmp_path, monkeypatch):
        monkeypatch.setattr(translating, "ROOT", tmp_path)
        (tmp_path / "page.html").write_text("{{ _('En una página') }}{% trans %}En un bloque{% endtrans %}")
        (tmp_path / "code.py").write_text(
            "class Odd(Conflict):\n"
            "    def __init__(self): super().__init__('Por dentro', code='x')\n"
            "raise Odd\n"
            "raise Conflict('Hecho' if done else 'Sin hacer', code='not a sentence')\n"
            "raise ValueError('for developers')\n"
            "FieldError('code', 'En un campo')\n"
            "FieldError(code='code', message='Con nombre')\n"
        )
        return translating.Area("trial", tmp_path, tmp_path / "translations")

    def test_finds_what_people_may_read_and_nothing_else(self, area):
        found = translating.sentences(area, errors=frozenset({"AppError", "Conflict", "Odd"}))
        assert set(found) == {
            "En una página", "En un bloque", "Por dentro", "Hecho", "Sin hacer", "En un campo", "Con nombre",
        }  # fmt: skip

    def test_update_keeps_translations_and_drops_what_nobody_says(self, area):
        po = area.po("en")
        po.parent.mkdir(parents=True)
        po.write_text('msgid ""\nmsgstr ""\n\nmsgid "Hecho"\nmsgstr "Done"\n\nmsgid "Viejo"\nmsgstr "Old"\n')
        translating.update(area, "en", {"En un bloque": "In a block"})
        kept = translating.translations(po)
        assert kept["Hecho"] == "Done"
        assert "Viejo" not in kept
        assert "En un bloque" not in kept

    def test_our_errors_are_known_by_what_they_are(self):
        assert {"AppError", "Conflict", "WrongCredentials", "TooManyAttempts"} <= translating.error_names()
        assert "SettingsError" not in translating.error_names()


class TestPlurals:
    def test_one_and_several_are_two_sentences(self, tmp_path):
        po = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
        po.parent.mkdir(parents=True)
        po.write_text('msgid ""\nmsgstr ""\n\nmsgid "caso"\nmsgstr "case"\n\nmsgid "casos"\nmsgstr "cases"\n')
        english = catalog.load_catalogs([tmp_path], "en")
        spanish = catalog.load_catalogs([tmp_path], "es")
        assert [english.ungettext("caso", "casos", count) for count in (0, 1, 2)] == [
            "cases",
            "case",
            "cases",
        ]
        assert [spanish.ungettext("caso", "casos", count) for count in (0, 1, 2)] == [
            "casos",
            "caso",
            "casos",
        ]


class TestChoice:
    def lang(self, client, **headers):
        shown = client.get("/intake/page", headers=headers).text
        return shown.partition('<html lang="')[2][:2]

    def test_spanish_first(self, client):
        assert self.lang(client) == "es"

    def test_then_the_browser_the_account_and_the_readers_choice(self, client, token):
        headers = {"Accept-Language": "en"}
        assert self.lang(client, **headers) == "en"
        client.set_cookie("ruta_session", token("provider", use="session", locale="es"))
        assert self.lang(client, **headers) == "es"
        client.get("/intake/language/en?next=/intake/page")
        assert self.lang(client) == "en"

    def test_the_switch_leads_back_and_only_to_pages_of_ours(self, client):
        for asked, target in (
            ("/intake/page", "/intake/page"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
        ):
            assert client.get(f"/intake/language/en?next={asked}").location == target
        assert "ruta_language=es" in client.get("/intake/language/xx").headers["Set-Cookie"]
