"""What came, and which periods are there."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.intake import Coverage, Ledger
from opsbook.show.cells import count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes, patch_legend
from opsbook.show.shown import (
    BLUE,
    ORANGE,
    RED,
    Html,
    Picture,
    picture,
    shown,
    table,
    words,
)


def coverage(coverage: Coverage) -> Picture:
    """Which periods are there: a square each, a row per year."""
    import seaborn as sns  # noqa: PLC0415 - heavy

    say = reader().text
    years = sorted({period.start.year for period in coverage.periods})
    columns: dict[int, list[str]] = {year: [] for year in years}
    code = {"complete": 2.0, "partial": 1.0, "missing": 0.0}
    for period, state in zip(coverage.periods, coverage.state, strict=True):
        columns[period.start.year].append(state)
    width = max(len(states) for states in columns.values())
    grid = np.full((len(years), width), np.nan)
    for row, year in enumerate(years):
        states = columns[year]
        # The first year may begin late: its squares stand at the right.
        shift = width - len(states) if row == 0 and len(years) > 1 else 0
        grid[row, shift : shift + len(states)] = [code[state] for state in states]
    figure, axes = new_axes(height=0.8 + 0.28 * len(years))
    sns.heatmap(
        grid,
        ax=axes,
        cmap=[RED, ORANGE, BLUE],
        vmin=0,
        vmax=2,
        cbar=False,
        linewidths=1.5 if width <= 60 else 0,
        linecolor="none",
        mask=np.isnan(grid),
    )
    axes.set_yticks(np.arange(len(years)) + 0.5, [str(year) for year in years], rotation=0)
    axes.set_xticks([])
    axes.grid(visible=False)
    patch_legend(axes, [(BLUE, say("complete")), (ORANGE, say("partial")), (RED, say("missing"))])
    missing = coverage.state.count("missing")
    text = say("Periods in the data") + f": {len(coverage.periods)}, {say('missing')}: {missing}"
    return picture(figure, text)


def ledger(ledger: Ledger) -> Html:
    """The receipt of the rows: what came in, what was left out and why, what is used."""
    rows = [[words("rows in"), count(ledger.rows_in)]]
    rows += [[shown(line.reason), "−" + count(line.rows)] for line in ledger.left_out]
    rows.append([words("rows used"), count(ledger.rows_used)])
    source = " · ".join(filter(None, [ledger.table, ledger.source, ledger.licence]))
    return table([words("Row ledger"), words("rows")], rows, caption=escape(source), numeric=(1,))
