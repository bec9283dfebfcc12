"""The effect in pictures: the windows, the estimates, the placebos."""

from __future__ import annotations

import numpy as np

from opsbook.methods.estimate import Estimate
from opsbook.results.effect import (
    Comparison,
)
from opsbook.results.effect_measured import Controlled, Measurements
from opsbook.show.cells import unit_of
from opsbook.show.effect import DESIGNS
from opsbook.show.reader import reader
from opsbook.show.series_plot import day_number, draw_line, draw_target, finish_series, new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    INK,
    Html,
    Picture,
    note,
    picture,
    words,
)
from opsbook.text import term

#: The designs by their methods' names, and the methods that only stand beside them.
METHODS = {
    **DESIGNS,
    "before_after": term("before/after alone"),
    "proportions": term("A/B, proportions"),
    "mean_difference": term("A/B, means"),
    "ratio_metric": term("A/B, ratio of sums"),
    "quantile_change": term("A/B, quantile"),
    "geometric_mean_ratio": term("A/B, geometric mean"),
    "cuped": term("A/B, the users' past taken out"),
    "segmented_ols": term("segmented regression"),
    "newey_west": term("Newey–West"),
    "prais_winsten": term("Prais–Winsten"),
    "state_space": term("state space"),
}

#: Above what is drawn, for the word at the launch; a share of the axis.
ROOM = 0.09


def comparison(comparison: Comparison | None, controlled: Controlled | None) -> Picture | Html:
    """The metric around the launch, beside the units without the change."""
    if comparison is None:
        return note(words("The metric has no periods on both sides of the launch."))
    say = reader().text
    figure, axes = new_axes()
    if controlled is not None:
        draw_line(
            axes, controlled.controls, GREY, label=say("units without the change"), dashed=True
        )
    draw_line(axes, comparison.series, BLUE, label=comparison.series.name)
    draw_target(axes, comparison.series)
    for window in (comparison.before, comparison.after):
        axes.hlines(
            window.value,
            day_number(window.start.start),
            day_number(window.end.start),
            color=BLUE,
            lw=3,
            alpha=0.45,
        )
    axes.axvline(day_number(comparison.launched.start), color=INK, lw=1, ls=(0, (4, 3)))
    axes.annotate(
        say("launch"),
        (day_number(comparison.launched.start), 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -8),
        textcoords="offset points",
        fontsize=9,
    )
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + ROOM * (high - low))
    return finish_series(figure, axes, comparison.series, legend=True)


def estimates(measured: Measurements) -> Picture | Html:
    """The naive change, the verdict's own and the other methods', each with its interval."""
    language = reader()
    rows = _estimates(measured)
    if not rows:
        return note(words("The effect cannot be measured from these data."))
    factor = 100.0 if rows[0][0].unit == "points" else 1.0
    figure, axes = new_axes(height=0.9 + 0.48 * len(rows))
    for place, (estimate, _) in enumerate(rows):
        best = estimate == measured.best
        color = BLUE if best else GREY
        if estimate.lower is not None and estimate.upper is not None:
            axes.hlines(
                place,
                estimate.lower * factor,
                estimate.upper * factor,
                color=color,
                lw=3 if best else 2,
            )
        axes.plot([estimate.effect * factor], [place], "o", color=color, ms=8 if best else 6)
        axes.annotate(
            language.number(estimate.effect * factor, 2 if factor > 1 else None, signed=True),
            (estimate.effect * factor, place),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.axvline(0, color=INK, lw=1)
    names = [language.text(METHODS[estimate.method].term) for estimate, _ in rows]
    grade = language.text("evidence {grade}")
    labels = [
        f"{name}\n{grade.format(grade=letter)}" if letter else name
        for name, (_, letter) in zip(names, rows, strict=True)
    ]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.5, -0.8)
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{unit_of(rows[0][0])}{language.text(', 95% interval')}")
    text = reader().listed(
        f"{name} {language.number(estimate.effect * factor, 2)}"
        for name, (estimate, _) in zip(names, rows, strict=True)
    )
    return picture(figure, text)


def _estimates(measured: Measurements) -> list[tuple[Estimate, str]]:
    """Estimates with their grade; those that only stand beside have none."""
    rows: list[tuple[Estimate, str]] = []
    if measured.naive is not None:
        rows.append((measured.naive.estimate, measured.naive.grade))
    if measured.best is not None and measured.best not in [estimate for estimate, _ in rows]:
        rows.append((measured.best, measured.grade))
    beside: list[Estimate] = []
    if measured.controlled is not None:
        beside.append(measured.controlled.estimate)
        beside += [check.estimate for check in measured.controlled.cross_checks]
    if measured.randomised is not None and measured.randomised.plain is not None:
        beside.append(measured.randomised.plain)
    if measured.interrupted is not None:
        beside.append(measured.interrupted.estimate)
        beside += measured.interrupted.peers if measured.grade == "C" else ()
    drawn = {estimate.method for estimate, _ in rows}
    return rows + [(estimate, "") for estimate in beside if estimate.method not in drawn]


def placebos(controlled: Controlled | None) -> Picture | Html:
    """Launches that never happened, beside the one that did."""
    if controlled is None or controlled.rank is None:
        return note(words("There are no two controls to compare with (effect.controls)."))
    import seaborn as sns  # noqa: PLC0415 - heavy

    language = reader()
    factor = 100.0 if controlled.estimate.unit == "points" else 1.0
    figure, axes = new_axes(height=2.0)
    effects = np.array([placebo.effect for placebo in controlled.placebos]) * factor
    sns.swarmplot(x=effects, ax=axes, color=GREY, size=5)
    axes.axvline(controlled.estimate.effect * factor, color=BLUE, lw=2)
    axes.axvline(0, color=INK, lw=1)
    axes.annotate(
        language.text("the real launch"),
        (controlled.estimate.effect * factor, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -8),
        textcoords="offset points",
        fontsize=9,
        color=BLUE,
    )
    axes.grid(axis="x")
    axes.set_yticks([])
    axes.set_xlabel(unit_of(controlled.estimate))
    rank = language.number(controlled.rank, 2)
    return picture(figure, f"{language.text('placebo rank')} {rank}")
