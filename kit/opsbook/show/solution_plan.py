"""The plan: Gantt chart, tasks, and what the pilot can show."""

from __future__ import annotations

from html import escape

from opsbook.results.plan import PilotView, PlannedStep, PlanView
from opsbook.show.cells import amount, count
from opsbook.show.reader import reader
from opsbook.show.series_plot import day_number
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Html,
    Picture,
    absent,
    bracketed,
    filled,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.show.solution_axes import legend_below, option_axes
from opsbook.show.time_axis import time_axis
from opsbook.text import SHARE, Period, Quantity, term

STATUS = {"todo": term("to do"), "doing": term("in progress"), "done": term("done")}


def gantt(plan: PlanView | None) -> Picture | Html:
    """The tasks over the calendar; those that may not slip stand out."""
    if plan is None or not plan.steps:
        return absent(words("No tasks are planned yet (solutions.plan)."))
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    language = reader()
    figure, axes = option_axes([step.title for step in plan.steps], extra=1.2)
    colours = [_colour(step) for step in plan.steps]
    for place, (step, colour) in enumerate(zip(plan.steps, colours, strict=True)):
        start, end = day_number(step.start), day_number(step.due) + 1
        axes.barh(place, end - start, left=start, height=0.5, color=colour)
        if step.progress and step.status != "done":
            width = (end - start) * step.progress
            axes.barh(place, width, left=start, height=0.14, color="#1d2733")
    if plan.as_of is not None:
        axes.axvline(day_number(plan.as_of), color=RED, lw=1.2, ls=(0, (5, 3)))
    time_axis(axes.xaxis, least=3, most=8)
    meaning = {
        ORANGE: language.text("may not slip"),
        BLUE: language.text("has slack"),
        GREY: language.text("done"),
    }
    legend_below(
        axes, handles=[Patch(color=c, label=meaning[c]) for c in meaning if c in set(colours)]
    )
    text = language.listed(f"{step.title}: {_span(step)}" for step in plan.steps)
    return picture(figure, text)


def plan(plan: PlanView | None) -> Html:
    """Who does what by when, the path that decides the end, and the pilot."""
    if plan is None:
        return absent(words("The params hold no plan yet (solutions.plan)."))
    if not plan.steps:
        return absent(words("No tasks are planned yet (solutions.plan).")) + _pilot(plan.pilot)
    columns = headings("Task", "owner", "from – to", "waits for", "slack, days", "status")
    rows = [_step(step) for step in plan.steps]
    path = filled(
        "May not slip: {tasks}. The plan ends on {end}.",
        tasks=escape(" → ".join(plan.critical)),
        end=shown(None if plan.end is None else Period(start=plan.end)),
    )
    return table(columns, rows, numeric=(4,)) + note(path) + _pilot(plan.pilot)


def _colour(step: PlannedStep) -> str:
    if step.status == "done":
        return GREY
    return ORANGE if step.critical else BLUE


def _step(step: PlannedStep) -> list[str]:
    helpers = bracketed(shown(tuple(step.helpers))) if step.helpers else ""
    status = shown(STATUS[step.status])
    if step.progress is not None and step.status == "doing":
        status += f" {shown(Quantity(value=step.progress, unit=SHARE, digits=0))}"
    if step.late:
        status += f" · {words('overdue')}"
    delivers = f"<br><small>{escape(step.deliverable)}</small>" if step.deliverable else ""
    return [
        escape(step.title) + delivers,
        escape(step.owner) + helpers,
        _span(step),
        shown(tuple(step.after)) or shown(None),
        shown(Quantity(value=step.slack)),
        status,
    ]


def _span(step: PlannedStep) -> str:
    return " – ".join(shown(Period(start=day)) for day in (step.start, step.due))


def _pilot(pilot: PilotView | None) -> Html:
    if pilot is None:
        return absent(words("No pilot is planned (solutions.plan.pilot)."))
    rows = [
        [
            words("pilot"),
            filled(
                "{share} of the cases for {days} days",
                share=shown(Quantity(value=pilot.share, unit=SHARE, digits=0)),
                days=shown(Quantity(value=pilot.days)),
            ),
        ],
        [words("rollback condition"), escape(pilot.rollback) or words("to be filled in")],
    ]
    if pilot.lacks is not None:
        rows.append([words("what it can show"), shown(pilot.lacks)])
    else:
        rows += _shows(pilot)
    return table(headings("Pilot", "Entry"), rows)


def _shows(pilot: PilotView) -> list[list[str]]:
    power = shown(Quantity(value=pilot.power or 0.0, unit=SHARE, digits=0))
    smallest = pilot.minimum_detectable_effect
    rows = [
        [
            words("cases in the pilot, beside it"),
            f"{count(pilot.n_pilot or 0)}, {count(pilot.n_control or 0)}",
        ],
        [words("forecast effect"), amount(pilot.forecast, pilot.unit)],
        [
            filled("smallest effect found with {power} probability", power=power),
            words("none") if smallest is None else amount(smallest, pilot.unit),
        ],
        [
            words("probability to find the forecast"),
            shown(Quantity(value=pilot.power_of_plan or 0.0, unit=SHARE, digits=0)),
        ],
        [words("days needed"), count(pilot.days_needed or 0)],
    ]
    if pilot.baseline is not None:
        rows.insert(1, [words("level before it"), amount(pilot.baseline, SHARE)])
    return rows
