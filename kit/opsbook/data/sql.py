"""Names and texts as DuckDB's SQL takes them."""

from __future__ import annotations

from pathlib import Path

#: What counts as space around a cell: also the full-width, the no-break, the thin and the
#: zero-width one.
SPACES = " \t\r\n\v\f\u00a0\u2007\u2009\u202f\u3000\u200b\ufeff"
#: Full-width forms, and the characters that stand for an ASCII one in numbers and names.
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: ord(" "),
    0x00A0: ord(" "),
    0x2007: ord(" "),
    0x2009: ord(" "),
    0x202F: ord(" "),
    0xFFE5: ord("¥"),
    0xFFE1: ord("£"),
    0x2212: ord("-"),
}


def quoted(name: str) -> str:
    """Quote a column's name for SQL.

    Examples:
        >>> quoted('a"b')
        '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def texts(values: list[str]) -> str:
    """Several texts as a list of SQL."""
    return "[" + ", ".join(literal(value) for value in values) + "]"


def escaped(path: Path) -> str:
    """A path whose characters mean themselves to DuckDB's glob."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))


def trimmed(expression: str) -> str:
    """SQL that takes a cell as text, without the space around it."""
    return f"trim(CAST({expression} AS VARCHAR), {literal(SPACES)})"


def half_width(text: str) -> str:
    """A text with its full-width characters made ordinary ones, and no space around it.

    Examples:
        >>> half_width("　０.１５％ ")
        '0.15%'
    """
    return text.translate(HALF_WIDTH).strip(SPACES)


def unmarked(text: str) -> str:
    """A text without what spreadsheets put around one: an apostrophe in front, or ="…".

    Examples:
        >>> unmarked("'007"), unmarked('="2024-01-01"'), unmarked("it's")
        ('007', '2024-01-01', "it's")
    """
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return text[2:-1]
    return text[1:] if text.startswith("'") and not text.endswith("'") else text


def same_name(name: str) -> str:
    """What two spellings of one column's name have in common.

    Examples:
        >>> same_name("销售额（元） ") == same_name("销售额(元)")
        True
    """
    return " ".join(half_width(name).split())
