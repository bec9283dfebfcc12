"""A draft says what a table shows, and leaves blank what only a person knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opsbook.data import load_tables
from opsbook.errors import DataError, ParamsError
from opsbook.project import load_project
from opsbook.run.draft import draft
from opsbook.run.guess import Guess, look_at

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


DAYS = [f"{day:02}.{month:02}.2024" for month in (1, 2, 3) for day in range(1, 29)]


def guessed(folder: Path, head: str, row: Callable[[int, str], str]) -> Guess:
    file = folder / "t.csv"
    lines = [head, *(row(i, day) for i, day in enumerate(DAYS))]
    file.write_text("\n".join(lines), encoding="utf-8")
    return look_at(file)


def test_the_guess_of_an_export_with_decimal_commas_and_days_first(tmp_path):
    guess = guessed(
        tmp_path, "Datum;Filiale;Umsatz", lambda i, day: f"{day};{'AB'[i % 2]};{i % 7 + 2},5"
    )
    assert (guess.date, guess.grain, guess.order) == ("Datum", "day", "day_first")
    assert (guess.value, guess.dimensions) == ("Umsatz", ("Filiale",))


def test_dates_that_may_be_read_twice_become_a_blank(tmp_path):
    lines = ["day,orders", *(f"0{d}/0{m}/2024,{d * m + 1}" for m in (1, 2) for d in (3, 4, 5))]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    text = draft("mine", tmp_path / "t.csv", tmp_path).read_text(encoding="utf-8")
    assert "order:  # <<< day_first or month_first" in text


def test_a_number_of_an_order_is_its_key_and_no_figure(tmp_path):
    guess = guessed(
        tmp_path,
        "order_id,day,vip,amount",
        lambda i, day: f"{i + 100},{day},{['true', 'false'][i % 2]},{i % 7}.5",
    )
    assert (guess.key, guess.value, guess.dimensions) == (("order_id",), "amount", ("vip",))


def test_rates_are_averaged_where_there_is_nothing_to_add_up(tmp_path):
    guess = guessed(tmp_path, "day,转化率", lambda i, day: f"{day},{i % 9 + 10}.5%")
    assert (guess.value, guess.is_rate) == ("转化率", True)


def test_a_column_of_years_is_one_of_dates(tmp_path):
    lines = [
        "year,deaths,births",
        *(f"{year},{year % 9},{year % 9 + 100}" for year in range(1990, 2020)),
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    guess = look_at(tmp_path / "t.csv")
    assert (guess.date, guess.grain, guess.ratio) == ("year", "year", ("deaths", "births"))


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
