"""Files that cannot be read right: each is refused with what is wrong and where.

No file ends in a traceback, in a wait of more than ten seconds, or in a wrong number.
"""

from __future__ import annotations

import bz2
import codecs
import datetime as dt
import gzip
from typing import Any

import pytest
from tests.data.exports import (
    CELLS,
    GOOD,
    HEAD,
    LINES,
    TABLE,
    TODAY,
    Content,
    cut_workbook,
    database,
    gzip_bomb,
    many,
    parquet,
    project,
    put,
    replaced,
    sheet,
    with_row,
    workbook,
    zip_bomb,
    zip_of,
)

from opsbook.data import load_tables
from opsbook.errors import DataError

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
    "two tables below each other": (
        "t.csv",
        with_row("\nRefunds,,,\nday,store,refund,amount\n2024-01-01,A,1,9"),
        "line 7, column 'day': 'day' is no date",
    ),
    "a day without a year": ("t.csv", with_row("Jan-23,A,1,10"), "'Jan-23' is no date"),
    "two digits for the year": ("t.csv", with_row("24-01-03,A,1,10"), "'24-01-03' is no date"),
    "seconds since 1970": ("t.csv", with_row("1704067200,A,1,10"), "'1704067200' is no date"),
    "a column too narrow for its dates": ("t.csv", with_row("########,A,1,10"), "is no date"),
    "a division by zero": ("t.csv", with_row("2024-01-04,A,#DIV/0!,10"), "'#DIV/0!' is no number"),
    "about so many": ("t.csv", with_row("2024-01-04,A,~5,10"), "'~5' is no number"),
    "more than so many": ("t.csv", with_row("2024-01-04,A,1,10万+"), "'10万+' is no number"),
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
    "a csv named duckdb": ("t.duckdb", GOOD, "no DuckDB file"),
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
    "a file that packs itself otherwise": ("t.csv", bz2.compress(GOOD.encode()), "encoding"),
    "an old workbook": ("t.xls", b"\xd0\xcf\x11\xe0" + b"\1" * 99, "another kind than .xlsx"),
    "an old workbook named xlsx": ("t.xlsx", b"\xd0\xcf\x11\xe0" + b"\1" * 99, "no Excel workbook"),
    "a web page named xls": ("t.xls", "<html><table><tr><td>1", "another kind than .xlsx"),
    "a web page named xlsx": ("t.xlsx", "<html><table><tr><td>1", "no Excel workbook"),
    "another database named duckdb": (
        "t.duckdb",
        b"SQLite format 3\0" * 9,
        "no DuckDB file",
    ),
    "gbk behind the mark of utf-8": (
        "t.csv",
        codecs.BOM_UTF8 + replaced("A", "北京门店").encode("gbk"),
        "line 2: its bytes are not utf-8",
    ),
    "a row cut by another delimiter": ("t.csv", with_row("2024-01-04;A;1;10"), "line 5: 1 cells"),
    "two tables in a file": ("t.csv", GOOD + "\nregion,sales\nN,5\n", "line 7: 2 cells"),
    "thousands and decimals alike": (
        "t.csv",
        replaced("A,1,10", 'A,1,"1,234"').replace("A,2,10", "A,2,1.234"),
        "cannot both have thousands",
    ),
    "groups of four digits": ("t.csv", replaced("A,1,10", 'A,1,"1,2345"'), "'1,2345' is no number"),
    "numerals in Chinese": ("t.csv", replaced("A,1,10", "A,1,一千二百"), "'一千二百' is no number"),
    "two units in a number": ("t.csv", replaced("A,1,10", "A,1,1万2千"), "'1万2千' is no number"),
    "about a number": ("t.csv", replaced("A,1,10", "A,约1,10"), "'约1' is no number"),
    "a range": ("t.csv", replaced("A,1,10", "A,1,5-10"), "'5-10' is no number"),
    "a footnote": ("t.csv", replaced("A,1,10", "A,1*,10"), "'1*' is no number"),
    "a cell too narrow": ("t.csv", replaced("A,1,10", "A,####,10"), "'####' is no number"),
    "a day without its year": ("t.csv", replaced("2024-01-01", "1月1日"), "'1月1日' is no date"),
    "a year of two digits in Chinese": (
        "t.csv",
        with_row("24年1月1日,A,1,10"),
        "is no date",
    ),
    "the Republic's years": ("t.csv", replaced("2024-01-01", "113年1月1日"), "is no date"),
    "a day of zeros": ("t.csv", with_row("0000-00-00,A,1,10"), "'0000-00-00' is no date"),
    "the end of time": ("t.csv", with_row("9999-12-31,A,1,10"), "'9999-12-31' is no date"),
    "an hour of 99": ("t.csv", with_row("2024-01-04 99:00:00,A,1,10"), "is no date"),
    "an error of a reference": (
        "t.xlsx",
        workbook([*CELLS, ["2024-01-04", "A", "#REF!", 10]]),
        "'#REF!' is no number",
    ),
    "a time for a day": ("t.xlsx", workbook([*CELLS, [dt.time(9), "A", 1, 10]]), "is no date"),
    "a day for a figure": (
        "t.xlsx",
        workbook([*CELLS, ["2024-01-04", "A", dt.date(1900, 1, 3), 10]]),
        "'1900-01-03' is no number",
    ),
    "a second sheet, hidden": (
        "t.xlsx",
        sheet(lambda book: setattr(book["old"], "sheet_state", "hidden"), old=CELLS),
        "2 filled sheets",
    ),
    "a cut parquet": (
        "t.parquet",
        lambda file: (parquet(TABLE)(file), file.write_bytes(file.read_bytes()[:-9]), None)[2],
        "cannot be read as a table",
    ),
    "times of a clock for days": (
        "t.parquet",
        parquet(f"SELECT * REPLACE (TIME '09:00' AS day) FROM ({TABLE})"),  # noqa: S608 - our own table
        "'09:00:00' is no date",
    ),
    "json in json": ("t.jsonl", LINES.replace(": 10", ': {"v": 1}'), "is no number"),
    "json lines in gbk": ("t.jsonl", LINES.replace("A", "北京").encode("gbk"), "invalid UTF-8"),
    "json over several lines": ("t.jsonl", '{\n"day": "2024-01-01"\n}\n', "cannot be read as a"),
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


