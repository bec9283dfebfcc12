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
from opsbook.run.workspace import init_workspace

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


def test_an_export_that_lies_one_folder_above_is_found_for_the_user(tmp_path, monkeypatch):
    (tmp_path / "export.csv").write_text("day,orders\n", encoding="utf-8")
    (tmp_path / "ops").mkdir()
    monkeypatch.chdir(tmp_path / "ops")
    with pytest.raises(DataError, match=r"Did you mean \.\./export\.csv\?"):
        draft("mine", Path("export.csv"), tmp_path)


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


def test_a_thousands_point_is_told_by_the_decimal_comma_of_another_column(tmp_path):
    guess = guessed(
        tmp_path,
        "Datum;Anrufe;angenommen;Wartezeit",
        lambda i, day: f"{day};1.{i * 37 % 800 + 100};{i * 7 % 50 + 801};{i % 7},5",
    )
    assert (guess.decimal, guess.ratio) == (",", ("angenommen", "Anrufe"))
    text = draft("mine", tmp_path / "t.csv", tmp_path).read_text(encoding="utf-8")
    assert 'decimal: ","' in text


def test_numbers_that_may_be_read_twice_become_a_blank(tmp_path):
    guess = guessed(tmp_path, "Datum;Anrufe", lambda i, day: f"{day};1.{i * 37 % 800 + 100}")
    assert (guess.decimal, guess.asks_decimal) == (None, True)
    text = draft("mine", tmp_path / "t.csv", tmp_path).read_text(encoding="utf-8")
    assert 'decimal:  # <<< "," or "."' in text


def test_money_is_no_part_of_a_share_and_remarks_are_no_dimension(tmp_path):
    guess = guessed(
        tmp_path,
        "日期,订单数,退货数,销售额,赔付,备注",
        lambda i, day: f"{day},{i * 7 % 50 + 90},{i % 9},{i * 80},￥{i % 7},{'急' * (i % 5 == 0)}",
    )
    assert guess.ratio == ("退货数", "订单数")
    assert guess.dimensions == ()
    assert guess.figures == ("订单数", "退货数", "销售额", "赔付")


def test_the_draft_of_a_chinese_workspace_is_chinese(tmp_path):
    workspace = init_workspace(tmp_path / "ops", "zh")
    file = draft("mine", EXPORT, workspace.params, language=workspace.language)
    assert "  language: zh\n" in file.read_text(encoding="utf-8")


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


@pytest.mark.parametrize("name", ["满意度", "minutes", "Avg. wait (sec)"])
def test_scores_and_durations_are_averaged(tmp_path, name):
    guess = guessed(tmp_path, f"day,{name}", lambda i, day: f"{day},{i % 3 + 3}.{i % 7}")
    assert (guess.value, guess.is_rate) == (name, True)


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
