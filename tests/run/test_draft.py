"""A draft says what a table shows, and leaves blank what only a person knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsbook.data import load_tables
from opsbook.errors import DataError, ParamsError
from opsbook.project import load_project
from opsbook.run.draft import draft, look_at

ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "tests" / "data" / "intake" / "retail_export_gbk.csv"
TABLES = sorted((ROOT / "params" / "data").glob("*.csv*"))


@pytest.mark.parametrize("table", [*TABLES, EXPORT], ids=lambda file: file.name)
def test_a_draft_is_valid_once_its_blanks_are_filled(table, tmp_path):
    file = draft("mine", table, tmp_path)
    text = file.read_text(encoding="utf-8")
    with pytest.raises(ParamsError, match=r"metric\.better: must be 'higher' or 'lower'"):
        load_project(file)
    file.write_text(text.replace("better:  # <<<", "better: higher  #"), encoding="utf-8")
    assert load_tables(load_project(file), tmp_path).ledger.rows_used > 0


def test_the_guess_of_a_messy_export():
    guess = look_at(EXPORT)
    assert (guess.date, guess.grain, guess.dimensions) == ("日期", "day", ("站点",))


def test_the_guess_of_the_clinic():
    guess = look_at(ROOT / "params" / "data" / "semmelweis_clinic1_monthly.csv")
    assert (guess.date, guess.grain, guess.ratio) == ("month", "month", ("deaths", "births"))


def test_nothing_is_overwritten_and_an_id_is_a_file_name(tmp_path):
    draft("mine", EXPORT, tmp_path)
    with pytest.raises(ParamsError, match="is there already"):
        draft("mine", EXPORT, tmp_path)
    with pytest.raises(ParamsError, match="is no id"):
        draft("../mine", EXPORT, tmp_path)


def test_a_table_without_dates_is_no_table_of_a_kpi(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column of dates"):
        look_at(tmp_path / "t.csv")
