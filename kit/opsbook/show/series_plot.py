"""A series over time: axes, lines, limits, events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from opsbook.results import Event, Series
from opsbook.results.trigger import ControlChart
from opsbook.show.reader import reader
from opsbook.show.short_name import ROOM_IN_LEGEND, short_name
from opsbook.show.shown import GREY, ORANGE, RED, Picture, picture
from opsbook.show.step_ticks import step_ticks
from opsbook.show.time_axis import time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: As many periods have room for their names under the axis.
FEW = 7


def new_axes(height: float = 3.4) -> tuple[Figure, Axes]:
    """An empty figure in the house style, as wide as the report's text."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    from opsbook.show.shown import style  # noqa: PLC0415

    style()
    figure, axes = plt.subplots(figsize=(8.0, height))
    return figure, axes


def day_number(day: dt.date) -> float:
    """A date as the axis counts it: days since 1970."""
    return float((day - dt.date(1970, 1, 1)).days)


def day_numbers(series: Series) -> list[float]:
    """The periods of a series as the axis counts them."""
    return [day_number(point.period.start) for point in series.points]


def _values(series: Series) -> list[float]:
    return [np.nan if point.value is None else point.value for point in series.points]


def draw_line(
    axes: Axes, series: Series, color: str, *, label: str = "", dashed: bool = False
) -> None:
    """The series itself; few points are marked."""
    few = len(series.points) <= 60
    axes.plot(
        day_numbers(series),
        _values(series),
        color=color,
        label=short_name(label or series.name, ROOM_IN_LEGEND),
        marker="o" if few and not dashed else None,
        ms=3.2,
        ls="--" if dashed else "-",
    )


def draw_target(axes: Axes, series: Series) -> None:
    """The target, where there is one."""
    if series.target is None:
        return
    axes.axhline(series.target, color=ORANGE, lw=1.2, ls=(0, (6, 3)), label=reader().text("target"))


def draw_limits(axes: Axes, chart: ControlChart, series: Series) -> None:
    """Control limits and centre; points beyond the limits are marked by shape and colour."""
    say = reader().text
    days = [day_number(period.start) for period in chart.periods]
    for limit, label in ((chart.upper, say("control limits")), (chart.lower, "")):
        known = [np.nan if value is None else value for value in limit]
        axes.step(days, known, where="mid", color=GREY, lw=1, label=label)
    centre = np.array(chart.centre_line or (chart.centre,) * len(days), dtype=float)
    axes.step(days, centre, where="mid", color=GREY, lw=1, ls=(0, (2, 2)))
    value = {point.period.start: point.value for point in series.points}
    outside = [period.start for period in chart.outside]
    if outside:
        axes.scatter(
            [day_number(day) for day in outside],
            [value[day] or 0.0 for day in outside],
            color=RED,
            marker="D",
            s=26,
            zorder=3,
            label=say("beyond the limits"),
        )


def draw_events(axes: Axes, events: Sequence[Event], series: Series) -> None:
    """A dotted line at the start of each known event in view."""
    days = day_numbers(series)
    for event in events:
        start = day_number(event.start.start)
        if days[0] <= start <= days[-1]:
            axes.axvline(start, color=GREY, lw=1, ls=":")


def _label_time(axes: Axes, series: Series) -> None:
    """Label a few periods each by its name, and many where a month or a year begins."""
    if len(series.points) <= FEW:
        names = [reader().period(point.period) for point in series.points]
        axes.set_xticks(day_numbers(series), names)
        return
    time_axis(axes.xaxis)


def finish_series(figure: Figure, axes: Axes, series: Series, *, legend: bool = True) -> Picture:
    """Label the axes and turn the figure into a picture."""
    language = reader()
    _label_time(axes, series)
    share = series.unit == "share"
    step_ticks(axes.yaxis, factor=100.0 if share else 1.0, suffix="%" if share else "")
    if series.unit not in {"", "share"}:
        axes.set_ylabel(language.text(series.unit))
    axes.yaxis.tick_right()  # beside the newest value, and in view where a phone begins
    axes.yaxis.set_label_position("right")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.02)
    axes.set_title(short_name(series.name), loc="right")
    if legend:
        axes.legend(loc="upper right", bbox_to_anchor=(1, -0.1), ncols=3, fontsize=9)
    first, last = series.points[0].period, series.points[-1].period
    text = f"{series.name}, {language.period(first)} – {language.period(last)}"
    return picture(figure, text, newest_right=True)
