"""Before and after, with controls and without."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.effect import Comparison, Controlled, GuardrailCheck, Measured
from opsbook.show.cells import unit_of, with_interval
from opsbook.show.reader import reader
from opsbook.show.series_plot import day_number, draw_line, draw_target, finish_series, new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    INK,
    Html,
    Picture,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import Quantity, term

GUARDRAILS = {
    "safe": term("not harmed"),
    "harmed": term("harmed"),
    "cannot_tell": term("the data cannot tell"),
}


def comparison(comparison: Comparison, controlled: Controlled | None) -> Picture:
    """The metric around the launch, beside the units without the change."""
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
        xytext=(4, -10),
        textcoords="offset points",
        fontsize=9,
    )
    return finish_series(figure, axes, comparison.series, legend=True)


def estimates(naive: Measured, controlled: Controlled | None) -> Picture:
    """The naive and the controlled change side by side, each with its interval."""
    language = reader()
    rows = [(language.text("before/after alone"), naive.estimate, naive.grade)]
    if controlled is not None:
        rows.append((language.text("against the controls"), controlled.estimate, controlled.grade))
    factor = 100.0 if naive.estimate.unit == "points" else 1.0
    figure, axes = new_axes(height=1.0 + 0.45 * len(rows))
    for place, (_, estimate, _) in enumerate(rows):
        color = BLUE if estimate.excludes_zero else GREY
        if estimate.lower is not None and estimate.upper is not None:
            axes.hlines(place, estimate.lower * factor, estimate.upper * factor, color=color, lw=3)
        axes.plot([estimate.effect * factor], [place], "o", color=color, ms=8)
        axes.annotate(
            language.quantity(Quantity(value=estimate.effect, unit=estimate.unit, signed=True)),
            (estimate.effect * factor, place),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.axvline(0, color=INK, lw=1)
    grade = language.text("evidence {grade}")
    axes.set_yticks(range(len(rows)), [f"{n}\n{grade.format(grade=g)}" for n, _, g in rows])
    axes.set_ylim(len(rows) - 0.4, -0.7)
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{unit_of(naive.estimate)}{language.text(', 95% interval')}")
    text = "; ".join(f"{name} {language.number(e.effect * factor, 2)}" for name, e, _ in rows)
    return picture(figure, text)


def placebos(controlled: Controlled | None) -> Picture | Html:
    """Launches that never happened, beside the one that did."""
    if controlled is None:
        return note(words("The params name no controls (effect.controls)."))
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


def guardrails(guardrails: tuple[GuardrailCheck, ...]) -> Html:
    """What must not get worse, and whether it did."""
    if not guardrails:
        return note(words("The params name no guardrails (metric.guardrails)."))
    rows = [
        [
            escape(rail.name),
            shown(Quantity(value=rail.before, unit=rail.unit)),
            shown(Quantity(value=rail.after, unit=rail.unit)),
            with_interval(rail.estimate),
            shown(Quantity(value=rail.margin, unit=rail.change_unit)),
            shown(GUARDRAILS[rail.status]),
        ]
        for rail in guardrails
    ]
    columns = headings("Guardrail", "before", "after", "change", "margin", "verdict")
    return table(columns, rows, numeric=(1, 2, 3, 4))
