"""What came, how it was read, what was left out, and which periods are there."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsbook.results.intake import ColumnReading, Coverage, Jump, Ledger
from opsbook.show.cells import count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Html,
    Picture,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import Period, Quantity, term

DONE = {
    "left_out": term("left out"),
    "kept": term("used all the same"),
    "left_empty": term("left empty, the row's other figures used"),
}
STATES = {
    "missing": (0.0, RED, term("missing")),
    "partial": (1.0, ORANGE, term("partial")),
    "closed": (2.0, GREY, term("closed")),
    "complete": (3.0, BLUE, term("complete")),
}
#: Between the squares of the map, as a share of their side.
GAP = 0.05
#: Inches wide, so that a phone shows the whole calendar and its words can be read.
PHONE = 4.6
#: Columns of a calendar with a row per year.
COLUMNS = {"week": 53, "month": 12, "quarter": 4, "year": 1}
JUMPS = {
    "level": term("new level"),
    "spread": term("new size of the noise"),
    "birth": term("suddenly there"),
    "death": term("suddenly gone"),
}


def ledger(ledger: Ledger) -> Html:
    """The receipt of the rows: what came in, what was left out and why, what is used."""
    rows = [[words("rows in"), count(ledger.rows_in), ""]]
    rows += [
        [shown(line.reason), "−" + count(line.rows), _places(line.first)]
        for line in ledger.left_out
    ]
    rows.append([words("rows used"), count(ledger.rows_used), ""])
    if ledger.rows_in_focus is not None:
        rows.append([words("of them in focus"), count(ledger.rows_in_focus), ""])
    read_as = " · ".join(shown(statement) for statement in ledger.read_as)
    parts = [escape(part) for part in (ledger.table, ledger.source, ledger.licence) if part]
    caption = " · ".join([*parts, *([read_as] if read_as else [])])
    columns = headings("Row ledger", "rows", "where first (line or date: cell)")
    if not any(places for *_, places in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return table(columns, rows, caption=caption, numeric=(1,))


def readings(ledger: Ledger) -> Html:
    """How each column's cells were understood, and how many in each way; like columns together."""
    alike: dict[str, list[ColumnReading]] = {}
    for column in ledger.columns:
        key = "".join(line.model_dump_json() for line in column.read)
        alike.setdefault(key, []).append(column)
    rows = [
        [
            shown(tuple(column.column for column in columns)) if i == 0 else "",
            shown(line.reason),
            count(line.rows),
            _places(line.first),
        ]
        for columns in alike.values()
        for i, line in enumerate(columns[0].read)
    ]
    if not rows:
        return note(words("Every date and every figure was read as it stands."))
    columns = headings("Column", "read as", "cells a column", "where first (line or date: cell)")
    return table(columns, rows, numeric=(2,))


def checks(ledger: Ledger) -> Html:
    """What was found in the rows, where first, and what was done with it."""
    if not ledger.checks:
        return note(words("No cell, no row and no date gave cause for doubt."))
    rows = [
        [shown(check.found), count(check.rows), _places(check.first), shown(DONE[check.done])]
        for check in ledger.checks
    ]
    columns = headings("Rows", "rows", "where first (line or date: cell)", "what was done")
    return table(columns, rows, numeric=(1,))


def jumps(jumps: tuple[Jump, ...]) -> Html:
    """Where the data change as if they were counted in another way."""
    if not jumps:
        return note(words("No level and no category changes as if it were counted anew."))
    rows = [
        [
            escape(jump.name if jump.dimension is None else f"{jump.dimension} = {jump.name}"),
            shown(JUMPS[jump.kind]),
            shown(jump.period),
            "× " + shown(Quantity(value=jump.size, digits=2))
            if jump.kind in {"level", "spread"}
            else shown(Quantity(value=jump.size, unit="share")),
        ]
        for jump in jumps
    ]
    columns = headings("What", "what happens", "from", "new over old, or share of the volume")
    return table(columns, rows, numeric=(3,))


