"""Every sentence has its translation, with the same places."""

from __future__ import annotations

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
    formats = {"{number} percentage points", "{currency} {number}", "{year}"}
    assert not [message for message in KNOWN if message not in used | formats]
