"""The report's tables as CSV files, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from opsbook.report.merge import OURS
from opsbook.results import STAGES
from opsbook.results.saved import write_whole

FOLDER = "tables"
#: A number as `text.Language` shows it; a dash stands for none.
NUMBER = re.compile(r"[+\N{MINUS SIGN}-]?\d[\d,]*(\.\d+)?%?")
NONE = "–"
#: What a spreadsheet takes for the beginning of a formula, in full width too.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
PLAIN = str.maketrans({"\N{MINUS SIGN}": "-", "+": None, ",": None})


class _Tables(HTMLParser):
    """Collects the rows of each table: the cells' texts, a wide cell in each of its columns."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[list[str]]] = []
        self._span = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.found.append([])
        elif tag == "tr" and self.found:
            self.found[-1].append([])
        elif tag in {"td", "th"} and self.found and self.found[-1]:
            width = dict(attrs).get("colspan") or "1"
            self._span = int(width) if width.isdigit() else 1
            self.found[-1][-1] += [""] * self._span

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._span = 0

    def handle_data(self, data: str) -> None:
        if self._span:
            row = self.found[-1][-1]
            for position in range(len(row) - self._span, len(row)):
                row[position] += data


def read_tables(html: str) -> list[list[list[str]]]:
    """Read the tables of a cell's output: table → row → text of each cell.

    Examples:
        >>> read_tables("<table><tr><th>a</th><td>1 <b>x</b></td></tr></table>")
        [[['a', '1 x']]]
    """
    parser = _Tables()
    parser.feed(html)
    return [
        [[" ".join(cell.split()) for cell in row] for row in table if row]
        for table in parser.found
        if any(table)
    ]


def as_csv(rows: list[list[str]]) -> str:
    r"""Write a table as CSV.

    Columns of numbers are written as plain numbers. In all other columns a cell that a
    spreadsheet would run as a formula gets an apostrophe before it.

    Examples:
        >>> as_csv([["name", "change"], ["=A1", "−1,200"], ["b", "+3"]])
        "name,change\r\n'=A1,-1200\r\nb,3\r\n"
    """
    width = max(map(len, rows))
    full = [row + [""] * (width - len(row)) for row in rows]
    numeric = [_is_numeric([row[i] for row in full[1:]]) for i in range(width)]
    made = io.StringIO()
    writer = csv.writer(made)
    for number, row in enumerate(full):
        writer.writerow(
            _plain(cell) if figures and number else _harmless(cell)
            for cell, figures in zip(row, numeric, strict=True)
        )
    return made.getvalue()


def write_tables(folder: Path, merged: Mapping[str, Any]) -> list[Path]:
    """Write each table of a merged notebook into ``tables/``; those of an earlier run go.

    Args:
        folder: The project's output folder.
        merged: What `merge` returned.

    Returns:
        The files: named after the cell, numbered where a cell has several.
    """
    files = {folder / FOLDER / name: content for name, content in _files(merged)}
    for old in (folder / FOLDER).glob("*.csv"):
        if old not in files:
            old.unlink()
    for path, content in files.items():
        write_whole(path, "\N{ZERO WIDTH NO-BREAK SPACE}" + content)  # so that Excel reads UTF-8
    return list(files)


def _files(merged: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for cell in merged["cells"]:
        if cell["metadata"][OURS]["section"] not in STAGES:
            continue
        found = [
            table
            for output in cell.get("outputs", ())
            for table in read_tables("".join(output.get("data", {}).get("text/html", "")))
        ]
        for number, table in enumerate(found, start=1):
            name = cell["id"] + (f"-{number}" if len(found) > 1 else "")
            yield f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)}.csv", as_csv(table)


def _is_numeric(cells: list[str]) -> bool:
    known = [cell for cell in cells if cell not in {"", NONE}]
    return bool(known) and all(map(NUMBER.fullmatch, known))


def _plain(cell: str) -> str:
    return "" if cell == NONE else cell.translate(PLAIN)


def _harmless(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell
