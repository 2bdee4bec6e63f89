"""The guard never lets a word of the lexicon through, in any disguise, nor a text that a phone would garble."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import gsm7, guard, lexicon, slots, templates

STEMS = sorted(lexicon.load().stems.values())
LEET = {"a": "4@", "e": "3", "i": "1!|", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9", "l": "1|I"}
HOMOGLYPHS = {
    "a": "аáàâäα",
    "e": "еéèêε",
    "i": "іíïι",
    "o": "оóòöο",
    "c": "сç",
    "p": "рρ",
    "u": "úüυ",
    "x": "х",
    "n": "ñη",
}
SEPARATORS = ["", " ", "-", ".", "_", "*", "  ", "·", "\u200b"]
FIXED = [piece for template in templates.packaged().values() for piece in template.pieces[::2]]


@st.composite
def disguised(draw, stems=STEMS):
    """A word of the lexicon as somebody would write it to get past a filter."""
    word = draw(st.sampled_from(stems))
    separator = draw(st.sampled_from(SEPARATORS))
    letters = []
    for letter in word:
        choices = [letter, letter.upper(), *LEET.get(letter, ""), *HOMOGLYPHS.get(letter, "")]
        letters.append(draw(st.sampled_from(choices)) * draw(st.sampled_from([1, 1, 1, 2])))
    return separator.join(letters)


class TestWords:
    @given(disguised(), st.text(max_size=40), st.text(max_size=40))
    def test_a_disguised_word_never_passes_whatever_stands_around_it(self, word, before, after):
        assert guard.findings(f"{before} {word} {after}")

    @given(disguised(), st.sampled_from(FIXED), st.integers(0, 60))
    def test_a_word_put_into_one_of_our_own_texts_is_found_as_a_word(self, word, text, at):
        assert guard.Finding.WORD in guard.findings(f"{text[:at]} {word} {text[at:]}")

    @pytest.mark.parametrize("stem", STEMS)
    def test_inflections_and_digits_between_letters_are_found(self, stem):
        assert lexicon.load().find(f"Hola. {stem}dora y mas.")
        assert lexicon.load().find("2".join(stem))

    @pytest.mark.parametrize(
        "text",
        [
            "su cita con la psicóloga",
            "casa de acogida",
            "SURVIVOR",
            "v10l3nc1a",
            "p o l i c i a",
            "vioIencia",
            "аbuso",
        ],
    )
    def test_known_tricks(self, text):
        assert guard.Finding.WORD in guard.findings(text)

    def test_a_date_and_a_time_that_stand_alone_are_no_letters(self):
        assert guard.findings("Le esperamos del 01/02 a las 10:30.") == ()


class TestLexicon:
    def test_the_automaton_agrees_with_plain_search(self):
        words = lexicon.load()
        chance = random.Random(7)
        for _ in range(3000):
            text = "".join(chance.choice("aeiovbsxtgrpdcl ") for _ in range(40)) + chance.choice([*STEMS, ""])
            plain = any(stem in lexicon.fold(text) for stem in words.stems)
            assert bool(words.find(text)) == plain

    def test_a_stem_that_folds_to_nothing_is_refused(self):
        with pytest.raises(ValueError, match="too short"):
            lexicon.Lexicon(["www"])

    def test_an_empty_lexicon_is_refused(self, tmp_path):
        (tmp_path / "words.csv").write_text("stem,language,examples,review\n")
        with pytest.raises(ValueError, match="no rows"):
            lexicon.load(tmp_path / "words.csv")


class TestShapes:
    @pytest.mark.parametrize(
        "text",
        [
            "vea https://x.org",
            "escriba a ana@correo",
            "entre en ruta.org",
            "www ruta",
            "sitio/ayuda",
            "HTTP://1",
        ],
    )
    def test_links_are_refused(self, text):
        assert {guard.Finding.LINK, guard.Finding.WORD} & set(guard.findings(text))

    @pytest.mark.parametrize(
        "text", ["llame al 3001112233", "300 111 22 33", "cedula 12-34-567", "099.123.456"]
    )
    def test_numbers_of_phones_and_documents_are_refused(self, text):
        assert guard.Finding.NUMBER in guard.findings(text)

    @pytest.mark.parametrize("text", ["Hola {alias}", "Hola <b>", "Hola %s", "Hola $alias"])
    def test_what_was_never_filled_in_is_refused(self, text):
        assert guard.Finding.PLACEHOLDER in guard.findings(text)

    @pytest.mark.parametrize("text", ["", "   ", "\n"])
    def test_an_empty_text_is_refused(self, text):
        assert guard.Finding.EMPTY in guard.findings(text)

    @pytest.mark.parametrize("text", ["Acá", "así", "según", "cómo", "Hola \u202eanA", "Hola 👋"])
    def test_a_letter_outside_the_alphabet_is_refused(self, text):
        assert guard.Finding.ALPHABET in guard.findings(text)

    def test_a_long_text_is_refused_and_a_larger_budget_lets_it_pass(self):
        text = "ay " * 60
        assert guard.findings(text) == (guard.Finding.LENGTH,)
        assert guard.findings(text, budget=guard.Budget(segments=2)) == ()

    def test_the_error_names_findings_and_never_the_text(self):
        with pytest.raises(guard.UnsafeTextError) as caught:
            guard.ensure_safe("su denuncia")
        assert str(caught.value) == "guard_word"


class TestMutations:
    """Somebody edits a template, a translation, an alias or a value: the word does not get out."""

    @pytest.mark.parametrize("key", sorted(templates.packaged()))
    @given(word=disguised(), at=st.integers(0, 200))
    def test_a_word_in_a_template_stops_it_from_loading(self, key, word, at):
        text = "".join(
            f"{{{piece}}}" if odd % 2 else piece for odd, piece in enumerate(templates.packaged()[key].pieces)
        )
        places = [0, *(match.end() for match in re.finditer(r" (?![^{]*})", text)), len(text)]
        cut = places[at % len(places)]
        with pytest.raises(templates.TemplateError):
            templates.parse(key[0], key[1], f"{text[:cut]} {word} {text[cut:]}".strip())

    @given(word=disguised(), slot=st.sampled_from(sorted(slots.SLOTS)))
    def test_a_word_as_the_value_of_a_slot_is_refused(self, word, slot):
        with pytest.raises(slots.SlotError):
            slots.check(slot, word)

    @pytest.mark.parametrize("slot", sorted(slots.SLOTS))
    def test_a_list_that_were_to_hold_a_word_is_stopped_by_the_guard_at_run_time(self, slot, monkeypatch):
        monkeypatch.setitem(slots._MEMBERS, slot, frozenset({"casa de la mujer"}))
        values = {name: options[0] for name, options in slots.SLOTS.items()} | {slot: "casa de la mujer"}
        key = next(key for key, template in templates.packaged().items() if slot in template.slots)
        with pytest.raises(guard.UnsafeTextError):
            templates.render(*key, values)


class TestGsm7:
    @pytest.mark.parametrize("letter", "éñü¿¡ÉÑÜ")
    def test_these_spanish_letters_are_in_the_alphabet(self, letter):
        assert gsm7.outside(letter) == []

    @pytest.mark.parametrize("letter", "áíóúÁÍÓÚ")
    def test_these_are_not(self, letter):
        assert gsm7.outside(letter) == [letter]

    def test_an_extended_character_counts_twice_and_parts_are_shorter(self):
        assert gsm7.septets("a€") == 3
        assert gsm7.segments("a" * 160) == 1
        assert gsm7.segments("a" * 161) == 2
        assert gsm7.segments("a" * 307) == 3
