"""Series over time: against target, limits, and the launch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from opsbook.results import Event, Series
from opsbook.results.control import Watch
from opsbook.results.effect import Comparison, Controlled
from opsbook.results.intake import Coverage
from opsbook.results.trigger import ControlChart, History
from opsbook.show.reader import reader
from opsbook.show.shown import BLUE, GREY, INK, ORANGE, RED, Picture, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
        linecolor="white",
        mask=np.isnan(grid),
    )
    axes.set_yticks(np.arange(len(years)) + 0.5, [str(year) for year in years], rotation=0)
    axes.set_xticks([])
    axes.grid(visible=False)
    _legend(axes, [(BLUE, say("complete")), (ORANGE, say("partial")), (RED, say("missing"))])
    missing = coverage.state.count("missing")
    text = say("Periods in the data") + f": {len(coverage.periods)}, {say('missing')}: {missing}"
    return picture(figure, text)


def history(history: History) -> Picture:
    """The KPI against its target, with known events."""
    figure, axes = new_axes()
    _line(axes, history.series, BLUE)
    _target(axes, history.series)
    _events(axes, history.events, history.series)
    return _finish(figure, axes, history.series)


def control_chart(chart: ControlChart | None, history: History) -> Picture:
    """The KPI within its control limits; points that chance does not explain are marked."""
    figure, axes = new_axes()
    _line(axes, history.series, BLUE)
    _target(axes, history.series)
    if chart is not None:
        _limits(axes, chart, history.series)
    return _finish(figure, axes, history.series)


def watch(watch: Watch) -> Picture:
    """The metric since the change, with limits from after the change."""
    figure, axes = new_axes()
    _line(axes, watch.series, BLUE)
    _limits(axes, watch.chart, watch.series)
    days = _days(watch.series)
    axes.axvspan(days[0], _day(watch.baseline_end.start), color=GREY, alpha=0.12, lw=0)
    return _finish(figure, axes, watch.series)


def comparison(comparison: Comparison, controlled: Controlled | None) -> Picture:
    """The metric around the launch, beside the units without the change."""
    say = reader().text
    figure, axes = new_axes()
    if controlled is not None:
        _line(axes, controlled.controls, GREY, label=say("units without the change"), dashed=True)
    _line(axes, comparison.series, BLUE, label=comparison.series.name)
    _target(axes, comparison.series)
    for window in (comparison.before, comparison.after):
        axes.hlines(
            window.value,
            _day(window.start.start),
            _day(window.end.start),
            color=BLUE,
            lw=3,
            alpha=0.45,
        )
    axes.axvline(_day(comparison.launched.start), color=INK, lw=1, ls=(0, (4, 3)))
    axes.annotate(
        say("launch"),
        (_day(comparison.launched.start), 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -10),
        textcoords="offset points",
        fontsize=9,
    )
    return _finish(figure, axes, comparison.series, legend=True)


def new_axes(height: float = 3.4) -> tuple[Figure, Axes]:
    """An empty figure in the house style, as wide as the report's text."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    from opsbook.show.shown import style  # noqa: PLC0415

    style()
    figure, axes = plt.subplots(figsize=(8.0, height))
    return figure, axes


def _day(day: dt.date) -> float:
    """A date as the axis counts it: days since 1970."""
    return float((day - dt.date(1970, 1, 1)).days)


def _days(series: Series) -> list[float]:
    return [_day(point.period.start) for point in series.points]


def _factor(series: Series) -> float:
    return 100.0 if series.unit == "share" else 1.0


def _values(series: Series) -> list[float]:
    return [np.nan if point.value is None else point.value for point in series.points]


def _line(axes: Axes, series: Series, color: str, *, label: str = "", dashed: bool = False) -> None:
    few = len(series.points) <= 60
    axes.plot(
        _days(series),
        _values(series),
        color=color,
        label=label or series.name,
        marker="o" if few and not dashed else None,
        ms=3.2,
        ls="--" if dashed else "-",
    )


def _target(axes: Axes, series: Series) -> None:
    if series.target is None:
        return
    axes.axhline(series.target, color=ORANGE, lw=1.2, ls=(0, (6, 3)), label=reader().text("target"))


def _limits(axes: Axes, chart: ControlChart, series: Series) -> None:
    say = reader().text
    days = [_day(period.start) for period in chart.periods]
    for limit, label in ((chart.upper, say("control limits")), (chart.lower, "")):
        known = [np.nan if value is None else value for value in limit]
        axes.step(days, known, where="mid", color=GREY, lw=1, label=label)
    axes.hlines(chart.centre, days[0], days[-1], color=GREY, lw=1, ls=(0, (2, 2)))
    value = {point.period.start: point.value for point in series.points}
    outside = [period.start for period in chart.outside]
    if outside:
        axes.scatter(
            [_day(day) for day in outside],
            [value[day] or 0.0 for day in outside],
            color=RED,
            marker="D",
            s=26,
            zorder=3,
            label=say("beyond the limits"),
        )


def _events(axes: Axes, events: Sequence[Event], series: Series) -> None:
    days = _days(series)
    for event in events:
        start = _day(event.start.start)
        if days[0] <= start <= days[-1]:
            axes.axvline(start, color=GREY, lw=1, ls=":")


def _legend(axes: Axes, entries: Sequence[tuple[str, str]]) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    axes.legend(
        handles=[Patch(color=color, label=label) for color, label in entries],
        loc="upper left",
        bbox_to_anchor=(0, -0.02),
        ncols=3,
        fontsize=9,
    )


def _finish(figure: Figure, axes: Axes, series: Series, *, legend: bool = True) -> Picture:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415

    language = reader()
    locator = AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"]
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(
            locator,
            formats=formats,
            zero_formats=["", "%Y", "%Y-%m", "", "", ""],
            offset_formats=[""] * 6,
            show_offset=False,
        )
    )
    values = np.array(_values(series))
    spread = (np.nanmax(values) - np.nanmin(values)) * _factor(series) if values.size else 1.0
    digits = 0 if spread >= 4 or not np.isfinite(spread) else 1 if spread >= 0.4 else 2
    suffix = "%" if series.unit == "share" else ""
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda y, _: language.number(y * _factor(series), digits) + suffix)
    )
    if series.unit not in {"", "share"}:
        axes.set_ylabel(language.text(series.unit))
    axes.margins(x=0.02)
    axes.set_title(series.name)
    if legend:
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncols=3, fontsize=9)
    first, last = series.points[0].period, series.points[-1].period
    text = f"{series.name}, {language.period(first)} – {language.period(last)}"
    return picture(figure, text)
