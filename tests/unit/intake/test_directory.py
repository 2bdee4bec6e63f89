"""Names of organizations for pages: asked page by page, kept for a while, and never needed."""

import pytest
import requests

from services.intake.clients import directory as client
from services.intake.clients.directory import Directory
from shared.outbound import OutboundError

SECRET = "a secret key that is long enough for tests"


class Answer:
    def __init__(self, body, status=200):
        self.body, self.status_code = body, status

    def json(self):
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


@pytest.fixture
def asked(monkeypatch):
    """What was asked; `asked.answers` are given one by one."""

    class Asked(list):
        answers: list = []  # noqa: RUF012

    made = Asked()

    def call(session, method, url, *, params, headers, read_seconds):
        made.append((method, url, dict(params), headers["Authorization"][:7]))
        answer = made.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(client, "call", call)
    return made


def page(*names, following=None):
    return Answer({"items": [{"id": name.lower(), "name": name} for name in names], "next": following})


def test_all_pages_are_read_once(asked):
    asked.answers = [page("A", "B", following="x"), page("C")]
    names = Directory(url="http://referral/", secret_key=SECRET)

    assert names.names() == {"a": "A", "b": "B", "c": "C"}
    assert names.names() == {"a": "A", "b": "B", "c": "C"}

    assert [(url, params.get("after")) for _, url, params, _ in asked] == [
        ("http://referral/referral/api/v1/organizations", None),
        ("http://referral/referral/api/v1/organizations", "x"),
    ]
    assert {token for *_, token in asked} == {"Bearer "}


@pytest.mark.parametrize(
    "answer",
    [
        OutboundError("away", retryable=True),
        Answer({}, status=403),
        Answer({}),
        Answer([]),
        Answer(requests.exceptions.JSONDecodeError("x", "x", 0)),
    ],
)
def test_without_the_directory_pages_do_without_names(asked, answer):
    asked.answers = [answer]
    names = Directory(url="http://referral", secret_key=SECRET)
    assert names.names() == {}
    assert names.names() == {}
    assert len(asked) == 1


def test_what_was_known_is_kept_while_it_is_away(asked, monkeypatch):
    monkeypatch.setattr(client, "FRESH_SECONDS", 0.0)
    asked.answers = [page("A"), OutboundError("away", retryable=True)]
    names = Directory(url="http://referral", secret_key=SECRET)
    assert names.names() == {"a": "A"}
    assert names.names() == {"a": "A"}
    assert len(asked) == 2
