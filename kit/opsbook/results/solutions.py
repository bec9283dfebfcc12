"""What stage 3 saves: which options pass, how surely one wins, what it brings, who does what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from opsbook.results.base import StageResult
from opsbook.results.plan import Forecast, PlanView, RiskView
from opsbook.results.scoring import Gates, Scores, Surety
from opsbook.results.worth import MoneyView
from opsbook.text import Quantity, Record, Statement


class MapPoint(Record):
    """An option by what it takes and what it brings."""

    title: str
    person_weeks: float
    score: float
    cost: float
    chosen: bool


class HumanDecision(Record):
    """What people decided, beside what was computed."""

    chosen: tuple[str, ...]
    titles: tuple[str, ...]
    who: str
    when: dt.date
    why: str
    agrees: bool


class Choice(Record):
    """The best set of options that the means allow.

    Attributes:
        chosen: Ids of the chosen options.
        titles: Their titles.
        left_out: Options that could not be considered, and why.
        missing: If nothing fits, what each option lacks.
        next_best: What more money would buy.
    """

    chosen: tuple[str, ...]
    titles: tuple[str, ...]
    by: Literal["score", "net_present_value"] = "score"
    value: float
    cost: Quantity
    person_weeks: float
    budget: Quantity | None
    budget_person_weeks: float | None
    left_out: tuple[Statement, ...] = ()
    missing: tuple[Statement, ...] = ()
    next_best: Statement | None = None
    map: tuple[MapPoint, ...] = ()
    decision: HumanDecision | None = None

    @property
    def final(self) -> tuple[str, ...]:
        """Ids of what is done: decided by people, else the best that fits."""
        return self.decision.chosen if self.decision else self.chosen

    @property
    def final_titles(self) -> tuple[str, ...]:
        """Titles of what is done."""
        return self.decision.titles if self.decision else self.titles


class SolutionsResult(StageResult):
    """Gates, scores, surety, money, choice, risks, plan, and the forecast they make."""

    stage: Literal["solutions"] = "solutions"
    gates: Gates | None = None
    scores: Scores | None = None
    surety: Surety | None = None
    money: MoneyView | None = None
    choice: Choice | None = None
    decision: HumanDecision | None = None
    risks: RiskView | None = None
    plan: PlanView | None = None
    forecast: Forecast | None = None
