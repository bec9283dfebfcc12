"""The KPI against its target, its past and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opsbook.results import Series
from opsbook.results.trigger import (
    ChangeRow,
    ControlChart,
    Guard,
    History,
    Misses,
    NoChart,
    RuleRow,
    Rules,
)
from opsbook.show.cells import amount, count, in_points, moved
from opsbook.show.reader import reader
from opsbook.show.series_plot import (
    day_number,
    day_numbers,
    draw_events,
    draw_limits,
    draw_line,
    draw_target,
    finish_series,
    new_axes,
)
from opsbook.show.short_name import short_name
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Html,
    Picture,
    headings,
    note,
    shown,
    table,
    words,
)
from opsbook.text import P_VALUE, Quantity, say, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

YARDSTICKS = {
    "target": term("its target"),
    "last_year": term("the same period a year before"),
    "usual": term("its usual level"),
    "previous": term("the period before"),
}
LEVELS = {
    "none": term("quiet"),
    "yellow": term("yellow: warn"),
    "red": term("red: trigger"),
    "unknown": term("not known: no data now"),
}
KINDS = {
    "level_shift": term("level shift"),
    "trend_break": term("trend break"),
    "level_and_trend": term("level and trend"),
    "spread_change": term("change of the spread"),
    "spike": term("spike"),
    "definition_change": term("change of definition"),
    "data_problem": term("trouble in the data"),
    "known_event": term("known event"),
    "partial_period": term("partial period, left out"),
}


def history(history: History) -> Picture:
    """The KPI against its target, with known events."""
    figure, axes = new_axes()
    draw_line(axes, history.series, BLUE)
    if any(goal is not None for goal in history.target):
        goals = [np.nan if goal is None else goal for goal in history.target]
        axes.step(
            day_numbers(history.series),
            goals,
            where="post",
            color=ORANGE,
            lw=1.2,
            ls=(0, (6, 3)),
            label=reader().text("target"),
        )
    else:
        draw_target(axes, history.series)
    draw_events(axes, history.events, history.series)
    return finish_series(figure, axes, history.series)


def misses(misses: Misses, history: History) -> Html:
    """Runs of misses against each yardstick, and the newest period against each."""
    rows = [
        [
            shown(YARDSTICKS[run.against]),
            count(run.run),
            shown(run.since)
            if run.level != "unknown" or not run.run
            else f"{shown(run.since)} – {shown(run.until)}",
            count(run.longest),
            shown(None)
            if run.of_last is None
            else shown(
                say(
                    "{missed} of {window}",
                    missed=Quantity(value=run.of_last, unit="count"),
                    window=Quantity(value=misses.window or 0, unit="count"),
                )
            ),
            shown(LEVELS[run.level]),
        ]
        for run in misses.runs
    ]
    columns = headings(
        "Worse than", "periods running", "since", "longest run", "of the last", "level"
    )
    caption = shown(
        say(
            "Misses running: {yellow} warn, {red} trigger",
            yellow=Quantity(value=misses.yellow, unit="count"),
            red=Quantity(value=misses.red, unit="count"),
        )
    )
    if not any(run.of_last is not None for run in misses.runs):
        columns = columns[:4] + columns[5:]
        rows = [row[:4] + row[5:] for row in rows]
    runs = table(columns, rows, caption=caption, numeric=(1, 3))
    return runs + _comparisons(history) if history.comparisons else runs


def _comparisons(history: History) -> Html:
    unit = history.series.unit
    rows = [
        [
            shown(YARDSTICKS[one.against]),
            amount(one.reference, unit),
            moved(one.difference, unit),
            amount(one.relative, "relative"),
            words("much worse") if one.dropped else "",
        ]
        for one in history.comparisons
    ]
    columns = [
        *headings("The newest period against", "its value"),
        words("difference") + in_points(unit),
        *headings("relative change", "drop rule"),
    ]
    return table(columns, rows, caption=shown(history.as_of), numeric=(1, 2, 3))


def control_chart(chart: ControlChart | NoChart, history: History) -> Picture:
    """The KPI within its control limits; points that chance does not explain are marked."""
    if isinstance(chart, ControlChart) and chart.plotted:
        return _with_memory(chart, history)
    figure, axes = new_axes()
    draw_line(axes, history.series, BLUE)
    draw_target(axes, history.series)
    if isinstance(chart, ControlChart):
        draw_limits(axes, chart, history.series)
        for stage in chart.stages:
            axes.axvline(day_number(stage.start), color=GREY, lw=0.8, ls="-.")
    return finish_series(figure, axes, history.series)


def _with_memory(chart: ControlChart, history: History) -> Picture:
    """Weighted means over the KPI, or sums on an axis of their own."""
    figure, axes = new_axes()
    say, sums = reader().text, bool(chart.plotted_low)
    days = [day_number(period.start) for period in chart.periods]
    labels = [say("beyond the limits")]
    plotted = [(chart.plotted, BLUE, say("rising sum") if sums else say("weighted mean"))]
    if sums:
        plotted.append((chart.plotted_low, ORANGE, say("falling sum")))
    else:
        draw_line(axes, history.series, GREY, dashed=True)
    draw_limits(axes, chart.model_copy(update={"outside": ()}), history.series)
    low, high = (np.array(limit, dtype=float) for limit in (chart.lower, chart.upper))
    for values, color, label in plotted:
        line = np.array(values, dtype=float)
        axes.plot(days, line, color=color, label=label)
        beyond = (line < low) | (line > high)
        if beyond.any():
            axes.scatter(
                np.array(days)[beyond], line[beyond], color=RED, marker="D", s=22, zorder=3,
                label=labels.pop() if labels else "",
            )  # fmt: skip
    name = history.series.name
    if sums:
        name = reader().told(
            short_name(name, 26), say("sums of what lies above and below the centre")
        )
    return finish_series(figure, axes, history.series.model_copy(update={"name": name}))


def chart_reason(chart: ControlChart | NoChart) -> Html:
    """Why this chart, and how its limits are set; or why there is none."""
    if isinstance(chart, NoChart):
        return note(shown(chart.reason))
    parts = [shown(chart.reason)]
    if chart.season is not None:
        parts.append(shown(chart.season))
    if chart.trial:
        parts.append(words("Trial limits: fewer than 12 periods set them."))
    if chart.screened:
        left = Quantity(value=len(chart.screened), unit="count")
        parts.append(shown(say("Points left out of what sets the limits: {left}.", left=left)))
    return note(" ".join(parts))


def rules(rules: Rules) -> Html:
    """Every rule: whether it fires now, and how often it cries wolf."""
    columns = headings("Rule", "fires now", "false starts a year", "alarms in the past", "a year")
    caption = ""
    if rules.correlation is not None:
        caption = shown(
            say(
                "False starts: on noise simulated from the baseline; lag-1 correlation about "
                "{correlation}",
                correlation=Quantity(value=rules.correlation, digits=2),
            )
        )
    return table(columns, [_rule(row) for row in rules.rows], caption=caption, numeric=(2, 3, 4))


def _rule(row: RuleRow) -> list[str]:
    fires = shown(None) if row.fires is None else words("fires") if row.fires else words("quiet")
    name = shown(row.rule)
    return [
        f"<strong>{name}</strong>" if row.decides else name,
        fires,
        _rate(row.false_per_year),
        count(row.past),
        _rate(row.past_per_year),
    ]


def _rate(number: float | None) -> str:
    return shown(None if number is None else Quantity(value=number, digits=2))


def guard(guard: Guard, history: History) -> Picture:
    """The series, less its season, in straight lines; what stands out is marked by what it is."""
    figure, axes = new_axes()
    draw_line(axes, history.series, BLUE)
    for i, (first, low, last, high) in enumerate(guard.lines):
        axes.plot(
            [day_number(first.start), day_number(last.start)],
            [low, high],
            color=ORANGE,
            lw=2.2,
            label="" if i else reader().text("lines between changes"),
        )
    if guard.since is not None:
        axes.axvspan(
            day_number(guard.since.start),
            day_numbers(history.series)[-1],
            color=RED,
            alpha=0.10,
            lw=0,
            label=reader().text("beyond noise"),
        )
    _mark_changes(axes, guard, history.series)
    return finish_series(figure, axes, history.series)


def _mark_changes(axes: Axes, guard: Guard, series: Series) -> None:
    value = {point.period.start: point.value for point in series.points}
    spikes = [change.at.start for change in guard.changes if change.kind == "spike"]
    known = [day for day in spikes if value.get(day) is not None]
    if known:
        axes.scatter(
            [day_number(day) for day in known],
            [value[day] or 0.0 for day in known],
            marker="^",
            color=GREY,
            s=30,
            zorder=3,
            label=reader().text("spike"),
        )


def _spread(before: Quantity, after: Quantity) -> str:
    return f"±{shown(before)} → ±{shown(after)}"


def _which_way(change: ChangeRow) -> str:
    if change.spread is not None:
        before, after = change.spread
        return words("less steady") if after.value > before.value else words("steadier")
    if change.worse is None:
        return shown(None)
    return words("for the worse") if change.worse else words("for the better")


def changes(guard: Guard) -> Html:
    """The guard's verdict, and what stands out with what it is."""
    told = note(shown(guard.reason))
    if guard.changes:
        rows = [
            [
                shown(change.at),
                shown(KINDS[change.kind]),
                shown(change.jump) if change.spread is None else _spread(*change.spread),
                _which_way(change),
                shown(
                    None if change.p_value is None else Quantity(value=change.p_value, unit=P_VALUE)
                ),
                shown(change.event),
            ]
            for change in guard.changes
        ]
        columns = headings("When", "what", "jump", "which way", "p by noise", "event")
        told += table(columns, rows, numeric=(2, 4))
    if guard.mix:
        rows = [
            [shown(mix.dimension), shown(mix.total), shown(mix.rate), shown(mix.mix)]
            for mix in guard.mix
        ]
        columns = headings("Split by", "change since the baseline", "within", "by shifted shares")
        told += table(columns, rows, numeric=(1, 2, 3))
    return told
