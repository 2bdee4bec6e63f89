"""Templates load strictly, and every expansion of every one of them is proved safe."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import gsm7, guard, lexicon, proof, slots, templates

KEYS = sorted(templates.packaged())


class TestProof:
    @pytest.mark.parametrize("key", KEYS)
    def test_every_expansion_in_every_language_passes_the_guard_in_one_segment(self, key):
        assert proof.problems(templates.packaged()[key]) == []

    @given(st.sampled_from(KEYS), st.data())
    def test_what_is_proved_is_what_runs(self, key, data):
        template = templates.packaged()[key]
        values = {slot: data.draw(st.sampled_from(slots.SLOTS[slot])) for slot in template.slots}
        text = templates.render(key[0], key[1], values)
        assert gsm7.segments(text) == 1

    @pytest.mark.parametrize("key", KEYS)
    def test_a_word_of_ours_added_to_the_lexicon_is_found_by_the_proof(self, key):
        template = templates.packaged()[key]
        longest = max(template.pieces[0].split(), key=len)
        problems = proof.problems(template, words=lexicon.Lexicon([longest]))
        assert [problem.finding for problem in problems] == [guard.Finding.WORD]

    def test_a_word_that_only_appears_across_text_and_slot_is_found(self):
        template = templates.parse("X", "es", "Hola, le llama Joh {alias}. Hasta luego.")
        problems = proof.problems(template, words=lexicon.Lexicon(["johana"]))
        assert [(problem.slot, problem.stem) for problem in problems] == [("alias", "johana")]

    def test_a_template_that_is_too_long_only_with_its_longest_values_is_found(self):
        template = templates.parse("X", "es", "Hola {alias}. " + "ay " * 48 + "fin.")
        assert proof.problems(template, segments=1)[0].finding is guard.Finding.LENGTH

    def test_a_number_that_only_appears_across_slots_is_found(self):
        template = templates.Template("X", "es", ("Hola 1234 ", "date", "."))
        assert guard.Finding.NUMBER in {problem.finding for problem in proof.problems(template)}


class TestLoading:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Hola {nombre}.", "unknown slot"),
            ("Hola {}.", "unknown slot"),
            ("Hola {alias.", "guard_placeholder"),
            ("", "one line"),
            ("Hola.\nAdios.", "one line"),
            (" Hola.", "one line"),
            ("Hola. Vaya a la policia.", "guard_word"),
            ("Hola. Vaya mañana así.", "guard_alphabet"),
            ("Cita:{date}.", "stand alone"),
            ("Cita {time}h.", "stand alone"),
        ],
    )
    def test_a_faulty_text_is_refused_by_name(self, text, sentence):
        with pytest.raises(templates.TemplateError, match=sentence):
            templates.parse("S9", "es", text)

    def test_every_template_needs_every_language(self, tmp_path):
        (tmp_path / "S1").mkdir()
        (tmp_path / "S1" / "es.txt").write_text("Hola.\n")
        with pytest.raises(templates.TemplateError, match="S1/en: missing"):
            templates.load(tmp_path)

    def test_a_file_of_another_language_is_refused(self, tmp_path):
        (tmp_path / "S1").mkdir()
        for name in ("es", "en", "fr"):
            (tmp_path / "S1" / f"{name}.txt").write_text("Hola.\n")
        with pytest.raises(templates.TemplateError, match="no language"):
            templates.load(tmp_path)

    def test_languages_have_the_same_slots(self, tmp_path):
        (tmp_path / "S1").mkdir()
        (tmp_path / "S1" / "es.txt").write_text("Hola {alias}.\n")
        (tmp_path / "S1" / "en.txt").write_text("Hello.\n")
        with pytest.raises(templates.TemplateError, match="different slots"):
            templates.load(tmp_path)

    def test_no_slot_takes_free_text(self):
        assert set(slots.SLOTS) == {"date", "time", "alias", "reference"}


class TestRendering:
    def test_a_missing_value_is_an_error(self):
        with pytest.raises(slots.SlotError, match="no value"):
            templates.render("S1", "es", {"date": "01/02"})

    def test_an_unknown_language_falls_back_to_spanish(self):
        assert templates.get("S1", "wba").language == "es"

    def test_the_moment_is_read_on_the_wall_of_the_person(self):
        at = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
        assert slots.moment(at, "America/Bogota") == {"date": "22/11", "time": "21:05"}

    def test_the_reference_is_steady_and_from_the_list(self):
        one = slots.reference("0190aaaa-0000-7000-8000-000000000001")
        assert one == slots.reference("0190aaaa-0000-7000-8000-000000000001")
        assert one in slots.REFERENCES
