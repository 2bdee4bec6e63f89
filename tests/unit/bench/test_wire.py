"""The benchmark's own HTTP, as far as it goes."""

import pytest

from tests.bench.wire import Answer, request

HEAD = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 5\r\n\r\n"


def test_a_request_says_how_long_its_body_is():
    data = request("POST", "host:1", "/path", "ñ".encode(), {"A": "b"})
    assert data == b"POST /path HTTP/1.1\r\nHost: host:1\r\nContent-Length: 2\r\nA: b\r\n\r\n\xc3\xb1"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_is_whole_when_its_last_byte_is_there(size):
    data, answer = HEAD + b"later", Answer()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [answer.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert (answer.status, answer.header("retry-after"), answer.body) == (503, "10", b"later")


def test_an_answer_without_a_length_is_not_guessed_at():
    with pytest.raises(ValueError, match="length"):
        Answer().feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
