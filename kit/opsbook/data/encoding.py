"""How bytes become text: by their mark, by being valid UTF-8, or by what Chinese looks like."""

from __future__ import annotations

import codecs
import re

from opsbook.errors import DataError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: In Chinese text most pairs of bytes are among GB 2312's 3,755 common characters; in accented
#: Latin few are, and in Cyrillic letters, that stand side by side too, hardly any.
CHINESE_SHARE = 0.7
#: In Latin text accented letters stand alone; if more than this share of them stand three or more
#: in a row, the text is of another script.
SIDE_BY_SIDE = 0.3
#: What stands at the beginning of files that are no text, and what they are.
BINARY = {
    b"PK\x03\x04": "a zip or an Excel workbook (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "an SQLite database",
    b"\x89PNG": "a picture",
}


def encoding_of(head: bytes, *, whole: bool = True) -> str:
    """Name the encoding of a text file from its beginning.

    Args:
        head: The file's first bytes.
        whole: Whether these are all; otherwise the last character may be cut.

    Returns:
        ``ascii``, ``utf-8``, ``utf-8-sig``, ``utf-16``, ``gb18030`` or ``cp1252``, as Python
        names them; ``ascii`` tells that the rest of the file may still be anything, and ``""``
        that it is text of a script that its bytes do not tell.

    Examples:
        >>> encoding_of("日期,订单数".encode("gbk")), encoding_of("Zürich,Genève".encode("latin-1"))
        ('gb18030', 'cp1252')
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if not whole:
        head = head[: head.rfind(b"\n") + 1] or head
    if head.isascii():
        return _wide(head) or "ascii"
    if _decodes(head, "utf-8"):
        return "utf-8"
    if wide := _wide(head):
        return wide
    if any(map(_is_chinese_utf8, head.splitlines())):
        return "utf-8"  # and some other lines are not: reading it will tell which
    if _decodes(head, "gb18030") and _looks_chinese(head):
        return "gb18030"
    return "cp1252" if _looks_latin(head) else ""


def refuse_binary(head: bytes, name: str) -> None:
    """Stop at a file that is no text, whatever its name says.

    Raises:
        DataError: Naming what it is.
    """
    for mark, what in BINARY.items():
        if head.startswith(mark):
            raise DataError(
                f"{name} is {what}, not the table its name promises.",
                "Give the file its right ending, or export it as CSV.",
            )
    if head.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise DataError(
            f"{name} is a web page (HTML or XML), not the table its name promises.",
            "Open it in a spreadsheet and save it as .xlsx or CSV.",
        )


def _decodes(head: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese_utf8(line: bytes) -> bool:
    """Whether a line says something in UTF-8 that another encoding hardly does by chance."""
    try:
        return sum("\u4e00" <= letter <= "\u9fff" for letter in line.decode("utf-8")) >= 2
    except UnicodeDecodeError:
        return False


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of its ASCII characters is zero."""
    if len(head) < 4 or b"\x00" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.2 * len(head) / 2 and even < 0.02 * len(head) / 2:
        return "utf-16-le"
    if even > 0.2 * len(head) / 2 and odd < 0.02 * len(head) / 2:
        return "utf-16-be"
    return None


def _looks_latin(head: bytes) -> bool:
    runs = re.findall(rb"[\x80-\xff]+", head)
    side_by_side = sum(len(run) for run in runs if len(run) > 2)
    return _decodes(head, "cp1252") and side_by_side <= SIDE_BY_SIDE * sum(map(len, runs))


def _looks_chinese(head: bytes) -> bool:
    pairs = re.findall(rb"[\x81-\xfe][\x30-\xfe]", head)
    usual = sum(
        (0xB0 <= pair[0] <= 0xD7 or 0xA1 <= pair[0] <= 0xA3) and pair[1] >= 0xA1 for pair in pairs
    )
    return bool(pairs) and usual >= CHINESE_SHARE * len(pairs)
