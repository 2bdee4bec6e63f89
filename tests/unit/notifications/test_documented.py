"""What the reference says about messages is what the service does."""

from pathlib import Path

import pytest

from services.notifications.domain import templates
from services.notifications.domain.replies import STOP_WORDS

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "messages.md").read_text()


@pytest.mark.parametrize("template_id", sorted({template_id for template_id, _ in templates.packaged()}))
def test_every_text_stands_in_the_reference(template_id):
    texts = [
        (templates.FOLDER / template_id / f"{language}.txt").read_text().strip()
        for language in templates.LANGUAGES
    ]
    assert f"| {template_id} | {texts[0]} | {texts[1]} |" in PAGE


@pytest.mark.parametrize("word", ["BAJA", "STOP", "NO MAS"])
def test_the_words_that_stop_messages_are_understood(word):
    assert word in PAGE
    assert word.lower() in STOP_WORDS
