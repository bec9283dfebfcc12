"""Values that the params ask for, and the texts that say them in a table."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from opsbook.data.sql import half_width, literal, quoted, trimmed
from opsbook.project.base import Cell

TRUE = ("true", "t", "yes", "y", "1", "1.0", "是")
FALSE = ("false", "f", "no", "n", "0", "0.0", "否")
#: How many values a message names.
NAMED = 30


def spellings(value: Cell) -> tuple[str, ...]:
    """Every text that says a value: a truth has several, a number two, a text is itself.

    Examples:
        >>> spellings(12), spellings("12"), spellings(0.5)
        (('12', '12.0'), ('12',), ('0.5',))
        >>> "TRUE" in spellings(True), "0" in spellings(False)
        (True, True)
    """
    if isinstance(value, bool):
        words = TRUE if value else FALSE
        return tuple(dict.fromkeys(s for w in words for s in (w, w.capitalize(), w.upper())))
    if isinstance(value, str):
        return (value.strip(),)
    whole = value == int(value)
    return (str(int(value)), f"{int(value)}.0") if whole else (repr(value),)


def all_spellings(wanted: Cell | tuple[Cell, ...]) -> tuple[str, ...]:
    """Every text that says one of some values."""
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return tuple(dict.fromkeys(text for value in values for text in spellings(value)))


def is_one_of(column: str, wanted: Cell | tuple[Cell, ...]) -> str:
    """SQL that is true where a column holds one of some values."""
    listed = ", ".join(map(literal, all_spellings(wanted)))
    return f"coalesce({trimmed(quoted(column))} IN ({listed}), false)"


def values_told(wanted: Cell | tuple[Cell, ...], there: Iterable[object]) -> str:
    """What a column holds, those first that look like what was asked for; for messages.

    Examples:
        >>> values_told("JFKK", ["ATL", "JFK", "LGA"])
        'near it: JFK; there are: ATL, JFK, LGA'
    """
    known = sorted({str(value) for value in there})
    near = _near(all_spellings(wanted), known)
    named = ", ".join(value or "(empty)" for value in known[:NAMED])
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return (f"near it: {', '.join(near)}; " if near else "") + f"there are: {named}{more}"


def _near(wanted: Collection[str], known: Collection[str]) -> list[str]:
    plain = {half_width(value).casefold(): value for value in known}
    asked = [half_width(value).casefold() for value in wanted]
    found = [text for one in asked for text in difflib.get_close_matches(one, plain, n=3)]
    found += [text for text in plain for one in asked if one and text.startswith(one)][:3]
    return [plain[text] for text in dict.fromkeys(found)][:3]
