"""Every sentence has its translation, with the same places."""

from __future__ import annotations

import re

from tests.messages import messages, translations

from opsbook.text import places

KNOWN = translations()


def test_every_message_is_translated():
    missing = [message for message in messages() if not KNOWN.get(message)]
    assert not missing, "python -m tests.messages prints them as .po entries"


def test_every_translation_keeps_its_places():
    wrong = [message for message, text in KNOWN.items() if places(message) != places(text)]
    assert not wrong


def test_no_translation_is_left_of_a_message_that_is_gone():
    used = set(messages())
    formats = {"{number} percentage points"}
    assert not [message for message in KNOWN if message not in used | formats]


def test_chinese_and_latin_stand_apart_by_a_space():
    dates = re.compile(r"\d+年\d+月\d+日")
    close = re.compile(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u3400-\u9fff]")
    assert not [text for text in KNOWN.values() if close.search(dates.sub("", text))]
