"""A name as short as a picture needs it."""

from __future__ import annotations

import unicodedata

#: Room for a name above a picture and in its legend, in Latin letters; a Chinese one is two wide.
ROOM, ROOM_IN_LEGEND = 72, 36


def short_name(name: str, room: int = ROOM) -> str:
    """A name that fits; a longer one is cut, for the text beside the picture has it whole.

    Examples:
        >>> short_name("Late flights"), short_name("Late flights", 7), short_name("注册转化率", 7)
        ('Late flights', 'Late f…', '注册转…')
    """
    if width(name) <= room:
        return name
    cut = name
    while cut and width(cut) > room - 1:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"


def width(text: str) -> int:
    """Room that a text takes, in Latin letters."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
