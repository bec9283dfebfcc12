"""Files as people send them: each is read right, or refused with what is wrong and where.

No file ends in a traceback, in a wait of more than ten seconds, or in a wrong number.
"""

from __future__ import annotations

import codecs
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

from opsbook.data import load_tables
from opsbook.errors import DataError
from opsbook.project import Project

TODAY = dt.date(2025, 6, 1)
HEAD = "day,store,orders,visits"
ROWS = ["2024-01-01,A,1,10", "2024-01-02,A,2,10", "2024-01-03,B,3,10"]
GOOD = "\n".join([HEAD, *ROWS, ""])
#: What every readable file of the corpus says: orders and visits in all.
SUMS = (6.0, 30.0)

Content = bytes | str | Callable[[Path], None]


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
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


TABLE = (
    "SELECT * FROM (VALUES (DATE '2024-01-01', 'A', 1, 10), (DATE '2024-01-02', 'A', 2, 10), "
    "(DATE '2024-01-03', 'B', 3, 10)) t(day, store, orders, visits)"
)
LINES = "\n".join(
    f'{{"day": "2024-01-0{i}", "store": "A", "orders": {i}, "visits": 10}}' for i in (1, 2, 3)
)

READ: dict[str, tuple[str, Content, dict[str, Any]]] = {
    "plain": ("t.csv", GOOD, {}),
    "no newline at the end": ("t.csv", GOOD.rstrip(), {}),
    "windows lines": ("t.csv", GOOD.replace("\n", "\r\n"), {}),
    "old mac lines": ("t.csv", GOOD.replace("\n", "\r"), {}),
    "mixed line ends": ("t.csv", GOOD.replace("\n", "\r\n", 2), {}),
    "byte order mark": ("t.csv", codecs.BOM_UTF8 + GOOD.encode(), {}),
    "utf-16 with its mark": ("t.csv", GOOD.encode("utf-16"), {}),
    "utf-16 without its mark": ("t.csv", GOOD.encode("utf-16-le"), {}),
    "gbk": ("t.csv", replaced("A", "北京站点门店").encode("gbk"), {}),
    "latin-1": ("t.csv", replaced("A", "Zürich-Genève").encode("latin-1"), {}),
    "gbk only in the last row": (
        "t.csv",
        ("x" * 9 + "\n" + replaced("B", "上海")).encode("gbk"),
        {},
    ),
    "an encoding that the params name": (
        "t.csv",
        replaced("A", "東京").encode("shift_jis"),
        {"encoding": "shift_jis"},
    ),
    "tabs": ("t.tsv", GOOD.replace(",", "\t"), {}),
    "semicolons": ("t.csv", GOOD.replace(",", ";"), {}),
    "bars": ("t.txt", GOOD.replace(",", "|"), {}),
    "hive's delimiter": ("t.txt", GOOD.replace(",", "\x01"), {}),
    "a delimiter that the params name": ("t.txt", GOOD.replace(",", "#"), {"delimiter": "#"}),
    "gzip": ("t.csv.gz", gzip.compress(GOOD.encode()), {}),
    "gzip without the ending": ("t.csv", gzip.compress(GOOD.encode()), {}),
    "gzip of gbk": ("t.csv.gz", gzip.compress(replaced("A", "北京门店").encode("gbk")), {}),
    "title lines": ("t.csv", "导出时间：2024-02-01 09:12\n操作人：张三\n\n" + GOOD, {}),
    "empty lines": ("t.csv", GOOD.replace("\n", "\n\n"), {}),
    "lines of commas": ("t.csv", GOOD + ",,,\n,,,\n", {}),
    "a total row": ("t.csv", with_row("合计,,6,30"), {}),
    "a short total row": ("t.csv", with_row("Total,6"), {}),
    "a total row with a blank date": (
        "t.csv",
        "store,day,orders,visits\n"
        + "\n".join(",".join([r.split(",")[1], r.split(",")[0], *r.split(",")[2:]]) for r in ROWS)
        + "\n合计,,6,30\n",
        {},
    ),
    "a remark": ("t.csv", with_row("备注：不含退货"), {}),
    "the header again": ("t.csv", with_row(HEAD), {}),
    "two headers": ("t.csv", "日,,,\n" + GOOD, {}),
    "quotes": (
        "t.csv",
        "\n".join(",".join(f'"{c}"' for c in r.split(",")) for r in GOOD.split()),
        {},
    ),
    "a quoted line break": ("t.csv", replaced("A", '"A\nstore"'), {}),
    "full-width digits": ("t.csv", replaced("A,1,10", "A,１,１０"), {}),
    "per cent of a unit": ("t.csv", replaced("A,1,10", "A,100%,0.001万"), {}),
    "currencies": ("t.csv", replaced("A,1,10", "A,￥1.00,CNY 10"), {}),
    "thousands": ("t.csv", replaced("B,3,10", 'B,"0,003.0","10.00"').replace("0,003.0", "3.0"), {}),
    "a decimal comma": ("t.csv", GOOD.replace(",", ";").replace("B;3;10", "B;3,0;10,0"), {}),
    "spaces around cells": ("t.csv", replaced("A,1,10", "　A , 1 ,10 "), {}),
    "no-break spaces": ("t.csv", replaced("A,1,10", "A\u00a0,\u00a01,10\u00a0"), {}),
    "dates in four forms": (
        "t.csv",
        replaced("2024-01-01", "2024/1/1")
        .replace("2024-01-02", "45293")
        .replace("2024-01-03", "2024年1月3日"),
        {},
    ),
    "times of day": ("t.csv", GOOD.replace("2024-01-01", "2024-01-01 23:59:59+08:00"), {}),
    "day first, as the params say": (
        "t.csv",
        replaced("2024-01-01", "01/01/2024").replace("2024-01-02", "02/01/2024"),
        {"period": {"order": "day_first"}},
    ),
    "a trailing delimiter": ("t.csv", "\n".join(line + "," for line in GOOD.split()), {}),
    "names with spaces around": ("t.csv", replaced("orders", " orders　"), {}),
    "full-width brackets in a name": (
        "t.csv",
        replaced("store", "store（x）"),
        {"dimensions": ["store(x)"]},
    ),
    "a bracket in the file's name": ("t[1].csv", GOOD, {}),
    "a quote in the file's name": ("it's.csv", GOOD, {}),
    "an asterisk in the file's name": ("t*.csv", GOOD, {}),
    "a blank word of the params": (
        "t.csv",
        with_row("2024-01-04,A,待补,待补"),
        {"blanks": ["待补"]},
    ),
    "a spreadsheet's utf-16": ("t.txt", GOOD.replace(",", "\t").encode("utf-16"), {}),
    "a mark in the middle": (
        "t.csv",
        "\ufeff" + "\n".join([HEAD, *ROWS[:2]]) + "\n\ufeff" + "\n".join([HEAD, ROWS[2]]),
        {},
    ),
    "a spreadsheet's word on the delimiter": ("t.csv", "sep=;\n" + GOOD.replace(",", ";"), {}),
    "title lines as wide as the table": ("t.csv", "Report,,,\nFrom,1 Jan,to,2 Jan\n" + GOOD, {}),
    "apostrophes in front": ("t.csv", replaced("2024-01-02,A,2,10", "'2024-01-02,A,'2,'10"), {}),
    "texts in formulas": ("t.csv", replaced("2024-01-02,A,2,10", '="2024-01-02",A,="2",="10"'), {}),
    "thin spaces": ("t.csv", replaced("A,2,10", "A,2,\u200910\u202f"), {}),
    "weekdays beside dates": (
        "t.csv",
        replaced("2024-01-01", "Mon 2024-01-01")
        .replace("2024-01-02", "2024-01-02(二)")
        .replace("2024-01-03", '"Wednesday, January 3rd, 2024"'),
        {},
    ),
    "times of every sort": (
        "t.csv",
        replaced("2024-01-01", "2024/1/1 下午3:05:00")
        .replace("2024-01-02", "20240102093000")
        .replace("2024-01-03", "2024年1月3日9时30分"),
        {},
    ),
    "times with zones keep their day": (
        "t.csv",
        replaced("2024-01-01", "2024-01-01T23:30:00.000+0800")
        .replace("2024-01-02", "2024-01-02 00:10:00 UTC")
        .replace("2024-01-03", "2024-01-03 1:05 PM"),
        {},
    ),
    "a source below the table": ("t.csv", with_row("Source: shop, till system"), {}),
    "rows for all stores": ("t.csv", with_row("2024-01-01,All,6,30\n2024-01-01,全部,6,30"), {}),
    "a column that says all": ("t.csv", replaced("A", "All").replace("B", "All"), {}),
    "names that differ by capitals": (
        "t.csv",
        "\n".join([HEAD + ",Orders", *(row + ",9" for row in ROWS)]),
        {},
    ),
    "a workbook that lies about its size": ("t.xlsx", said_size("A1:XFD1048576"), {}),
    "a workbook that hides its size": ("t.xlsx", said_size("A1"), {}),
    "a workbook": ("t.xlsx", workbook(CELLS), {}),
    "a workbook with a title": ("t.xlsx", workbook([["周报"], [], *CELLS, ["备注"]]), {}),
    "a named sheet": ("t.xlsx", workbook([["other"]], data=CELLS), {"sheet": "data"}),
    "a merged date": ("t.xlsx", merged_body, {}),
    "parquet": ("t.parquet", parquet(TABLE), {}),
    "parquet of texts": ("t.parquet", parquet(f"SELECT COLUMNS(*)::VARCHAR FROM ({TABLE})"), {}),  # noqa: S608 - our own table
    "parquet with decimals, an enum and instants": (
        "t.parquet",
        parquet(
            "SELECT day::TIMESTAMP::TIMESTAMPTZ AS day, store::ENUM('A', 'B') AS store, "  # noqa: S608 - our own table
            f"orders::DECIMAL(38, 10) AS orders, visits::UTINYINT AS visits FROM ({TABLE})"
        ),
        {},
    ),
    "parquet with pandas' dates": (
        "t.parquet",
        parquet(f"SELECT * REPLACE (strftime(day, '%Y%m%d')::DOUBLE AS day) FROM ({TABLE})"),  # noqa: S608 - our own table
        {},
    ),
    "json lines": ("t.jsonl", LINES, {}),
    "json lines with a late key": ("t.jsonl", LINES + '\n{"late": 1}\n', {}),
    "duckdb": ("t.duckdb", database(f"CREATE TABLE t AS {TABLE}"), {}),
    "duckdb with two tables": (
        "t.duckdb",
        database(f"CREATE TABLE a(x INT); CREATE SCHEMA s; CREATE TABLE s.t AS {TABLE}"),
        {"table": "s.t"},
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_right(name, tmp_path):
    file, content, kpi = READ[name]
    put(tmp_path, file, content)
    shown = project(file, **dict(kpi))
    frame = load_tables(shown, tmp_path, today=TODAY).kpi.frame
    assert (frame["orders"].sum(), frame["visits"].sum()) == SUMS
    assert len(frame) == 3


REFUSED: dict[str, tuple[str, Content, str]] = {
    "0 bytes": ("t.csv", b"", "t.csv is empty"),
    "only spaces": ("t.csv", b" \n \n", "t.csv is empty"),
    "only a mark": ("t.csv", codecs.BOM_UTF8, "t.csv is empty"),
    "only zero bytes": ("t.csv", b"\0" * 4096, "t.csv is empty"),
    "a zero byte": ("t.csv", replaced("A", "A\0"), "line 2, holds zero bytes"),
    "a zero byte far down": (
        "t.csv",
        (HEAD + "\n" + "2024-01-01,A,1,10\n" * 20_000 + "2024-01-01,A\0,x,10\n").encode(),
        "line 20002, holds a zero byte",
    ),
    "a header alone": ("t.csv", HEAD, "has a header and no rows"),
    "a directory": ("t.csv", lambda file: file.mkdir(), "no Parquet file in t.csv"),
    "a missing file": ("t.csv", lambda _: None, "There is no table"),
    "an unknown ending": ("t.doc", GOOD, "not a kind of table"),
    "a million columns": (
        "t.csv",
        ",".join(f"c{i}" for i in range(1_000_000)) + "\n",
        "has a first line of more than",
    ),
    "ten thousand columns": (
        "t.csv",
        ",".join(f"c{i}" for i in range(10_000)) + "\n" + "," * 9_999 + "\n",
        "10,000 columns",
    ),
    "a cell of two million letters": (
        "t.csv",
        with_row(f"2024-01-04,{'x' * 2_000_000},1,10"),
        "line 5: a cell is longer",
    ),
    "a quote never closed": ("t.csv", with_row('2024-01-04,"A,1,10'), "a quote is not closed"),
    "a quote inside a quoted cell": ("t.csv", with_row('2024-01-04,"A"x,1,10'), "line 5: a quote"),
    "a row too long": ("t.csv", with_row("2024-01-04,A,1,10,9"), "line 5: 5 cells, where"),
    "a row too short": ("t.csv", with_row("2024-01-04,1,10"), "line 5: 3 cells, where"),
    "an unquoted thousands comma": ("t.csv", with_row("2024-01-04,A,1,234,10"), "line 5: 5 cells"),
    "two encodings": (
        "t.csv",
        (GOOD + "2024-01-04,北京,1,10\n").encode() + "2024-01-05,上海,1,10\n".encode("gbk"),
        "line 6: its bytes are not utf-8",
    ),
    "big5": ("t.csv", replaced("A", "臺北門市銷售").encode("big5"), "in which encoding"),
    "cyrillic": ("t.csv", replaced("A", "Москва").encode("cp1251"), "in which encoding"),
    "shift_jis": ("t.csv", replaced("A", "東京支店").encode("shift_jis"), "in which encoding"),
    "an underscore in a number": ("t.csv", with_row("2024-01-04,A,1_2,30"), "'1_2' is no number"),
    "another spelling of a name": ("t.csv", replaced("orders", "Orders"), "did you mean 'Orders'?"),
    "a backslash before a quote": ("t.csv", with_row('2024-01-04,"A \\"x\\"",1,10'), "a quote"),
    "a year of two digits behind": ("t.csv", with_row("25/04/24,A,1,10"), "'25/04/24' is no date"),
    "lists for figures": (
        "t.parquet",
        parquet(f"SELECT * REPLACE ([1] AS orders) FROM ({TABLE})"),  # noqa: S608 - our own table
        "is of the type INTEGER[]: no number",
    ),
    "a gzip cut short": ("t.csv.gz", gzip.compress(GOOD.encode())[:-30], "damaged gzip"),
    "a gzip of nothing": ("t.csv.gz", gzip.compress(b""), "is empty"),
    "a gzip with wrong bytes": (
        "t.csv.gz",
        gzip.compress(GOOD.encode())[:20] + b"\xff" * 40 + b"\0" * 4,
        "damaged gzip",
    ),
    "a gzip bomb": ("t.csv.gz", gzip_bomb, "unpacks from"),
    "a workbook named csv": ("t.csv", workbook(CELLS), "Excel workbook (.xlsx), not the table"),
    "an old workbook named csv": ("t.csv", b"\xd0\xcf\x11\xe0" + b"\1" * 99, "(.xls)"),
    "a web page named csv": ("t.csv", "<html><table><tr><td>1", "is a web page"),
    "a pdf named csv": ("t.csv", b"%PDF-1.7 ...", "is a PDF"),
    "a csv named xlsx": ("t.xlsx", GOOD, "is no Excel workbook"),
    "an empty xlsx": ("t.xlsx", b"", "is no Excel workbook"),
    "a zip named xlsx": ("t.xlsx", zip_of({"a.txt": "hello"}), "is damaged: Excel's parts"),
    "a zip bomb named xlsx": ("t.xlsx", zip_bomb, "no workbook that can be read safely"),
    "a cut workbook": (
        "t.xlsx",
        cut_workbook,
        "no Excel workbook",
    ),
    "an empty sheet": ("t.xlsx", workbook([]), "no sheet with anything in it"),
    "two filled sheets": ("t.xlsx", workbook(CELLS, other=CELLS), "2 filled sheets"),
    "a formula never computed": (
        "t.xlsx",
        workbook([*CELLS, ["2024-01-04", "A", "=1+1", 10]]),
        "cell C5: a formula without a result",
    ),
    "an error cell": (
        "t.xlsx",
        workbook([*CELLS, ["2024-01-04", "A", "#DIV/0!", 10]]),
        "row 5, column 'orders': '#DIV/0!' is no number",
    ),
    "a csv named parquet": ("t.parquet", GOOD, "cannot be read as a table"),
    "an empty parquet": ("t.parquet", b"", "cannot be read as a table"),
    "dates for figures": (
        "t.parquet",
        parquet(f"SELECT * REPLACE (day AS orders) FROM ({TABLE})"),  # noqa: S608 - our own table
        "is of the type DATE: no number",
    ),
    "infinity in parquet": (
        "t.parquet",
        parquet(f"SELECT * REPLACE ('inf'::DOUBLE AS orders) FROM ({TABLE})"),  # noqa: S608 - our own table
        "'inf' is no number",
    ),
    "broken json": ("t.jsonl", LINES + "\n{broken\n", "cannot be read as a table"),
    "a json list": ("t.jsonl", "[1, 2]\n", "has no JSON object"),
    "a csv named duckdb": ("t.duckdb", GOOD, "cannot be read as a table"),
    "two tables": (
        "t.duckdb",
        database("CREATE TABLE a(x INT); CREATE TABLE b(x INT)"),
        "has 2 tables; it has: a, b",
    ),
    "a word for a number": ("t.csv", with_row("2024-01-04,A,many,10"), "line 5, column 'orders'"),
    "two numbers in a cell": ("t.csv", with_row("2024-01-04,A,1/2,10"), "'1/2' is no number"),
    "a superscript": ("t.csv", with_row("2024-01-04,A,10²,100"), "'10²' is no number"),
    "indian groups": ("t.csv", with_row('2024-01-04,A,"1,23,456",9'), "'1,23,456' is no number"),
    "infinity": ("t.csv", with_row("2024-01-04,A,inf,10"), "'inf' is no number"),
    "a number too large": ("t.csv", with_row("2024-01-04,A,1e999,10"), "'1e999' is no number"),
    "two decimal marks": (
        "t.csv",
        with_row('2024-01-04,A,"1,5",10') + '2024-01-05,A,"1.5",10\n',
        "has a decimal point and '1,5' a decimal comma",
    ),
    "an ambiguous thousand": (
        "t.csv",
        GOOD.replace(",", ";").replace("A;1;", "A;1,234;"),
        "'1,234' may have a decimal comma or a thousands separator",
    ),
    "an ambiguous date": (
        "t.csv",
        with_row("03/04/2025,A,1,10"),
        "may be day first or month first",
    ),
    "an impossible date": ("t.csv", with_row("2024-02-30,A,1,10"), "'2024-02-30' is no date"),
    "a year of two digits": ("t.csv", with_row("24/1/4,A,1,10"), "'24/1/4' is no date"),
    "the word epoch": ("t.csv", with_row("epoch,A,1,10"), "'epoch' is no date"),
    "a unix time": ("t.csv", with_row("1704326400,A,1,10"), "'1704326400' is no date"),
    "a month where days are": ("t.csv", with_row("2024-01,A,1,10"), "'2024-01' is no date"),
    "a missing column": ("t.csv", replaced("orders", "order"), "no column 'orders'; it has: day"),
    "a column twice": ("t.csv", replaced("store", "orders"), "more than one column 'orders'"),
    "an encoding that is none": ("t.csv", GOOD, "There is no encoding 'klingon'"),
    "a header line that is none": ("t.csv", GOOD, "No row can be its header"),
    "a sheet that is none": ("t.xlsx", workbook(CELLS), "no sheet 'x'; it has: Sheet"),
}
SAID: dict[str, dict[str, Any]] = {
    "an encoding that is none": {"encoding": "klingon"},
    "a header line that is none": {"header_line": 99},
    "a sheet that is none": {"sheet": "x"},
    "a column twice": {"dimensions": []},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_with_what_is_wrong(name, tmp_path):
    file, content, words = REFUSED[name]
    put(tmp_path, file, content)
    with pytest.raises(DataError) as caught:
        load_tables(project(file, **SAID.get(name, {})), tmp_path, today=TODAY)
    assert words in str(caught.value)
    assert str(tmp_path / "opsbook-") not in str(caught.value)


def test_the_corpus_holds_more_than_sixty_malformed_files():
    assert len(REFUSED) >= 60


ALLOWED = [
    ("2024-01-04,A,many,10", {"unreadable": "drop"}, SUMS, "with an unreadable figure in {column}"),
    ("2024-01-04,A,1,10,9", {"unreadable": "drop"}, SUMS, "with more or fewer cells than the"),
    ("2024-01-04,A,,10", {}, SUMS, "without a figure in {column}"),
    ("2024-01-04,A,-1,10", {"impossible": "drop"}, SUMS, "with a count below zero in {column}"),
    ("2024-01-04,A,11,10", {"impossible": "drop"}, SUMS, "with more in {numerator} than in"),
    ("2031-01-04,A,1,10", {}, SUMS, "dated in the future"),
    ("2024-01-03,B,3,10", {}, SUMS, "exact copies of another row"),
]


@pytest.mark.parametrize(("row", "intake", "sums", "reason"), ALLOWED)
def test_a_row_is_left_out_as_the_params_say_and_told(row, intake, sums, reason, tmp_path):
    put(tmp_path, "t.csv", with_row(row))
    tables = load_tables(project("t.csv", intake), tmp_path, today=TODAY)
    assert (tables.kpi.frame["orders"].sum(), tables.kpi.frame["visits"].sum()) == sums
    (line,) = tables.ledger.left_out
    assert line.reason.message.startswith(reason)
    assert (line.rows, tables.ledger.rows_in, tables.ledger.rows_used) == (1, 4, 3)
    assert line.first[0].startswith("5")


@pytest.mark.parametrize(
    ("row", "policy", "orders"),
    [
        ("2024-01-04,A,-1,10", {"impossible": "keep"}, 5),
        ("2024-01-03,B,3,10", {"duplicates": "keep"}, 9),
        ("合计,,6,30", {"totals": "refuse"}, None),
        ("2024-01-03,B,3,10", {"duplicates": "refuse"}, None),
        ("2031-01-04,A,1,10", {"future": "refuse"}, None),
        ("2024-01-04,A,,10", {"missing": "refuse"}, None),
        ("2024-01-04,A,11,10", {"impossible": "refuse"}, None),
    ],
)
def test_a_policy_keeps_or_refuses_and_names_how_to_allow_it(row, policy, orders, tmp_path):
    put(tmp_path, "t.csv", with_row(row))
    shown = project("t.csv", policy)
    if orders is None:
        with pytest.raises(DataError, match=rf"t\.csv, line 5.*intake\.{next(iter(policy))}"):
            load_tables(shown, tmp_path, today=TODAY)
    else:
        tables = load_tables(shown, tmp_path, today=TODAY)
        assert tables.kpi.frame["orders"].sum() == orders
        assert len(tables.ledger.notes) == 1


def test_a_figure_too_large_to_be_exact_is_told(tmp_path):
    put(tmp_path, "t.csv", with_row("2024-01-04,A,9007199254740993,9007199254740993"))
    ledger = load_tables(project("t.csv"), tmp_path, today=TODAY).ledger
    checks = [(check.id, check.first, check.done) for check in ledger.checks]
    assert checks == [("rounded", ("5: 9007199254740993",), "kept")] * 2
    assert len(ledger.notes) == 2


def test_the_days_of_instants_are_those_of_the_zone_that_the_params_name(tmp_path):
    late = parquet(
        f"SELECT * REPLACE ((day::VARCHAR || ' 20:00:00+00')::TIMESTAMPTZ AS day) FROM ({TABLE})"  # noqa: S608 - our own table
    )
    put(tmp_path, "t.parquet", late)
    for zone, first in (("UTC", 1), ("Asia/Shanghai", 2)):
        shown = project("t.parquet", period={"zone": zone})
        tables = load_tables(shown, tmp_path, today=TODAY)
        assert tables.kpi.periods[0].day == first
        assert tables.ledger.read_as[0].values == {"zone": zone}
    with pytest.raises(ValueError, match="must be a time zone such as Asia/Shanghai"):
        project("t.parquet", period={"zone": "Mars/Olympus"})
