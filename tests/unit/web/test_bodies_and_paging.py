"""Batches line by line, lists by key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, select, table

from shared.errors import Invalid
from shared.web import decode_cursor, encode_cursor, keyset, page

BATCH = "/intake/api/v1/things/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def send(client, bearer):
    return lambda body, headers=NDJSON: client.post(
        BATCH, data=body, headers=headers | bearer("service", use="service")
    )


class TestNdjson:
    def test_good_and_bad_lines_keep_their_numbers(self, send):
        assert send(b'{"a": 1}\n\n{bad\n  \n[1]').json["lines"] == [[1, False], [3, True], [5, False]]

    def test_too_many_lines(self, send):
        answer = send(b"{}\n" * 4)
        assert (answer.status_code, answer.json["code"], answer.json["max_lines"]) == (
            413,
            "too_many_lines",
            3,
        )

    def test_a_line_without_end(self, send):
        answer = send(b"[" + b"1," * 200_000)
        assert (answer.status_code, answer.json["code"], answer.json["line"]) == (413, "too_large", 1)

    def test_another_content_type(self, send):
        assert send(b"{}", {"Content-Type": "application/json"}).status_code == 415


class TestCursor:
    @given(st.tuples(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
    def test_comes_back_as_it_was(self, key):
        assert decode_cursor(encode_cursor(*key), size=3) == key

    @pytest.mark.parametrize(
        "text",
        ["x", "%%%", "bnVsbA", encode_cursor("one"), encode_cursor(None, 1), encode_cursor([1], 2), "ñ"],
    )
    def test_one_that_is_not_ours_is_refused(self, text):
        with pytest.raises(Invalid) as refused:
            decode_cursor(text, size=2)
        assert refused.value.code == "bad_cursor"

    def test_none_is_the_first_page(self):
        assert decode_cursor(None, size=2) is None


class TestKeyset:
    THING = table("thing", column("name"), column("id"))

    def test_compares_the_whole_key_and_fetches_one_more(self):
        columns = [self.THING.c.name, self.THING.c.id]
        text = str(keyset(select(self.THING), columns, after=("b", 2), limit=10))
        assert "(thing.name, thing.id) > (" in text
        assert "ORDER BY thing.name ASC, thing.id ASC" in text
        assert "LIMIT" in text

    @pytest.mark.parametrize(("count", "following"), [(2, None), (3, encode_cursor(1))])
    def test_says_whether_others_follow(self, count, following):
        listed = page(list(range(count)), limit=2, key=lambda number: (number,))
        assert listed == {"items": [0, 1], "next": following}
