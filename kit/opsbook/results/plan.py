"""What stage 3 saves about risks and the plan, and the forecast that the effect is held against."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from opsbook.text import Record, Statement, Term


class RiskRow(Record):
    """One risk of one option, the most urgent first.

    Attributes:
        priority: Action priority by severity, occurrence and detection; None if not rated.
        gaps: What a risk of high or medium priority still lacks.
        warning: Whether its indicator warns now; None if that is not known.
    """

    option: str
    title: str
    probability: float
    impact: int
    probability_before: float | None = None
    impact_before: int | None = None
    priority: Literal["high", "medium", "low"] | None = None
    ratings: tuple[int, int, int] | None = None
    risk_priority_number: int | None = None
    indicator: str | None = None
    threshold: float | None = None
    warns_when: Literal["above", "below"] = "above"
    observed: float | None = None
    warning: bool | None = None
    plan: str = ""
    owner: str = ""
    gaps: tuple[Term, ...] = ()


class OptionExposure(Record):
    """Sum of probability times impact over an option's risks, without and with the plans."""

    title: str
    before: float
    after: float


class RiskView(Record):
    """All risks of the options that passed their gates."""

    rows: tuple[RiskRow, ...]
    exposures: tuple[OptionExposure, ...]


class PlannedStep(Record):
    """One task with its dates.

    Attributes:
        slack: Days that it may slip without delaying the end.
        early: Days by which its planned start lies before what it waits for is done.
        late: Whether it was due before the day of the report and is not done.
    """

    id: str
    title: str
    owner: str
    helpers: tuple[str, ...]
    deliverable: str
    start: dt.date
    due: dt.date
    after: tuple[str, ...]
    slack: float
    critical: bool
    early: float
    progress: float | None
    status: Literal["todo", "doing", "done"]
    late: bool | None = None


class PilotView(Record):
    """What the pilot can show.

    Attributes:
        lacks: Why it was not computed, if so.
        minimum_detectable_effect: Smallest effect that the pilot finds with the wanted power.
        power_of_plan: Chance that the planned pilot finds the forecast.
        baseline: The metric before it, where it is a share.
    """

    share: float
    days: float
    rollback: str
    lacks: Statement | None = None
    forecast: float | None = None
    unit: str = ""
    minimum_detectable_effect: float | None = None
    power_of_plan: float | None = None
    power: float | None = None
    enough: bool | None = None
    days_needed: int | None = None
    n_pilot: float | None = None
    n_control: float | None = None
    baseline: float | None = None
    daily_volume: float | None = None


class PlanView(Record):
    """The tasks in the order given, the critical path, and the pilot."""

    steps: tuple[PlannedStep, ...] = ()
    critical: tuple[str, ...] = ()
    start: dt.date
    end: dt.date | None = None
    as_of: dt.date | None = None
    pilot: PilotView | None = None


class Forecast(Record):
    """What the chosen options are expected to change; stage 4 holds the effect against it.

    Attributes:
        options: Titles of the options it is the sum of.
        low: The low end, a change of the metric.
        mode: The most likely.
        high: The high end.
        unit: Unit of the change.
        minimum_detectable_effect: What the planned pilot can show, if there is one.
        days_needed: Days until the pilot shows the forecast.
    """

    metric: str
    options: tuple[str, ...]
    low: float
    mode: float
    high: float
    unit: str
    minimum_detectable_effect: float | None = None
    days_needed: int | None = None
