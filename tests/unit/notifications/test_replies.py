"""Answers: digits by what was asked, words at any time, and whatever is unclear goes to a human."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import templates
from services.notifications.domain.replies import ANSWERS, CONSEQUENCES, Kind, normalise, read


class TestDigits:
    @pytest.mark.parametrize(
        ("asked", "text", "kind"),
        [
            ("S4", "1", Kind.YES),
            ("S4", " 1. ", Kind.YES),
            ("S4", "1 SI", Kind.YES),
            ("S4", "Sí", Kind.YES),
            ("S4", "YES please", Kind.YES),
            ("S4", "uno", Kind.YES),
            ("S4", "2", Kind.NO),
            ("S4", "no", Kind.NO),
            ("S4", "3", Kind.CALL),
            ("S4", "llamar", Kind.CALL),
            ("S4", "Llámame", Kind.CALL),
            ("S3", "1", Kind.CALL_NOW),
            ("S3", "2 gracias", Kind.CALL_LATER),
            ("S5", "3", Kind.NOT_SAID),
            ("S5", "prefiero no decir", Kind.NOT_SAID),
            ("S6", "buena", Kind.GOOD),
            ("S6", "4", Kind.CALL),
            ("S1", "cambiar", Kind.CHANGE),
            ("S1", "CHANGE", Kind.CHANGE),
        ],
    )
    def test_an_answer_to_the_question(self, asked, text, kind):
        assert read(text, asked) is kind

    @pytest.mark.parametrize(
        ("asked", "text"),
        [
            ("S4", "4"),
            ("S4", "12"),
            ("S4", "1 NO"),
            ("S4", "1 2"),
            ("S4", ""),
            ("S4", "quien es"),
            ("S1", "1"),
            ("S2", "1"),
            ("S4", "cambiar"),
            (None, "1"),
            ("S7", "1"),
            ("S4", "no se que hacer"),
        ],
    )
    def test_anything_else_is_unexpected(self, asked, text):
        assert read(text, asked) is Kind.UNEXPECTED


class TestWordsAtAnyTime:
    @pytest.mark.parametrize("asked", [None, *sorted(ANSWERS)])
    @pytest.mark.parametrize("text", ["BAJA", "baja.", "Stop", "NO MAS", "no más", "¡No más!", "unsubscribe"])
    def test_stop_is_understood_whatever_was_asked(self, asked, text):
        assert read(text, asked) is Kind.STOP

    @pytest.mark.parametrize("asked", [None, *sorted(ANSWERS)])
    @pytest.mark.parametrize("text", ["AUXILIO", "ayuda!", "Help me", "SOS", "peligro"])
    def test_a_danger_word_goes_before_everything(self, asked, text):
        assert read(text, asked) is Kind.DANGER


class TestAlways:
    @given(st.text(max_size=60), st.sampled_from([None, *sorted(ANSWERS), "S7"]))
    def test_every_text_has_a_meaning_with_a_consequence(self, text, asked):
        assert read(text, asked) in CONSEQUENCES

    @given(st.text(max_size=30))
    def test_reading_twice_reads_the_same(self, text):
        assert normalise(normalise(text)) == normalise(text)

    def test_every_digit_a_text_offers_is_understood(self):
        for (template_id, _), template in templates.packaged().items():
            text = "".join(template.pieces[::2])
            offered = {
                word for word in text.replace(",", " ").replace(".", " ").split() if word in set("1234")
            }
            answers = set(ANSWERS.get(template_id, {}))
            assert answers <= offered

    def test_automation_stops_on_stop_danger_and_the_unexpected(self):
        silent = {kind for kind, consequence in CONSEQUENCES.items() if consequence.silence}
        assert silent == {Kind.STOP, Kind.DANGER, Kind.UNEXPECTED}
