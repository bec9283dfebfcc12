"""Excel workbooks: one sheet's rows as texts, merged cells filled, damage and bombs refused."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opsbook.errors import DataError

#: A workbook that unpacks to more than this, or a part of one that shrinks so well, is a bomb.
LARGEST, LARGEST_PART, SHRINKS = 1 << 30, 64 << 20, 150
MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
UNCOMPUTED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+[0-9]+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
#: What openpyxl and zipfile raise where a part of a workbook is not what it should be.
DAMAGES = (
    *(AttributeError, EOFError, LookupError, NotImplementedError, OSError, OverflowError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, zlib.error),
)
Cells = list[str]


def sheet_rows(
    path: Path, sheet: str | None, *, most: int | None = None
) -> list[tuple[int, Cells]]:
    """The rows of a workbook's sheet: the number of each, and its cells as texts.

    A date is written as 2011-08-30, a number with all its digits. A merged cell's text stands in
    each of its rows, a merged number in its first only: it is one figure, not several.

    Args:
        path: An .xlsx file.
        sheet: Name of the sheet; the only one that is filled, if left out.
        most: Read so many rows only, enough for a header.

    Raises:
        DataError: If the file is no workbook, a bomb, has no such sheet or several filled ones,
            or has a formula that was never computed.
    """
    _refuse_bombs(path)
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                chosen = _sheet(book, sheet, path.name)
                part = book[chosen]._worksheet_path  # noqa: SLF001 - the part that merges stand in
                rows = list(itertools.islice(_filled(book[chosen]), most))
            finally:
                book.close()
        with zipfile.ZipFile(path) as archive:
            xml = archive.read(part)
    except (InvalidFileException, zipfile.BadZipFile, *DAMAGES):
        raise DataError(
            f"{path.name} is damaged: Excel's parts are not in it or cannot be read.",
            "Open it in Excel, repair it, and save it again.",
        ) from None
    if most is not None:
        return rows
    if found := UNCOMPUTED.search(xml):
        raise DataError(
            f"{path.name}, sheet '{chosen}', cell {found[1].decode()}: a formula without a result.",
            "Open the workbook in Excel, let it compute, and save it again.",
        )
    return _spread(rows, xml)


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise DataError(
            f"{path.name} is no Excel workbook (.xlsx), or a damaged one.",
            "Open it in Excel and save it as .xlsx or CSV.",
        ) from None
    total = sum(part.file_size for part in parts)
    bombs = [
        part
        for part in parts
        if part.file_size > LARGEST_PART and part.file_size > SHRINKS * max(part.compress_size, 1)
    ]
    if total > LARGEST or bombs or len(parts) > 10_000:
        raise DataError(
            f"{path.name} unpacks to {total:,} bytes from {path.stat().st_size:,}; "
            "that is no workbook that can be read safely.",
            "Export the table as CSV.",
        )


def _sheet(book: Any, sheet: str | None, name: str) -> str:
    sheets: list[str] = [one.title for one in book.worksheets]
    if sheet is not None:
        if sheet not in sheets:
            raise DataError(
                f"{name} has no sheet '{sheet}'; it has: {', '.join(sheets)}.",
                "Correct data.kpi.sheet.",
            )
        return sheet
    filled: list[str] = [one.title for one in book.worksheets if any(True for _ in _filled(one))]
    if not filled:
        raise DataError(f"{name} has no sheet with anything in it.", "Export the table again.")
    if len(filled) > 1:
        raise DataError(
            f"{name} has {len(filled)} filled sheets: {', '.join(filled)}.",
            "Say which one: data.kpi.sheet.",
        )
    return filled[0]


def _filled(sheet: Any) -> Iterator[tuple[int, Cells]]:
    sheet.reset_dimensions()  # a sheet's own word on its size is often too small, or far too large
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_text(value) for value in row]
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    """A cell's value as the text that says it exactly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).strip()


def _spread(rows: list[tuple[int, Cells]], xml: bytes) -> list[tuple[int, Cells]]:
    """Write a merged cell's text into the rows below its first."""
    by_row = dict(rows)
    for left, top, right, bottom in MERGED.findall(xml):
        column = _column(left)
        if _column(right) != column or int(bottom) == int(top) or int(top) not in by_row:
            continue
        cells = by_row[int(top)]
        text = cells[column] if column < len(cells) else ""
        if not text or re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", text):
            continue
        for row in range(int(top) + 1, int(bottom) + 1):
            below = by_row.get(row)
            if below is not None and column < len(below) and not below[column]:
                below[column] = text
    return rows


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
