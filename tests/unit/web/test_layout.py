"""What every page shares."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import render_template_string

from shared.web.layout import MENU, home_path, local_path, menu_of
from shared.web.moments import clock, day, day_and_time, moment

NOW = datetime(2026, 11, 22, 15, 40, tzinfo=UTC)  # 10:40 in Bogotá


class TestLocalPath:
    @pytest.mark.parametrize("target", ["/", "/intake/cases?x=1", "/a#b"])
    def test_ours(self, target):
        assert local_path(target) == target

    @pytest.mark.parametrize(
        "target",
        [
            None,
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\\b",
            "/a\nb",
            "javascript:x",
            "/ /x",
        ],
    )
    def test_not_ours(self, target):
        assert local_path(target, default="/home") == "/home"


class TestMenu:
    @pytest.mark.parametrize("role", list(MENU))
    def test_each_role_begins_at_its_first_entry(self, role):
        assert home_path(role) == MENU[role][0].path

    def test_nobody_begins_at_sign_in(self):
        assert home_path(None) == home_path("service") == "/account/sign-in"

    def test_the_sandbox_is_shown_in_the_demonstration_only(self):
        assert any(link.demo_only for link in menu_of("coordinator", demo=True))
        assert not any(link.demo_only for link in menu_of("coordinator", demo=False))

    def test_administrators_are_led_to_no_case(self):
        cases = {link.path for role in ("focal_point", "provider", "coordinator") for link in MENU[role]}
        assert not cases & {link.path for link in MENU["admin"]}
        assert all(link.path.startswith(("/account/", "/intake/dead-letters")) for link in MENU["admin"])

    def test_a_page_shows_the_menu_and_the_way_out(self, client, token):
        assert "Salir" not in client.get("/intake/page").get_data(as_text=True)
        client.set_cookie("ruta_session", token("coordinator", use="session", name="Carla"))
        shown = client.get("/intake/page").get_data(as_text=True)
        assert all(text in shown for text in ("Carla", "Salir", "Plazos", "Brechas"))

    def test_the_demonstration_says_that_it_is_one(self, make_app, client):
        assert "Demostración" not in client.get("/intake/page").get_data(as_text=True)
        demo = make_app(environment="demo").test_client()
        assert "Demostración" in demo.get("/intake/page").get_data(as_text=True)


class TestParts:
    @pytest.fixture
    def render(self, app):
        def make(text, **values):
            with app.test_request_context("/intake/page"):
                app.preprocess_request()
                return render_template_string("{% import 'parts.html' as parts %}" + text, **values)

        return make

    def test_priority_and_status_are_words_and_not_only_colour(self, render):
        assert "Emergencia" in render("{{ parts.priority_tag('P0') }}")
        assert "Normal" in render("{{ parts.priority_tag(3) }}")
        assert "En pausa: en lista de espera" in render(
            "{{ parts.status_tag('on_hold', 'en lista de espera') }}"
        )

    def test_an_unknown_status_is_shown_as_it_is_and_escaped(self, render):
        assert "&lt;b&gt;" in render("{{ parts.status_tag('<b>') }}")

    def test_a_table_says_on_each_cell_what_it_is(self, render):
        shown = render("{{ parts.cards('Casos', ['Caso', ''], [['<x>', 'b']]) }}")
        assert 'data-label="Caso"' in shown
        assert 'data-label=""' not in shown
        assert "&lt;x&gt;" in shown

    def test_case_codes_read_in_two_halves(self, render):
        assert "-" in render("{{ parts.case_code('0190aaaa-0000-7000-8000-000000000000') }}")

    def test_codes_get_their_published_names(self, render):
        assert render("{{ 'CO'|label('countries') }}/{{ 'nope'|label('countries') }}") == "Colombia/nope"


class TestMoments:
    @pytest.fixture(autouse=True)
    def in_a_request(self, app):
        with app.test_request_context("/intake/page"):
            app.preprocess_request()
            yield

    @pytest.mark.parametrize(
        ("due", "text"),
        [
            (NOW + timedelta(hours=5), "quedan 5 h (15:40)"),
            (NOW + timedelta(minutes=9), "quedan 9 min (10:49)"),
            (NOW + timedelta(days=3), "quedan 3 días (25 nov 10:40)"),
            (NOW - timedelta(hours=3), "venció hace 3 h (07:40)"),
            (None, ""),
        ],
    )
    def test_clocks(self, due, text):
        assert clock(due, NOW) == text

    @pytest.mark.parametrize(
        ("then", "text"),
        [
            (NOW - timedelta(seconds=5), "hace menos de 1 min (10:39)"),
            (NOW - timedelta(hours=2), "hace 2 h (08:40)"),
            (NOW - timedelta(days=2), "hace 2 días (20 nov 10:40)"),
            (NOW + timedelta(hours=2), "quedan 2 h (12:40)"),
            (None, ""),
        ],
    )
    def test_moments(self, then, text):
        assert moment(then, NOW) == text

    def test_days_are_written_out(self):
        assert day(NOW.date()) == "22 nov 2026"
        assert day_and_time(NOW) == "22 nov 2026, 10:40"
        assert (day(None), day_and_time(None)) == ("", "")
