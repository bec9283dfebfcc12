"""The KPI against its target, its past and chance."""

from __future__ import annotations

from opsbook.results.trigger import ControlChart, History, Misses
from opsbook.show.cells import count
from opsbook.show.series_plot import (
    draw_events,
    draw_limits,
    draw_line,
    draw_target,
    finish_series,
    new_axes,
)
from opsbook.show.shown import (
    BLUE,
    Html,
    Picture,
    headings,
    shown,
    table,
)
from opsbook.text import Quantity, say, term

YARDSTICKS = {"target": term("its target"), "last_year": term("the same period a year before")}


LEVELS = {"none": term("quiet"), "yellow": term("yellow: warn"), "red": term("red: trigger")}


def history(history: History) -> Picture:
    """The KPI against its target, with known events."""
    figure, axes = new_axes()
    draw_line(axes, history.series, BLUE)
    draw_target(axes, history.series)
    draw_events(axes, history.events, history.series)
    return finish_series(figure, axes, history.series)


def misses(misses: Misses) -> Html:
    """Runs of misses against each yardstick."""
    rows = [
        [
            shown(YARDSTICKS[run.against]),
            count(run.run),
            shown(run.since),
            count(run.longest),
            shown(LEVELS[run.level]),
        ]
        for run in misses.runs
    ]
    columns = headings("Worse than", "periods running", "since", "longest run", "level")
    caption = shown(
        say(
            "Misses running: {yellow} warn, {red} trigger",
            yellow=Quantity(value=misses.yellow, unit="count"),
            red=Quantity(value=misses.red, unit="count"),
        )
    )
    return table(columns, rows, caption=caption, numeric=(1, 3))


def control_chart(chart: ControlChart | None, history: History) -> Picture:
    """The KPI within its control limits; points that chance does not explain are marked."""
    figure, axes = new_axes()
    draw_line(axes, history.series, BLUE)
    draw_target(axes, history.series)
    if chart is not None:
        draw_limits(axes, chart, history.series)
    return finish_series(figure, axes, history.series)
