"""Text files: their encoding, their delimiter, their rows with the lines they stand on."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from opsbook.data.encoding import encoding_of, refuse_binary
from opsbook.data.header import Header, find_header
from opsbook.errors import DataError
from opsbook.project.data import KpiTable

DELIMITERS = (",", "\t", ";", "|", "^", "~", "\x01")
HEAD = 1 << 18
#: A line longer than this is no row of a table.
LONGEST_CELL = 1 << 20
#: A gzip file that unpacks to so many times its size, and to so much, is a bomb.
BOMB_RATIO, BOMB_SIZE = 200, 1 << 28
#: No gzip file unpacks to more times its size than this.
DENSEST = 1100


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a text file is laid out.

    Attributes:
        encoding: As Python names it.
        delimiter: What separates its cells.
        header: Where the table begins, and its columns.
        line: Line of the header's first row, from 1.
    """

    encoding: str
    delimiter: str
    header: Header
    line: int


def layout(path: Path, kpi: KpiTable, wanted: Collection[str]) -> Layout:
    """Tell a text file's layout from its beginning.

    Args:
        path: CSV or TSV, also packed by gzip.
        kpi: What the params say about it.
        wanted: Names of the columns that the params use.

    Raises:
        DataError: If the file is empty, no text, or has no header.
    """
    with opened(path) as file:
        head = _read(file, HEAD, path)
    refuse_binary(head, path.name)
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise DataError(f"{path.name} is empty.", "Export the table again.")
    whole = len(head) < HEAD
    encoding = _known(kpi.encoding, path) or encoding_of(head, whole=whole)
    if not encoding:
        raise DataError(
            f"{path.name}: its bytes do not tell in which encoding it is written; it is not "
            "UTF-8, UTF-16, GB 18030 or Latin-1.",
            "Say which one: data.kpi.encoding, for example big5, shift_jis, cp1251; or save it "
            "as UTF-8.",
        )
    if encoding == "ascii":
        encoding = "utf-8"
    text = _decoded(head, encoding, path, whole=whole)
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise DataError(
            f"{path.name}, line {line}, holds zero bytes; it is damaged or no text.",
            "Export the table again, as CSV.",
        )
    if not whole and "\n" not in text and "\r" not in text:
        raise DataError(
            f"{path.name} has a first line of more than {HEAD:,} bytes; that is no table.",
            "Export the table again, as CSV with one row a line.",
        )
    lines = text.splitlines()
    lines = lines if whole else lines[:-1]
    delimiter = kpi.delimiter or _delimiter(lines)
    rows, places = _sample(lines, delimiter)
    at = None
    if kpi.header_line is not None:
        after = [i for i, line in enumerate(places) if line >= kpi.header_line]
        at = after[0] if after else len(rows)
    try:
        header = find_header(rows, wanted, at=at, grouped=kpi.upper_header is not None)
    except DataError as error:
        raise DataError(f"{path.name}: {error.problem}", error.fix) from None
    return Layout(encoding=encoding, delimiter=delimiter, header=header, line=places[header.first])


def rows_of(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Read a text file row by row: the line each begins on, and its cells.

    Yields:
        The rows below the header; empty lines are left out.

    Raises:
        DataError: If a byte is not of the encoding or a quote is not closed, with its line.
    """
    csv.field_size_limit(LONGEST_CELL)
    after = layout.header.rows
    with opened(path) as raw, _as_text(raw, layout.encoding) as text:
        reader = csv.reader(text, delimiter=layout.delimiter, strict=True)
        line = 1
        try:
            for _ in range(layout.line - 1):
                text.readline()
                line += 1
            before = line - 1
            for cells in reader:
                start, line = line, before + reader.line_num + 1
                if not any(cells):
                    continue
                if after:
                    after -= 1
                elif "\x00" in "".join(cells):
                    raise DataError(
                        f"{path.name}, line {start}, holds a zero byte; it is damaged.",
                        "Export the table again.",
                    )
                else:
                    yield start, cells
        except UnicodeDecodeError:
            bad = _bad_line(path, layout.encoding)
            raise DataError(
                f"{path.name}, line {bad}: its bytes are not {layout.encoding}, unlike those "
                "before; the file mixes encodings.",
                "Save it in one encoding, or say which it is: data.kpi.encoding.",
            ) from None
        except csv.Error as error:
            raise DataError(
                f"{path.name}, line {line}: {_quote_fault(str(error))}.",
                "Mend the quotes of that row, or export the table again.",
            ) from None
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise _cut(path) from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked where it is packed by gzip, whatever its name.

    Raises:
        DataError: If it cannot be read, or unpacks to far more than a table.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            if packed:
                size = plain.seek(-4, io.SEEK_END) + 4
                unpacked = int.from_bytes(plain.read(4), "little")
                if unpacked > DENSEST * size:
                    raise _cut(path)
                if unpacked > max(BOMB_SIZE, BOMB_RATIO * size):
                    raise DataError(
                        f"{path.name} unpacks from {size:,} to {unpacked:,} bytes; no table does.",
                        "Unpack it yourself and look at it.",
                    )
            plain.seek(0)
            if packed:
                with gzip.open(plain) as file:
                    yield cast("IO[bytes]", file)
            else:
                yield plain
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise _cut(path) from None
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from None


def _read(file: IO[bytes], size: int, path: Path) -> bytes:
    try:
        return file.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _cut(path) from None


def _cut(path: Path) -> DataError:
    return DataError(
        f"{path.name} is a damaged gzip file: it ends too early or holds wrong bytes.",
        "Copy or export it again.",
    )


def _known(encoding: str | None, path: Path) -> str | None:
    if encoding is None:
        return None
    try:
        "".encode(encoding)
    except LookupError:
        raise DataError(
            f"There is no encoding '{encoding}' (data.kpi.encoding, for {path.name}).",
            "For example utf-8, gb18030, utf-16, latin-1.",
        ) from None
    return encoding


def _decoded(head: bytes, encoding: str, path: Path, *, whole: bool) -> str:
    if encoding.startswith("utf-16") and not whole:
        head = head[: len(head) // 2 * 2]
    try:
        return io.TextIOWrapper(io.BytesIO(head), encoding, newline="").read()
    except UnicodeDecodeError as error:
        if not whole and error.start > len(head) - 8:
            return head[: error.start].decode(encoding)
        line = head[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}, line {line}: its bytes are not {encoding}.",
            "Say which encoding it is: data.kpi.encoding.",
        ) from None


def _as_text(raw: IO[bytes], encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="")


def _bad_line(path: Path, encoding: str) -> int:
    """The first line whose bytes are not of the encoding."""
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 0


def _sample(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first rows that are not empty, and the lines they begin on."""
    rows: list[list[str]] = []
    places: list[int] = []
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    line = 1
    with contextlib.suppress(csv.Error):
        for cells in reader:
            start, line = line, reader.line_num + 1
            if any(cell.strip() for cell in cells):
                rows.append([cell.strip() for cell in cells])
                places.append(start)
    return rows, places


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts most of the first rows into the same number of cells."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        counts = [len(row) for row in _sample(lines[:200], delimiter)[0]]
        cut = Counter(count for count in counts if count > 1)
        if not cut:
            continue
        width, often = max(cut.items(), key=lambda item: (item[1], item[0]))
        score = (round(often / len(counts), 1), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _quote_fault(message: str) -> str:
    if "larger than field limit" in message:
        return f"a cell is longer than {LONGEST_CELL:,} characters; a quote may not be closed"
    return "a quote is not closed, or stands inside a quoted cell"
