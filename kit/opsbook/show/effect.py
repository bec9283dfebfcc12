"""The effect test in tables: design, units, receipt, report card, side effects."""

from __future__ import annotations

from html import escape

from opsbook.methods.estimate import Estimate
from opsbook.results.effect import (
    GUARDRAIL_WORDS,
    Check,
    Design,
    GuardrailCheck,
    MetricCheck,
    Receipt,
)
from opsbook.results.effect_measured import Measurements
from opsbook.show.cells import amount, count, limits, moved, unit_of, with_interval
from opsbook.show.reader import reader
from opsbook.show.shown import (
    Html,
    absent,
    bracketed,
    filled,
    headings,
    note,
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
CHECKS = {
    "pass": ("good", term("pass")),
    "look": ("warn", term("look")),
    "fail": ("bad", term("fail")),
}


def design(design: Design) -> Html:
    """How the effect is measured and why, what was passed over, and whether the plan was kept."""
    rows = [
        [
            f"<strong>{shown(DESIGNS[design.chosen])}</strong>",
            shown(design.reason) + bracketed(filled("evidence {grade}", grade=design.grade)),
        ]
    ]
    rows += [
        [reader().told(words("not used"), shown(DESIGNS[option.design])), shown(option.reason)]
        for option in design.rejected
    ]
    plan = design.registration
    told = [filled("Plan {hash}", hash=plan.hash[:12])]
    if plan.deviations:
        told.append(filled("first plan {hash}", hash=plan.registered[:12]))
        told += [shown(deviation) for deviation in plan.deviations]
    elif plan.before_data:
        told.append(words("stored before there was a period after the launch, and kept"))
    else:
        told.append(words("first stored when periods after the launch were there already"))
    return table(headings("Design", "Why"), rows) + note(" · ".join(told))


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
    caption = filled(
        "Benjamini–Hochberg over the units, {unit}", unit=unit_of(measured.units[0].estimate)
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
        caption = reader().told(words("Aim"), aim + bracketed(shown(receipt.aim_source)))
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


def side_effects(guardrails: tuple[GuardrailCheck, ...], metrics: tuple[MetricCheck, ...]) -> Html:
    """What must not get worse, whether it did, and what else was looked at."""
    arms = any(rail.grade == "A" for rail in guardrails)
    sides = ("control arm", "treatment arm") if arms else ("before", "after")
    columns = headings("Guardrail", *sides, "change", "margin", "verdict")
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
