"""Form 2-1, the kick-off minutes, with everything that the params and the data already say."""

from __future__ import annotations

import datetime as dt

from opsbook.results import Form, FormField
from opsbook.results.trigger import History, Misses
from opsbook.results.trigger_tables import RaciRow, SmartRow
from opsbook.stages.context import Context
from opsbook.text import Period, Quantity, Statement, Term, Value, say, term

#: Who does what in each step: lead, data, execution, support (R does, A answers, C is asked,
#: I is told). One A a row.
DUTIES: tuple[tuple[Term, str], ...] = (
    (term("Start: problem, team, kick-off"), "A/R C C I"),
    (term("Diagnosis: data and decomposition"), "A R C C"),
    (term("Verification: interviews and the front line"), "A C R C"),
    (term("Solutions: assessment and choice"), "A/R C C C"),
    (term("Roll-out and pilot"), "A I R C"),
    (term("Tools and features"), "A I C R"),
    (term("Effect: before and after"), "A R C I"),
    (term("Standard and monitoring"), "A R R C"),
)


def kick_off(context: Context, problem: Statement, history: History, misses: Misses) -> Form:
    """Fill form 2-1 as far as it goes; the rest is for people.

    Args:
        context: The project.
        problem: What the trigger check found, as a sentence.
        history: The KPI up to the check.
        misses: Its runs of misses.
    """
    identity = context.project.project
    goal = identity.goal
    people = [name for name in identity.team.model_dump().values() if name]
    return Form(
        id="2-1",
        title=term("Kick-off minutes"),
        fields=(
            FormField(label=term("Subject"), value=as_it_is(identity.title)),
            FormField(label=term("Participants"), value=as_it_is(tuple(people))),
            FormField(label=term("Date")),
            FormField(label=term("Place or online")),
            FormField(label=term("Problem"), value=problem),
            FormField(label=term("Baseline and gap"), value=_gap(history, misses)),
            FormField(label=term("Goal"), value=as_it_is(goal.text if goal else "")),
            FormField(label=term("Division of work"), value=_roles(context)),
            FormField(
                label=term("Milestones"),
                value=as_it_is(goal.by.root) if goal and goal.by else None,
            ),
            FormField(label=term("Resources to arrange")),
            FormField(label=term("Decisions")),
        ),
    )


def as_it_is(text: Value) -> Statement | None:
    """A text of the user's own, or several, shown as they are; None if there is none."""
    return say("{text}", text=text) if text else None


def raci(context: Context) -> tuple[RaciRow, ...]:
    """Who does what, by the handbook's four roles; empty where no role is filled."""
    if not any(context.project.project.team.model_dump().values()):
        return ()
    rows = []
    for activity, duties in DUTIES:
        lead, data, execution, support = duties.split()
        rows.append(
            RaciRow(activity=activity, lead=lead, data=data, execution=execution, support=support)
        )
    return tuple(rows)


def smart(context: Context, history: History) -> tuple[SmartRow, ...]:
    """Hold the goal against SMART, letter by letter; empty without a goal.

    Achievable is judged by the KPI's own history: a figure it has reached before can be reached.
    """
    goal = context.project.project.goal
    if goal is None:
        return ()
    metric = context.project.metric
    own = context.series(metric)
    past = own.between(None, history.as_of.start).value
    past = past[past == past]  # noqa: PLR0124 - drops NaN
    aim = float(goal.value) if goal.value is not None else metric.target
    unit = metric.value_unit
    sign = 1.0 if metric.better == "higher" else -1.0
    rows = [
        SmartRow(
            letter="S",
            met=bool(metric.definition or metric.name),
            reason=say("It names one figure: {kpi}.", kpi=metric.name),
        ),
        SmartRow(
            letter="M",
            met=aim is not None,
            reason=say("The figure to reach is {aim}.", aim=Quantity(value=aim, unit=unit))
            if aim is not None
            else say("No figure to reach is set."),
        ),
    ]
    if aim is None or not past.size:
        rows += [
            SmartRow(letter="A", met=None, reason=say("Without figures nobody can tell.")),
            SmartRow(letter="R", met=None, reason=say("Without figures nobody can tell.")),
        ]
    else:
        best = float(sign * (sign * past).max())
        reached = sign * (best - aim) >= 0
        values = {"best": Quantity(value=best, unit=unit), "aim": Quantity(value=aim, unit=unit)}
        told = (
            say("It has been reached before: the best period had {best}.")
            if reached
            else say("It was never reached before: the best period had {best}, the aim is {aim}.")
        )
        shown = {name: value for name, value in values.items() if "{" + name in told.message}
        rows.append(
            SmartRow(
                letter="A",
                met=True if reached else None,
                reason=Statement(message=told.message, values=shown),
            )
        )
        ahead = sign * (aim - float(past[-1])) > 0
        rows.append(
            SmartRow(
                letter="R",
                met=ahead,
                reason=say(
                    "The newest value, {now}, is still worse than the aim.",
                    now=Quantity(value=float(past[-1]), unit=unit),
                )
                if ahead
                else say(
                    "The newest value, {now}, meets the aim already.",
                    now=Quantity(value=float(past[-1]), unit=unit),
                ),
            )
        )
    rows.append(_time(goal.by.last if goal.by else None, history))
    return tuple(rows)


def _time(by: dt.date | None, history: History) -> SmartRow:
    if by is None:
        return SmartRow(letter="T", met=False, reason=say("No date is set."))
    due = Period(start=by)
    if by < history.as_of.start:
        return SmartRow(
            letter="T", met=False, reason=say("Its date, {by}, is before this check.", by=due)
        )
    return SmartRow(letter="T", met=True, reason=say("It is due by {by}.", by=due))


def _gap(history: History, misses: Misses) -> Statement | None:
    """The newest value, the target, the gap, and what the gap amounts to in cases a period."""
    series = history.series
    last = next((point for point in reversed(series.points) if point.value is not None), None)
    if last is None or last.value is None or series.target is None:
        return None
    gap = last.value - series.target
    run = next((run.run for run in misses.runs if run.against == "target"), 0)
    values = {
        "value": series.quantity(last.value),
        "target": series.quantity(series.target),
        "gap": series.change(gap),
        "run": Quantity(value=run, unit="count"),
    }
    if series.unit == "share" and last.denominator:
        told = say(
            "Newest {value}, target {target}, gap {gap}: about {cases} cases in that period; "
            "misses running: {run}."
        )
        values["cases"] = Quantity(value=round(abs(gap) * last.denominator), unit="count")
    else:
        told = say("Newest {value}, target {target}, gap {gap}; misses running: {run}.")
    return Statement(message=told.message, values=values)


def _roles(context: Context) -> Statement | None:
    team = context.project.project.team
    if not any(team.model_dump().values()):
        return None
    return say(
        "Lead: {lead}. Data: {data}. Execution: {execution}. Support: {support}.",
        lead=team.lead or "–",
        data=team.data or "–",
        execution=team.execution or "–",
        support=team.support or "–",
    )
