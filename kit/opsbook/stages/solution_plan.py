"""The plan of what is done: tasks and dates, the pilot, and the forecast it is held against."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.solutions.critical_path import PlannedTask, ScheduledTask, critical_path
from opsbook.methods.solutions.pilot_size import PilotPlan, pilot_size
from opsbook.project.solutions_plan import Pilot, Plan, Task
from opsbook.results.plan import Forecast, PilotView, PlannedStep, PlanView
from opsbook.results.solutions import Choice
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import params_of
from opsbook.text import Statement, say

#: The baseline of a pilot is what the metric was in the last three months before the plan.
WINDOW = dt.timedelta(days=91)


def forecast(context: Context, choice: Choice) -> Forecast | None:
    """What the chosen options are expected to change together; None if one names no effect.

    The ends add up as if all came out low, or all high: further apart than is likely.
    """
    chosen = [option for option in params_of(context).options if option.id in choice.final]
    effects = [option.effect for option in chosen if option.effect is not None]
    if not chosen or len(effects) < len(chosen):
        return None
    metric = context.project.metric
    return Forecast(
        metric=metric.name,
        options=tuple(option.title for option in chosen),
        low=math.fsum(min(effect.low, effect.high) for effect in effects),
        mode=math.fsum(effect.mode for effect in effects),
        high=math.fsum(max(effect.low, effect.high) for effect in effects),
        unit=metric.change_unit,
    )


def plan(context: Context, choice: Choice) -> PlanView | None:
    """Dates, critical path and pilot of the plan; None if the params have none."""
    planned = params_of(context).plan
    if planned is None:
        return None
    path = (
        critical_path([_task(task, planned) for task in planned.tasks]) if planned.tasks else None
    )
    title = {task.id: task.title for task in planned.tasks}
    steps = (
        tuple(
            _step(task, dates, planned, title)
            for task, dates in zip(planned.tasks, path.tasks, strict=True)
        )
        if path
        else ()
    )
    return PlanView(
        steps=steps,
        critical=tuple(title[name] for name in path.path) if path else (),
        start=planned.start,
        end=max((step.due for step in steps), default=None),
        as_of=planned.as_of,
        pilot=_pilot(context, planned, planned.pilot, forecast(context, choice))
        if planned.pilot
        else None,
    )


def with_pilot(forecast: Forecast | None, plan: PlanView | None) -> Forecast | None:
    """The forecast with what the planned pilot can show of it."""
    if forecast is None or plan is None or plan.pilot is None:
        return forecast
    return forecast.model_copy(
        update={
            "minimum_detectable_effect": plan.pilot.minimum_detectable_effect,
            "days_needed": plan.pilot.days_needed,
        }
    )


def _task(task: Task, plan: Plan) -> PlannedTask:
    start = None if task.start is None else (task.start - plan.start).days
    days = task.days
    if days is None and task.due is not None and task.start is not None:
        days = (task.due - task.start).days + 1
    return PlannedTask(name=task.id, days=days or 0.0, after=task.after, start=start)


def _step(task: Task, dates: ScheduledTask, plan: Plan, title: dict[str, str]) -> PlannedStep:
    start = plan.start + dt.timedelta(days=math.floor(dates.start))
    # The last day, included; a milestone without a date of its own stands on the day when what it
    # waits for is done.
    last = max(0, math.ceil(dates.finish - 1e-9) - 1)
    due = plan.start + dt.timedelta(days=last)
    if dates.start == dates.finish and task.start is not None:
        due = start
    return PlannedStep(
        id=task.id,
        title=task.title,
        owner=task.owner,
        helpers=task.helpers,
        deliverable=task.deliverable,
        start=min(start, due),
        due=due,
        after=tuple(title[name] for name in task.after),
        slack=dates.slack,
        critical=dates.critical,
        early=dates.too_early,
        progress=1.0 if task.status == "done" else task.progress,
        status=task.status,
        late=None if plan.as_of is None else due < plan.as_of and task.status != "done",
    )


def _pilot(context: Context, plan: Plan, pilot: Pilot, forecast: Forecast | None) -> PilotView:
    view = PilotView(share=pilot.share, days=pilot.days, rollback=pilot.rollback)
    metric = context.project.metric

    def without(reason: Statement) -> PilotView:
        return view.model_copy(update={"lacks": reason})

    if forecast is None:
        return without(say("no effect of the chosen options is forecast"))
    if metric.kind not in {"share", "mean"}:
        return without(say("it is known for shares and means only"))
    if metric.kind == "mean" and pilot.sd is None:
        return without(say("the standard deviation of a single case (plan.pilot.sd) is not given"))
    level, volume = _before(context, plan.start)
    baseline = (pilot.baseline or level) if metric.kind == "share" else None
    volume = pilot.daily_volume or volume
    if volume is None or (metric.kind == "share" and baseline is None):
        return without(say("the data show no volume or level in the months before the plan"))
    try:
        size = pilot_size(
            PilotPlan(daily_volume=volume, share=pilot.share, days=pilot.days),
            forecast=forecast.mode,
            baseline=baseline,
            sd=pilot.sd if metric.kind == "mean" else None,
            power=pilot.power,
            design_effect=pilot.design_effect,
        )
    except DataError as error:
        return without(say("{problem}", problem=error.problem))
    return view.model_copy(
        update={
            "forecast": size.forecast,
            "unit": forecast.unit,
            "minimum_detectable_effect": size.minimum_detectable_effect,
            "power_of_plan": size.power_of_plan,
            "power": size.power,
            "enough": size.enough,
            "days_needed": size.days_needed,
            "n_pilot": size.n_pilot,
            "n_control": size.n_control,
            "baseline": baseline,
            "daily_volume": volume,
        }
    )


def _before(context: Context, start: dt.date) -> tuple[float | None, float | None]:
    """The metric's level and the cases a day in the last months before the plan."""
    series = context.series()
    ended = np.array([end <= start for end in series.ends], dtype=bool)
    recent = np.array([day >= start - WINDOW for day in series.periods], dtype=bool)
    kept = ended & recent & np.isfinite(series.value)
    if not kept.any():
        return None, None
    cases = float(series.denominator[kept].sum())
    lengths = [(end - day).days for day, end in zip(series.periods, series.ends, strict=True)]
    days = float(np.array(lengths)[kept].sum())
    if cases <= 0:
        return None, None
    level = float(series.numerator[kept].sum()) / cases
    return (level if 0 < level < 1 else None), cases / days
