"""Stage 0: the verdict on the data, and its reservations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.test_intake import ROWS, project, table

from opsbook import show
from opsbook.data import load_tables
from opsbook.results.intake import IntakeResult
from opsbook.show.intake import _years
from opsbook.stages import intake
from opsbook.stages.context import Context
from opsbook.text import Language

MONTHS = [f"{2020 + i // 12}-{i % 12 + 1:02}-01" for i in range(24)]
CLEAN = [ROWS[0], *(f"{day},A,{i % 7},{100 + i % 5}" for i, day in enumerate(MONTHS))]


def result(folder: Path, rows: list[str], **params: Any) -> IntakeResult:
    table(folder, rows)
    shown = project(grain="month", **params)
    return intake.run(Context(project=shown, tables=load_tables(shown, folder)))


def test_clean_data_are_usable(tmp_path):
    found = result(tmp_path, CLEAN)
    assert (found.verdict, found.tone, found.cautions) == ("usable", "neutral", ())


@pytest.mark.parametrize(
    ("rows", "caution"),
    [
        ([row for row in CLEAN if not row.startswith("2020-05")], "missing_periods"),
        (CLEAN[:8], "few_periods"),
        ([*CLEAN, "2021-12-01,B,500,3"], "rows_0"),
        ([*CLEAN, *(f"{day},B,1,90" for day in MONTHS[12:])], "jump_0"),
    ],
)
def test_a_reservation_is_named_with_what_would_settle_it(rows, caution, tmp_path):
    found = result(tmp_path, rows)
    assert (found.verdict, found.tone) == ("with_reservations", "warn")
    assert found.cautions[0].id == caution
    assert found.cautions[0].settles is not None


def test_data_of_which_too_little_is_left_are_unusable(tmp_path):
    empty = [f"{day},B,,100" for day in MONTHS + MONTHS]
    found = result(tmp_path, [*CLEAN, *dict.fromkeys(empty), *(e.replace("B", "C") for e in empty)])
    assert (found.verdict, found.tone) == ("unusable", "bad")
    assert "not usable" in Language("en").say(found.headline)


def test_rows_that_the_filter_leaves_out_were_never_asked_for(tmp_path):
    others = [f"{day},{store},1,9" for day in MONTHS for store in "BCDE"]
    assert result(tmp_path, [*CLEAN, *others], filter={"store": "A"}).verdict == "usable"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_ledger_is_told_in_both_languages(language, tmp_path):
    show.speak(language)
    try:
        rows = [CLEAN[0], *CLEAN[1:], "2021-12-01,B,１５,10", "合计,,9,9", "2021-12-01,A,--,7"]
        found = result(tmp_path, rows)
        assert found.ledger is not None
        assert found.coverage is not None
        page = "".join(
            part.html
            for part in (
                show.ledger(found.ledger),
                show.readings(found.ledger),
                show.checks(found.ledger),
                show.jumps(found.jumps),
                show.headline(found),
            )
        )
        words = {
            "en": ["rows of totals", "full-width digits", "without a figure", "where first (line"],
            "zh": ["合计行", "全角数字", "没有数值", "最初几处（行号"],
        }
        assert all(word in page for word in words[language])
        assert show.coverage(found.coverage).svg
    finally:
        show.speak("en")


def test_days_are_shown_as_a_calendar_with_closed_ones(tmp_path):
    days = [f"2024-{m:02}-{d:02}" for m in (1, 2, 3) for d in range(1, 29)]
    table(tmp_path, [ROWS[0], *(f"{day},A,1,10" for day in days if int(day[-2:]) % 7)])
    shown = project()
    found = show.coverage(load_tables(shown, tmp_path).coverage)
    assert "missing" in found.svg


@pytest.mark.parametrize(
    ("grain", "days", "columns"),
    [
        ("week", ["2020-12-28", "2021-01-04", "2021-12-27"], 53),
        ("month", ["2020-11-01", "2020-12-01", "2022-02-01"], 12),
        ("quarter", ["2020-10-01", "2021-01-01"], 4),
        ("year", ["2020-01-01", "2021-01-01"], 1),
    ],
)
def test_a_calendar_has_a_row_per_year_and_each_period_at_its_place(grain, days, columns, tmp_path):
    table(tmp_path, [ROWS[0], *(f"{day},A,1,10" for day in days)])
    covered = load_tables(project(grain=grain), tmp_path).coverage
    labels, grid = _years(covered)
    assert labels == [str(2020 + i) for i in range(len(grid))]
    assert grid.shape[1] == columns
    assert np.isfinite(grid).sum() == len(covered.periods)
    if grain == "week":
        assert np.isfinite(grid[0]).nonzero()[0].tolist() == [52]
