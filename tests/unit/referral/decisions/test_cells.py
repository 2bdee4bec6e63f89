"""What cells mean, and what is no cell."""

from datetime import date
from decimal import Decimal

import pytest

from services.referral.domain.decisions.errors import CellError
from services.referral.domain.decisions.feel import read_literal, read_tests
from services.referral.domain.decisions.values import Type


class TestCells:
    @pytest.mark.parametrize(
        ("text", "kind", "holds", "fails"),
        [
            ("-", Type.NUMBER, [None, Decimal(1)], []),
            ('"a", "b"', Type.STRING, ["a", "b"], ["c", None]),
            ('["a","b"]', Type.STRING, ["a", "b"], ["c"]),
            ('not("a","b")', Type.STRING, ["c"], ["a", "b", None]),
            ("< 18", Type.NUMBER, [Decimal(17)], [Decimal(18), None]),
            ("= 3", Type.NUMBER, [Decimal("3.0")], [Decimal(2)]),
            ("[1..2]", Type.NUMBER, [Decimal(1), Decimal(2)], [Decimal("0.9"), Decimal("2.1")]),
            ("(1..2)", Type.NUMBER, [Decimal("1.5")], [Decimal(1), Decimal(2)]),
            ("]1..2[", Type.NUMBER, [Decimal("1.5")], [Decimal(1), Decimal(2)]),
            ("[-2..-.5)", Type.NUMBER, [Decimal(-2), Decimal(-1)], [Decimal("-0.5")]),
            ("< 1, > 5, 3", Type.NUMBER, [Decimal(0), Decimal(3), Decimal(6)], [Decimal(1), Decimal(5)]),
            ("not([1..2], 5)", Type.NUMBER, [Decimal(0), Decimal(3)], [Decimal(1), Decimal(5), None]),
            ("true", Type.BOOLEAN, [True], [False, None]),
            ('>= date("2026-01-31")', Type.DATE, [date(2026, 1, 31)], [date(2026, 1, 30)]),
            ('[@"2026-01-01"..@"2026-12-31"]', Type.DATE, [date(2026, 5, 5)], [date(2027, 1, 1)]),
            ("unknown", Type.STRING, [None], ["a"]),
            ('"unknown"', Type.STRING, [None], ["a"]),
            ('"a", unknown', Type.STRING, [None, "a"], ["b"]),
            ("not(unknown)", Type.STRING, ["a"], [None]),
            ('"V01","V02"', Type.STRINGS, [("V02", "V09"), ("V01",)], [(), ("V09",), None]),
            ('not("V01","V02")', Type.STRINGS, [(), ("V09",)], [("V02", "V09"), None]),
            (r'"\u00e9", "\uD83D\uDC0E", "\U01F994"', Type.STRING, ["é", "🐎", "🦔"], ["\ud83d", "u"]),
            ("1e3, -2.5E-1", Type.NUMBER, [Decimal(1000), Decimal("-0.25")], [Decimal(1), None]),
            (r'"say \"yes\"", "back\\slash"', Type.STRING, ['say "yes"', "back\\slash"], ["say"]),
        ],
    )
    def test_what_a_cell_holds_for(self, text, kind, holds, fails):
        cell = read_tests(text, kind)
        assert all(cell.holds(value) for value in holds)
        assert not any(cell.holds(value) for value in fails)

    @pytest.mark.parametrize(
        ("text", "kind", "code", "suggestion"),
        [
            ("", Type.STRING, "empty_cell", "-"),
            ("> > 5", Type.NUMBER, "bad_syntax", ""),
            ("18,", Type.NUMBER, "bad_syntax", ""),
            ("[1..2", Type.NUMBER, "bad_syntax", ""),
            ("1e9999", Type.NUMBER, "bad_syntax", ""),
            ("age > 5", Type.NUMBER, "wrong_literal", ""),
            ("1..2", Type.NUMBER, "bad_syntax", ""),
            ("not(1", Type.NUMBER, "bad_syntax", ""),
            ("1, not(2)", Type.NUMBER, "wrong_literal", ""),
            ("[5..1]", Type.NUMBER, "empty_range", ""),
            ("(1..1]", Type.NUMBER, "empty_range", ""),
            ('"5"', Type.NUMBER, "wrong_literal", "5"),
            ("1.5", Type.INTEGER, "wrong_literal", ""),
            ("18", Type.STRING, "bare_word", '"18"'),
            ("0-4", Type.STRING, "bare_word", '"0-4"'),
            ("GBV.RAPE", Type.STRING, "bare_word", '"GBV.RAPE"'),
            ("EC, PE", Type.STRING, "bare_word", '"EC", "PE"'),
            ("tru", Type.BOOLEAN, "wrong_literal", "true"),
            ("VERDADERO", Type.BOOLEAN, "wrong_literal", "true"),
            ("Falso", Type.BOOLEAN, "wrong_literal", "false"),
            ('"\\ud800"', Type.STRING, "bad_character", ""),
            ('"\\UFFFFFF"', Type.STRING, "bad_character", ""),
            ('"EC', Type.STRING, "unclosed_string", '"EC"'),
            ("“EC”", Type.STRING, "bad_syntax", '"EC"'),
            ('< "EC"', Type.STRING, "no_order", ""),
            ('"2026-01-31"', Type.DATE, "wrong_literal", 'date("2026-01-31")'),
            ('date("2026-02-30")', Type.DATE, "bad_date", ""),
        ],
    )
    def test_what_is_not_understood_is_refused(self, text, kind, code, suggestion):
        with pytest.raises(CellError) as caught:
            read_tests(text, kind)
        assert (caught.value.problem.code, caught.value.problem.suggestion) == (code, suggestion)

    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ('"a"', Type.STRING, "a"),
            ("-1.50", Type.NUMBER, Decimal("-1.50")),
            ("null", Type.NUMBER, None),
            ("[]", Type.STRINGS, ()),
            ('"a"', Type.STRINGS, ("a",)),
            ('["a", "b"]', Type.STRINGS, ("a", "b")),
            ('@"2026-01-31"', Type.DATE, date(2026, 1, 31)),
        ],
    )
    def test_output_literals(self, text, kind, value):
        assert read_literal(text, kind) == value

    @pytest.mark.parametrize("text", ["", "-", "unknown", '"a","b"', "< 5", "1 + 1", "[", '["a"'])
    def test_an_output_is_one_literal(self, text):
        for kind in (Type.STRING, Type.NUMBER, Type.STRINGS) if text != '"a","b"' else (Type.STRING,):
            with pytest.raises(CellError):
                read_literal(text, kind)