def coverage(coverage: Coverage) -> Picture:
    """Which periods are there: a square each, a row per year; days stand in weeks."""
    from matplotlib.patches import Patch, PathPatch  # noqa: PLC0415 - heavy
    from matplotlib.path import Path  # noqa: PLC0415

    say = reader().text
    daily = coverage.periods[0].grain == "day"
    labels, grid = _days(coverage) if daily else _years(coverage)
    figure, axes = new_axes(height=0.8 + (0.16 if daily else 0.28) * len(labels))
    figure.set_figwidth(PHONE)
    for number, color, _ in STATES.values():
        squares = [Path(_square(row, column)) for row, column in np.argwhere(grid == number)]
        if squares:
            axes.add_patch(PathPatch(Path.make_compound_path(*squares), **_look(color)))
    axes.set_xlim(0, grid.shape[1])
    axes.set_ylim(len(labels), 0)
    axes.set_yticks(np.arange(len(labels)) + 0.5, labels, rotation=0)
    told = np.arange(0, grid.shape[1], 10 if grid.shape[1] > 12 else 1)
    told = told[:0] if daily or grid.shape[1] == 1 else told
    axes.set_xticks(told + 0.5, [str(column + 1) for column in told])
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.grid(visible=False)
    met = [state for state in reversed(STATES) if state in coverage.state]
    handles = [Patch(**_look(STATES[state][1]), label=say(STATES[state][2].term)) for state in met]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.02), ncols=4, fontsize=9)
    missing = coverage.state.count("missing")
    text = say("Periods in the data") + f": {len(coverage.periods)}, {say('missing')}: {missing}"
    return picture(figure, text, whole=True)


def _look(color: str) -> dict[str, Any]:
    """A gap in the data is hollow, so that it is seen without colours too."""
    hollow = color == STATES["missing"][1]
    return {"fc": "none" if hollow else color, "ec": color, "lw": 1.2 if hollow else 0}


def _square(row: int, column: int) -> list[tuple[float, float]]:
    """Corners of a period's square, with a gap to its neighbours."""
    left, right, top, bottom = column + GAP, column + 1 - GAP, row + GAP, row + 1 - GAP
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _years(coverage: Coverage) -> tuple[list[str], NDArray[np.float64]]:
    """A row per year, a column per week, month or quarter of it."""
    places = [_place(period) for period in coverage.periods]
    first = places[0][0]
    grid = np.full((places[-1][0] - first + 1, COLUMNS[coverage.periods[0].grain]), np.nan)
    for (year, column), state in zip(places, coverage.state, strict=True):
        grid[year - first, column] = STATES[state][0]
    return [str(first + row) for row in range(len(grid))], grid


def _place(period: Period) -> tuple[int, int]:
    """The year of a period, and which of its periods it is, from 0."""
    day = period.start
    match period.grain:
        case "week":
            year, week, _ = day.isocalendar()
            return year, week - 1
        case "month":
            return day.year, day.month - 1
        case "quarter":
            return day.year, (day.month - 1) // 3
        case _:
            return day.year, 0


def _days(coverage: Coverage) -> tuple[list[str], NDArray[np.float64]]:
    """Seven rows a year, a column per week, as calendars hang on walls."""
    years = sorted({period.start.year for period in coverage.periods})
    grid = np.full((8 * len(years) - 1, 54), np.nan)
    for period, state in zip(coverage.periods, coverage.state, strict=True):
        day = period.start
        start = dt.date(day.year, 1, 1)
        week = ((day - start).days + start.weekday()) // 7
        grid[8 * years.index(day.year) + day.weekday(), week] = STATES[state][0]
    labels = [str(years[row // 8]) if row % 8 == 3 else "" for row in range(grid.shape[0])]
    return labels, grid


def _places(first: tuple[str, ...]) -> str:
    return escape(" · ".join(first))
