"""Files as people send them, made for tests: good ones, and what can go wrong with them."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import signal
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from opsbook.project import Project

TODAY = dt.date(2025, 6, 1)
HEAD = "day,store,orders,visits"
ROWS = ["2024-01-01,A,1,10", "2024-01-02,A,2,10", "2024-01-03,B,3,10"]
GOOD = "\n".join([HEAD, *ROWS, ""])
#: What every readable file of the corpus says: orders and visits in all.
SUMS = (6.0, 30.0)

Content = bytes | str | Callable[[Path], None]


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """No file may take ten seconds."""

    def stop(*_: object) -> None:
        raise TimeoutError("more than ten seconds")

    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, old)


def project(name: str, intake: dict[str, Any] | None = None, **kpi: Any) -> Project:
    period = {"column": kpi.pop("date", "day"), "grain": kpi.pop("grain", "day")}
    period |= kpi.pop("period", {})
    return Project.model_validate(
        {
            "project": {"id": "p", "title": "P"},
            "data": {"kpi": {"path": name, "period": period, "dimensions": ["store"], **kpi}},
            "intake": intake or {},
            "metric": {
                "name": "Conversion",
                "numerator": "orders",
                "denominator": "visits",
                "better": "higher",
            },
        }
    )


def put(folder: Path, name: str, content: Content) -> None:
    file = folder / name
    if callable(content):
        content(file)
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content, encoding="utf-8", newline="")


def with_row(row: str) -> str:
    return GOOD + row + "\n"


def replaced(old: str, new: str) -> str:
    return GOOD.replace(old, new)


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        for title, others in sheets.items():
            extra = book.create_sheet(title)
            for row in others:
                extra.append(row)
        book.save(file)

    return write


CELLS: list[list[Any]] = [
    ["day", "store", "orders", "visits"],
    [dt.date(2024, 1, 1), "A", 1, 10],
    [dt.datetime(2024, 1, 2), "A", 2, 10],  # noqa: DTZ001 - spreadsheets know no zones
    [45294, "B", 3.0, "10"],
]


def merged_body(file: Path) -> None:
    workbook([CELLS[0], CELLS[1], [None, "B", 2, 10], [45294, "B", 3, 10]])(file)
    book = openpyxl.load_workbook(file)
    assert book.active is not None
    book.active.merge_cells("A2:A3")
    book.save(file)


def cut_workbook(file: Path) -> None:
    workbook(CELLS)(file)
    file.write_bytes(file.read_bytes()[:-200])


def said_size(size: str) -> Callable[[Path], None]:
    """A workbook whose sheet says that it is far larger or smaller than it is."""

    def write(file: Path) -> None:
        workbook(CELLS)(file)
        with zipfile.ZipFile(file) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        part = "xl/worksheets/sheet1.xml"
        said = f'<dimension ref="{size}"/>'.encode()
        parts[part] = re.sub(rb'<dimension ref="[^"]*" ?/>', said, parts[part])
        with zipfile.ZipFile(file, "w") as book:
            for name, content in parts.items():
                book.writestr(name, content)

    return write


def zip_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(66):
                part.write(b"0" * (1 << 20))


def zip_of(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def gzip_bomb(file: Path) -> None:
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(GOOD.encode())
        for _ in range(260):
            packed.write(b"\n" * (1 << 20))


def parquet(query: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")

    return write


def database(statements: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with duckdb.connect(str(file)) as connection:
            connection.execute(statements)

    return write


def merged_store(file: Path) -> None:
    workbook([CELLS[0], CELLS[1], ["2024-01-02", None, 2, 10], CELLS[3]])(file)
    book = openpyxl.load_workbook(file)
    assert book.active is not None
    book.active.merge_cells("B2:B3")
    book.save(file)


def hide(book: Any) -> None:
    book.active.row_dimensions[3].hidden = True


COMPACT: list[list[Any]] = [
    CELLS[0],
    [20240101, "A", 1, 10],
    [20240102.0, "A", 2, 10],
    ["20240103", "B", "3", "'10"],
]
TABLE = (
    "SELECT * FROM (VALUES (DATE '2024-01-01', 'A', 1, 10), (DATE '2024-01-02', 'A', 2, 10), "
    "(DATE '2024-01-03', 'B', 3, 10)) t(day, store, orders, visits)"
)
LINES = "\n".join(
    f'{{"day": "2024-01-0{i}", "store": "A", "orders": {i}, "visits": 10}}' for i in (1, 2, 3)
)


def many(*last: str) -> str:
    """A table whose first 300 rows are plain, so that only its last rows can tell."""
    rows = [f"2024-01-0{1 + i % 3},S{i},0,0" for i in range(300)]
    return "\n".join([HEAD, *rows, *last, ""])


def sheet(write: Callable[[Any], None], **more: list[list[Any]]) -> Callable[[Path], None]:
    """A workbook of the table, changed by somebody."""

    def make(file: Path) -> None:
        workbook(CELLS, **more)(file)
        book = openpyxl.load_workbook(file)
        write(book)
        book.save(file)

    return make