def test_the_corpus_holds_more_than_ninety_malformed_files():
    assert len(REFUSED) >= 90


#: What DuckDB would read as a number or a day, or lets pass: each stands in the last row alone.
FAR_DOWN = {
    "orders": ["1_2", "+-1", "1e1_0", "0x10", "inf", "-Infinity", "1e999", "t", "1 2", "1x"],
    "day": [
        *(
            "2024-02-30",
            "epoch",
            "infinity",
            "2024-01-03 BC",
            "2024-01-03x",
            "2024-1-3x",
            "24-01-03",
        ),
        *(
            "12024-01-03",
            "-2024-01-03",
            "2024 01 03",
            "2024-01-03 10:00:00 abc",
            "2024-01-03 25:00",
        ),
    ],
}


@pytest.mark.parametrize(
    ("column", "cell"), [(name, cell) for name, cells in FAR_DOWN.items() for cell in cells]
)
def test_what_is_no_number_and_no_day_is_found_in_the_last_row(column, cell, tmp_path):
    row = f"2024-01-03,A,{cell},10" if column == "orders" else f"{cell},A,1,10"
    put(tmp_path, "t.csv", many(row))
    with pytest.raises(DataError) as caught:
        load_tables(project("t.csv"), tmp_path, today=TODAY)
    what = "number" if column == "orders" else "date"
    assert f"t.csv, line 302, column '{column}': '{cell}' is no {what}" in str(caught.value)
