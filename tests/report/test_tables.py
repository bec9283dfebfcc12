import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.samples import TEMPLATE, notebook, project, results, shown, write

from opsbook.report import publish
from opsbook.report.tables import as_csv, read_tables

TABLE = "<table><tr><th>name</th><th>n</th></tr><tr><td>a &amp; b</td><td>1,200</td></tr></table>"


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize("cell", ["=1+1", "+1 more", "-cmd|' /C'!A0", "@SUM(A1)", " =x", "＝1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert rows(as_csv([["name"], ["plain"], [cell]]))[2] == [f"'{cell}"]
    assert rows(as_csv([[cell], ["plain"]]))[0] == [f"'{cell}"]


def test_numbers_stay_numbers():
    told = rows(as_csv([["x", "share"], ["−1,200.5", "5.5%"], ["+3", "–"], ["", "−1%"]]))
    assert told[1:] == [["-1200.5", "5.5%"], ["3", ""], ["", "-1%"]]


@given(st.lists(st.text("ab=+-@ 1,\"'", max_size=6), min_size=1, max_size=5))
def test_no_cell_of_text_begins_a_formula(cells):
    for row in rows(as_csv([["word"], ["word"], *([cell] for cell in cells)])):
        assert not row or not row[0].lstrip().startswith(("=", "+", "-", "@"))


def test_a_wide_cell_stands_in_each_of_its_columns():
    html = '<table><tr><th colspan="2">ab</th></tr><tr><td>1</td><td>2</td></tr></table>'
    assert read_tables(html) == [[["ab", "ab"], ["1", "2"]]]


def test_a_report_writes_its_tables_and_removes_those_that_are_gone(tmp_path):
    cells = [shown({"text/html": TABLE}, "one"), shown({"text/html": TABLE * 2}, "two")]
    for made in (cells, cells[:1]):
        write(tmp_path, results(), {"trigger": notebook("trigger", *made)})
        publish(tmp_path, project(), template_dir=TEMPLATE)
        names = sorted(file.name for file in (tmp_path / "tables").iterdir())
        assert names == ["trigger-one.csv", "trigger-two-1.csv", "trigger-two-2.csv"][: len(names)]
    assert names == ["trigger-one.csv"]
    text = (tmp_path / "tables" / "trigger-one.csv").read_text("utf-8-sig")
    assert rows(text) == [["name", "n"], ["a & b", "1200"]]
