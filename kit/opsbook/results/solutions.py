"""What stage 3 saves: which options pass, how they score, what the budget buys."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from opsbook.results.base import StageResult
from opsbook.text import Quantity, Record, Statement


class CriterionPoints(Record):
    """One criterion of an option: what was judged, and what it earns."""

    criterion: str
    value: float
    points: float
    weighted: float


class OptionScore(Record):
    """One option with its gates, its points and its place."""

    id: str
    title: str
    cause: str | None
    cause_status: str | None
    failed_gates: tuple[str, ...]
    points: tuple[CriterionPoints, ...] = ()
    score: float | None = None
    rank: int | None = None
    cost: float = 0
    person_weeks: float = 0
    decision: Literal["chosen", "reserve", "rejected"]


class Scores(Record):
    """All options, best first; those that fail a gate last and without a score."""

    criteria: tuple[str, ...]
    weights: tuple[float, ...]
    rows: tuple[OptionScore, ...]
    illustrative: bool
    currency: str


class Choice(Record):
    """The best set of options that the means allow."""

    chosen: tuple[str, ...]
    cost: Quantity
    person_weeks: float
    budget: Quantity | None
    budget_person_weeks: float | None
    next_best: Statement | None = None


class HumanDecision(Record):
    """What people decided, beside what was computed."""

    chosen: tuple[str, ...]
    who: str
    when: dt.date
    why: str
    agrees: bool


class SolutionsResult(StageResult):
    """The scored options and the choice."""

    stage: Literal["solutions"] = "solutions"
    scores: Scores | None = None
    choice: Choice | None = None
    decision: HumanDecision | None = None
