"""The proof that a file's numbers can be read as numbers, and that both ways of reading agree."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.data.exports import GOOD, HEAD, TODAY, project, put

from opsbook.data import fingerprint as module
from opsbook.data import intake, load_tables, sources
from opsbook.data.fingerprint import fingerprint, misleads
from opsbook.data.locations import locate
from opsbook.errors import DataError

NASTY = ["1_2", "1__2", "_1", "+1", "+-1", "-+1", "++1", " 1", "1 ", "1e5", "1E+1", "1e", "e5"]
NASTY += ["0x1F", "0b11", "inf", "-inf", "Infinity", "nan", "NaN", ".5", "5.", ".", "-.5", "007"]
NASTY += ["", '""', '"1_2"', '"7"', "１２", "1,5", "1.2.3", "9007199254740993", "1e400", "--", "٣"]
NASTY += ["true", "NULL", "1\u00a0", "1f", "1d", "0o7", "1'000", "5%", "(3)", "=1", "1\t", "-0"]
cells = st.sampled_from(NASTY) | st.text("0123456789_+-.eE xbnaif", max_size=6)


def quoted(cell: str) -> str:
    """The cell as a CSV file has it."""
    return f'"{cell}"' if "," in cell else cell


@settings(max_examples=60, deadline=None)
@given(cell=cells)
@example(cell="1_2")
@example(cell="+-1")
def test_what_does_not_mislead_is_read_the_same_as_a_number_and_as_text(cell, tmp_path_factory):
    text = f"a,b\n7,x\n{quoted(cell)},x\n"
    file = tmp_path_factory.getbasetemp() / "one.csv"
    file.write_text(text, encoding="utf-8")
    reading = "header = false, skip = 1, auto_detect = false, quote = '\"', escape = '\"'"
    query = "SELECT a FROM read_csv(?, {}, columns = {{'a': '{}', 'b': 'VARCHAR'}}) OFFSET 1"
    [[as_text]] = duckdb.execute(query.format(reading, "VARCHAR"), [str(file)]).fetchall()
    [[of_text]] = duckdb.execute("SELECT TRY_CAST(?::VARCHAR AS DOUBLE)", [as_text]).fetchall()
    try:
        [[as_number_read]] = duckdb.execute(query.format(reading, "DOUBLE"), [str(file)]).fetchall()
    except duckdb.Error:
        return  # it is read as text
    assert repr(as_number_read) == repr(of_text)
    if as_number_read is not None and not misleads(text.encode()):
        assert repr(as_number_read) == repr(float(cell.strip('"')))


@settings(max_examples=15, deadline=None)
@given(figure=cells, day=st.sampled_from(["2024-01-04", "2024/1/4", "20240104", "45295", "x"]))
@example(figure="1_2", day="2024-01-04")
@example(figure="4", day="2024-01-04 09:00")
def test_a_file_gives_the_same_or_the_same_fault_in_both_ways(figure, day, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    put(folder, "t.csv", f"{GOOD}{day},A,{quoted(figure)},100000\n")

    def outcome() -> object:
        try:
            tables = load_tables(project("t.csv"), folder, today=TODAY)
        except DataError as error:
            return str(error)
        return tables.kpi.frame.to_dict(), tables.ledger

    with pytest.MonkeyPatch.context() as patch:
        both = [outcome()]
        patch.setattr(intake, "numbers", lambda _: ())
        both.append(outcome())
    assert both[0] == both[1]


@pytest.mark.parametrize("place", range(module.BLOCK - 4, module.BLOCK + 4))
def test_what_misleads_is_found_across_the_ends_of_blocks(tmp_path, place):
    for told, clear in ((b"1_2", False), (b"+-1", False), (b"a_2", True), (b"1_a", True)):
        (tmp_path / "t.csv").write_bytes(b"x" * place + told + b"\n")
        found = fingerprint(locate(tmp_path / "t.csv", tmp_path))
        assert found.clear is clear


def test_a_number_that_misleads_far_down_is_refused_by_its_line(tmp_path):
    rows = [f"{dt.date(2020, 1, 1) + dt.timedelta(days=i)},A,1,10" for i in range(1500)]
    rows = rows * 12
    put(tmp_path, "t.csv", "\n".join([HEAD, *rows, "2024-03-01,A,1_2,100", ""]))
    with pytest.raises(DataError, match=r"line 18002, column 'orders': '1_2' is no number"):
        load_tables(project("t.csv"), tmp_path, today=TODAY)


def test_a_code_between_digits_in_another_column_changes_no_number(tmp_path):
    put(tmp_path, "t.csv", GOOD.replace(",A,", ",2024_01,"))
    frame = load_tables(project("t.csv"), tmp_path, today=TODAY).kpi.frame
    assert (frame["orders"].sum(), sorted(frame["store"].unique())) == (6.0, ["2024_01", "B"])


def test_a_decimal_comma_of_the_params_holds_for_a_table_of_points_alone(tmp_path):
    put(tmp_path, "t.csv", GOOD.replace(",10", ",1.000"))
    frame = load_tables(project("t.csv", decimal=","), tmp_path, today=TODAY).kpi.frame
    assert frame["visits"].sum() == 3000


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-16-be", "latin-1"])
def test_a_file_in_another_encoding_gives_what_it_gives_in_utf_8(tmp_path, monkeypatch, encoding):
    store = "Genève" if encoding == "latin-1" else "北京门店"
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in range(400)]
    text = "\n".join([HEAD, *(f"{day},{store},{i % 7},{i}.5" for i, day in enumerate(days, 7)), ""])
    monkeypatch.setattr(sources, "BLOCK", 101)  # cuts characters of several bytes
    frames = []
    for name in ("utf-8", encoding):
        put(tmp_path, "t.csv", text.encode(name))
        frames.append(load_tables(project("t.csv"), tmp_path, today=TODAY).kpi.frame)
    assert frames[0].equals(frames[1])
    assert set(frames[1]["store"]) == {store}


def test_a_byte_of_another_encoding_far_down_is_refused_by_its_line(tmp_path):
    rows = "".join(f"2024-01-{i % 28 + 1:02d},北京门店,1,{10 + i}\n" for i in range(20_000))
    put(tmp_path, "t.csv", (HEAD + "\n" + rows).encode("gbk") + b"2024-02-01,\xff\xff,1,10\n")
    with pytest.raises(DataError, match="line 20002: its bytes are not gb18030"):
        load_tables(project("t.csv"), tmp_path, today=TODAY)


def test_counts_with_fractions_are_summed_as_exactly_as_whole_ones(tmp_path):
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=i % 400) for i in range(6000)]
    rows = [f"{day},A,{i % 3},{10 + i}" for i, day in enumerate(days)]
    put(tmp_path, "t.csv", "\n".join([HEAD, *rows, "2021-06-01,A,0.1,10.25", ""]))
    frame = load_tables(project("t.csv"), tmp_path, today=TODAY).kpi.frame
    assert frame["orders"].sum() == sum(i % 3 for i in range(6000)) + 0.1
    assert frame["visits"].sum() == sum(10 + i for i in range(6000)) + 10.25
