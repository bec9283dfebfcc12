"""Before and after, with controls and without."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.methods.estimate import Estimate
from opsbook.results.effect import (
    GUARDRAIL_WORDS,
    Check,
    Comparison,
    Controlled,
    Design,
    GuardrailCheck,
    Measurements,
    MetricCheck,
    Receipt,
)
from opsbook.show.cells import amount, count, limits, moved, unit_of, with_interval
from opsbook.show.reader import reader
from opsbook.show.series_plot import day_number, draw_line, draw_target, finish_series, new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    INK,
    Html,
    Picture,
    absent,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import POINTS, SHARE, Quantity, term

DESIGNS = {
    "randomised": term("randomised comparison (A/B)"),
    "staggered_adoption": term("staggered roll-out"),
    "difference_in_differences": term("difference-in-differences"),
    "synthetic_difference_in_differences": term("synthetic difference-in-differences"),
    "synthetic_control": term("synthetic control"),
    "covariance_averaged_gls": term("interrupted time series"),
    "count_interrupted_series": term("interrupted time series of counts"),
    "before_after": term("before/after"),
}
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
CHECKS = {
    "pass": ("good", term("pass")),
    "look": ("warn", term("look")),
    "fail": ("bad", term("fail")),
}
#: Above what is drawn, for the word at the launch; a share of the axis.
ROOM = 0.09


def design(design: Design) -> Html:
    """How the effect is measured and why, what was passed over, and whether the plan was kept."""
    rows = [
        [
            f"<strong>{shown(DESIGNS[design.chosen])}</strong>",
            f"{shown(design.reason)} ({words('evidence {grade}').format(grade=design.grade)})",
        ]
    ]
    rows += [
        [f"{words('not used')}: {shown(DESIGNS[option.design])}", shown(option.reason)]
        for option in design.rejected
    ]
    plan = design.registration
    told = [words("Plan {hash}").format(hash=plan.hash[:12])]
    if plan.deviations:
        told.append(words("first plan {hash}").format(hash=plan.registered[:12]))
        told += [shown(deviation) for deviation in plan.deviations]
    elif plan.before_data:
        told.append(words("stored before there was a period after the launch, and kept"))
    else:
        told.append(words("first stored when periods after the launch were there already"))
    return table(headings("Design", "Why"), rows) + note(" · ".join(told))


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
    text = "; ".join(
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


def units(measured: Measurements) -> Html:
    """Each unit that got the change, against the units that never did."""
    if not measured.units:
        return absent(words("One unit got the change (effect.launches names no other)."))
    rows = [
        [
            escape(one.unit),
            shown(one.launched),
            moved(one.change, _plain(one.estimate)),
            moved(one.controls_change, _plain(one.estimate)),
            moved(one.estimate.effect, _plain(one.estimate)),
            "" if one.estimate.lower is None else limits(one.estimate),
            shown(None if one.adjusted is None else Quantity(value=one.adjusted, unit="p")),
            words("shown") if one.shown else words("not shown"),
        ]
        for one in measured.units
    ]
    columns = headings(
        "Unit",
        "launched",
        "own change",
        "controls",
        "net",
        "95% interval",
        "p, adjusted",
        "verdict",
    )
    caption = words("Benjamini–Hochberg over the units, {unit}").format(
        unit=unit_of(measured.units[0].estimate)
    )
    return table(columns, rows, caption=caption, numeric=(2, 3, 4, 5, 6))


def _plain(estimate: Estimate) -> str:
    """The unit in which a change is shown where the caption names it."""
    return SHARE if estimate.unit == POINTS else estimate.unit


def receipt(receipt: Receipt) -> Html:
    """What the verdict's own rule says where nothing was launched."""
    if not receipt.lines:
        return note(
            words("There is too little untouched history, and no control, to fake a launch.")
        )
    rows = [
        [
            words("at the controls") if line.where == "controls" else words("in its own past"),
            count(line.n),
            amount(line.effective, "share"),
            amount(line.harmful, "share"),
            amount(line.power, "share"),
            amount(line.detectable, receipt.unit),
        ]
        for line in receipt.lines
    ]
    columns = headings(
        "Fake launches",
        "number",
        "called effective",
        "called harmful",
        "aim shown",
        "smallest shown (80%)",
    )
    caption = words("No aim is stated.")
    if receipt.aim is not None and receipt.aim_source is not None:
        aim = shown(Quantity(value=receipt.aim, unit=receipt.unit, signed=True))
        caption = f"{words('Aim')}: {aim} ({shown(receipt.aim_source)})"
    told = note(words("An alarm at a real jump of the past counts as a false one here."))
    return table(columns, rows, caption=caption, numeric=(1, 2, 3, 4, 5)) + told


def report_card(checks: tuple[Check, ...]) -> Html:
    """Each check with what it found and what to do about it."""
    rows = []
    for check in checks:
        tone, word = CHECKS[check.status]
        rows.append(
            [
                shown(check.title),
                f'<span class="tone tone-{tone}">{shown(word)}</span>',
                shown(check.finding)
                + (f"<br><small>→ {shown(check.todo)}</small>" if check.todo else ""),
            ]
        )
    return table(headings("Check", "Result", "What it found, what to do"), rows)


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


def side_effects(guardrails: tuple[GuardrailCheck, ...], metrics: tuple[MetricCheck, ...]) -> Html:
    """What must not get worse, whether it did, and what else was looked at."""
    columns = headings("Guardrail", "before", "after", "change", "margin", "verdict")
    rows = [
        [
            escape(rail.name),
            shown(None if rail.before is None else Quantity(value=rail.before, unit=rail.unit)),
            shown(None if rail.after is None else Quantity(value=rail.after, unit=rail.unit)),
            "–" if rail.estimate is None else with_interval(rail.estimate),
            shown(Quantity(value=rail.margin, unit=rail.change_unit)),
            shown(GUARDRAIL_WORDS[rail.status]),
        ]
        for rail in guardrails
    ]
    found = table(columns, rows, numeric=(1, 2, 3, 4))
    if not rows:
        found = absent(words("The params name no guardrails (metric.guardrails)."))
    if not metrics:
        return found
    further = [
        [
            escape(metric.name),
            "–" if metric.estimate is None else with_interval(metric.estimate),
            shown(None if metric.adjusted is None else Quantity(value=metric.adjusted, unit="p")),
            words("shown") if metric.shown else words("not shown"),
        ]
        for metric in metrics
    ]
    columns = headings("Further metric", "change", "p, adjusted", "verdict")
    caption = words("Benjamini–Hochberg over all metrics looked at")
    return found + table(columns, further, caption=caption, numeric=(1, 2))
