"""Files as people send them that are read right, every number of them."""

from __future__ import annotations

import codecs
import gzip
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from tests.data.exports import (
    CELLS,
    COMPACT,
    GOOD,
    HEAD,
    LINES,
    ROWS,
    SUMS,
    TABLE,
    TODAY,
    Content,
    database,
    hide,
    many,
    merged_body,
    merged_store,
    parquet,
    project,
    put,
    replaced,
    said_size,
    sheet,
    with_row,
    workbook,
)

from opsbook.data import load_tables

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
    "times far down": (
        "t.csv",
        many("2024-01-01 09:00,A,1,10", "2024-01-02T10:00:00+08,A,2,10", "2024/01/03,A,3,10"),
        {},
    ),
    "numbers in other forms far down": (
        "t.csv",
        many("2024-01-01,A,+1,1e1", "2024-01-02,B,2.,1E+1", '2024-01-03,C,".3e1", 10'),
        {},
    ),
    "big-endian utf-16 without its mark": ("t.csv", replaced("A", "北京").encode("utf-16-be"), {}),
    "utf-32": ("t.csv", GOOD.encode("utf-32"), {}),
    "a spreadsheet's word on tabs": ("t.csv", "sep=\t\n" + GOOD.replace(",", "\t"), {}),
    "a quoted line break in gbk": ("t.csv", replaced("A", '"北京\n门店"').encode("gbk"), {}),
    "a line break in a name": ("t.csv", replaced("orders", '"orders\n"'), {}),
    "a gzip of two parts": (
        "t.csv.gz",
        gzip.compress("\n".join([HEAD, ROWS[0], ""]).encode())
        + gzip.compress("\n".join([*ROWS[1:], ""]).encode()),
        {},
    ),
    "the end of a file as DOS had it": ("t.csv", GOOD + "\x1a", {}),
    "a line's end of unicode in a cell": ("t.csv", replaced("A", "A\u2028B"), {}),
    "a sub-total between": ("t.csv", replaced(ROWS[2], "小计,A,3,20\n" + ROWS[2]), {}),
    "a sub-total of a store": ("t.csv", with_row("2024-01-03,A 小计,3,20"), {}),
    "a sub-total as spreadsheets write it": ("t.csv", with_row("2024-01-03,B Total,3,10"), {}),
    "a total with a space in it": ("t.csv", with_row("合 计,,6,30"), {}),
    "a total without a date": ("t.csv", with_row(",合计,6,30"), {}),
    "a page's number": ("t.csv", with_row("第 1 页 共 3 页"), {}),
    "a spreadsheet's mark for nothing": ("t.csv", with_row("2024-01-04,A,#N/A,10"), {}),
    "a unit in a name": (
        "t.csv",
        replaced("store", "金额（万元）"),
        {"dimensions": ["金额(万元)"]},
    ),
    "money of every sort": ("t.csv", replaced("A,1,10", "A,1元,10 €"), {}),
    "full-width per cent and commas": ("t.csv", replaced("A,1,10", "A,１００％,1０．０"), {}),
    "a weekday in Chinese": (
        "t.csv",
        replaced("2024-01-01", "2024年1月1日 星期一").replace("2024-01-02", "2024/1/2 上午 09:05"),
        {},
    ),
    "months": (
        "t.csv",
        f"{HEAD}\n2024年1月,A,1,10\n2024-02,A,2,10\n2024/3,B,3,10\n",
        {"grain": "month"},
    ),
    "quarters": (
        "t.csv",
        f"{HEAD}\n2024Q1,A,1,10\n2024年第二季度,A,2,10\nQ3 2024,B,3,10\n",
        {"grain": "quarter"},
    ),
    "weeks": (
        "t.csv",
        f"{HEAD}\n2024-W05,A,1,10\n2024年第6周,A,2,10\n2024W07,B,3,10\n",
        {"grain": "week"},
    ),
    "a workbook of 1904": (
        "t.xlsx",
        sheet(lambda book: setattr(book, "epoch", CALENDAR_MAC_1904)),
        {"sheet": "Sheet"},
    ),
    "a workbook that counts days in another way": ("t.xlsx", workbook(COMPACT), {}),
    "a merged store": ("t.xlsx", merged_store, {}),
    "a workbook whose rows end early": ("t.xlsx", workbook([*CELLS, ["2024-01-04", "A", 4]]), {}),
    "a workbook's hidden rows": ("t.xlsx", sheet(hide), {}),
    "a table somewhere on its sheet": (
        "t.xlsx",
        workbook([[], [], *([None, None, *row] for row in CELLS)]),
        {},
    ),
    "parquet with whole numbers of every size": (
        "t.parquet",
        parquet(
            "SELECT * REPLACE (orders::HUGEINT AS orders, visits::UBIGINT AS visits) "  # noqa: S608 - our own table
            f"FROM ({TABLE})"
        ),
        {},
    ),
    "parquet with a nested column beside": (
        "t.parquet",
        parquet(f"SELECT *, {{'a': 1}} AS more FROM ({TABLE})"),  # noqa: S608 - our own table
        {},
    ),
    "parquet with numbers for days": (
        "t.parquet",
        parquet(f"SELECT * REPLACE (strftime(day, '%Y%m%d')::INT AS day) FROM ({TABLE})"),  # noqa: S608 - our own table
        {},
    ),
    "json lines with texts and other numbers": (
        "t.jsonl",
        LINES.replace('"orders": 1', '"orders": "1"').replace('"visits": 10', '"visits": 1e1'),
        {},
    ),
    "months as spreadsheets show them": (
        "t.csv",
        f"{HEAD}\nJan-23,A,1,10\nFeb '23,A,2,10\nMAR-23,B,3,10\n",
        {"grain": "month"},
    ),
    "days as databases print them": (
        "t.csv",
        f"{HEAD}\n05-JAN-23,A,1,10\n6 Jan 23,A,2,10\n7-Jan-2023,B,3,10\n",
        {},
    ),
    "sub-totals of months": (
        "t.csv",
        f"{HEAD}\n{ROWS[0]}\n{ROWS[1]}\n1月小计,,3,20\n2024-02-01,B,3,10\n2024年2月 小计,,3,10\n",
        {},
    ),
    "a number that the params call nothing": (
        "t.csv",
        with_row("2024-01-04,A,-1,999\n2024-01-05,A,-1,10"),
        {"blanks": ["-1", "999"]},
    ),
    "a number of parquet that the params call nothing": (
        "t.parquet",
        parquet(f"{TABLE} UNION ALL SELECT DATE '2024-01-04', 'A', 999, 10"),
        {"blanks": ["999"]},
    ),
    "units below the names": ("t.csv", GOOD.replace("\n", "\n,,(orders),(visits)\n", 1), {}),
    "hours beyond the day": ("t.csv", replaced("2024-01-01", "2024-01-01 24:00"), {}),
    "numbers of twenty digits for names": ("t.csv", replaced("A", "1234567890123456789"), {}),
    "json lines with keys in another order": (
        "t.jsonl",
        LINES + '\n{"orders": null, "more": 5, "store": "A", "visits": 9, "day": "2024-01-04"}\n',
        {},
    ),
}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_right(name, tmp_path):
    file, content, kpi = READ[name]
    put(tmp_path, file, content)
    shown = project(file, **dict(kpi))
    frame = load_tables(shown, tmp_path, today=TODAY).kpi.frame
    assert (frame["orders"].sum(), frame["visits"].sum()) == SUMS
    assert len(frame[frame["visits"] > 0]) == 3
