"""What stage 3 saves: which options pass, how surely one wins, what it brings, who does what."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from opsbook.results.base import StageResult
from opsbook.text import Quantity, Record, Statement, Term


class ShutGate(Record):
    """A gate that an option breaks: its name, and by how much."""

    gate: Term | str
    reason: Statement


class OptionGates(Record):
    """One option before anything is scored: its cause, the gates it breaks, the open questions."""

    id: str
    title: str
    cause: str | None = None
    cause_status: str | None = None
    shut: tuple[ShutGate, ...] = ()
    unanswered: tuple[Statement, ...] = ()


class Gates(Record):
    """All options; only those without a shut gate are scored.

    Attributes:
        causes_without_option: Claims of confirmed causes that no option removes.
        options_without_cause: Titles of options that name no cause.
    """

    rows: tuple[OptionGates, ...]
    causes_without_option: tuple[str, ...] = ()
    options_without_cause: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the options that may be scored."""
        return tuple(row.id for row in self.rows if not row.shut)


class ScaleMark(Record):
    """One anchor of a criterion's scale."""

    at: float
    points: float
    meaning: str = ""


class ScoredCriterion(Record):
    """One criterion with its share of the score and its scale."""

    id: str
    title: str
    unit: str
    weight: float
    scale: tuple[ScaleMark, ...]


class Cell(Record):
    """One criterion of an option: what was judged, and what it earns.

    Attributes:
        spread: High minus low of several raters, in the criterion's unit; None for one judge.
        missing: Raters who gave no score.
        outside: Whether the measure lies beyond the anchors of the scale.
    """

    low: float
    value: float
    high: float
    points: float
    weighted: float
    n_raters: int | None = None
    spread: float | None = None
    missing: tuple[str, ...] = ()
    outside: bool = False


class OptionScore(Record):
    """One option that passed its gates, with its points and its place."""

    id: str
    title: str
    cells: tuple[Cell, ...]
    score: float
    rank: int
    check_ranks: tuple[int, ...] = ()


class CrossCheck(Record):
    """Another ranking method held against the weighted sum.

    Attributes:
        tau: Kendall's tau of the two rankings; None where it cannot be computed.
        reversals: Pairs of options whose order turns when a third is left out.
        hangs_on: Titles of options whose absence alone changes this method's winner.
    """

    method: str
    normalisation: str
    tau: float | None
    same_winner: bool
    reversals: int
    hangs_on: tuple[str, ...] = ()


class Scores(Record):
    """The options that passed, best first.

    Attributes:
        weighting: How the weights were found.
        consistency_ratio: Of pairwise judgements; over 0.10 they contradict each other.
        contradictions: The judgements that fit the others least, if so.
    """

    criteria: tuple[ScoredCriterion, ...]
    rows: tuple[OptionScore, ...]
    checks: tuple[CrossCheck, ...] = ()
    reversals: int = 0
    weighting: str
    consistency_ratio: float | None = None
    contradictions: tuple[Statement, ...] = ()
    illustrative: bool
    currency: str


class Acceptability(Record):
    """How often an option takes each rank, and the weights one would hold to prefer it."""

    id: str
    title: str
    ranks: tuple[float, ...]
    central_weights: tuple[float, ...] | None
    confidence: float | None


class LeadBar(Record):
    """The leader's lead with one guess at its low and at its high."""

    option: str
    criterion: str
    at_low: float
    at_high: float
    turns: bool


class Knowing(Record):
    """What it is worth to find out one guess before choosing."""

    option: str
    criterion: str
    worth: float
    flips: float


class Surety(Record):
    """Whether the winner still wins when weights and guesses move.

    Attributes:
        best: Title of the option that is first most often.
        share: How often, under weightings that keep the stated order of the criteria.
        share_any_weights: How often it is first under any weighting at all.
        ordered: Whether the weights state an order of the criteria.
        lead: The leader's points minus the next one's, with every guess most likely.
        perfect: Points to be gained on average if every guess were known.
        guessed: How many cells are guesses.
    """

    rows: tuple[Acceptability, ...]
    criteria: tuple[str, ...]
    best: str
    share: float
    standard_error: float
    share_any_weights: float
    ordered: bool
    verdict: Literal["clear", "leaning", "toss_up"]
    leader: str
    lead: float
    bars: tuple[LeadBar, ...]
    perfect: float
    knowing: tuple[Knowing, ...]
    guessed: int
    draws: int
    seed: int


class MoneyRow(Record):
    """What one option brings in money.

    Attributes:
        benefit: Most likely benefit a year, once it works.
        roi: Benefit over cost, both summed over the years, most likely values.
        net_present_value: With every guess most likely.
        payback_years: Until the money is back for good; None if it is not within the years.
        probability_of_loss: Share of draws with a net present value under zero.
        p5: 5 % quantile of the net present value.
        p95: 95 % quantile.
        lacks: Why nothing could be computed, if so.
    """

    id: str
    title: str
    cost: float
    benefit_low: float | None = None
    benefit: float | None = None
    benefit_high: float | None = None
    roi: float | None = None
    net_present_value: float | None = None
    payback_years: float | None = None
    probability_of_loss: float | None = None
    p5: float | None = None
    p95: float | None = None
    lacks: Statement | None = None


class CostRow(Record):
    """One cost item with its class."""

    title: str
    cost: float
    benefit: float | None
    roi: float | None
    cost_class: Literal["high", "low", "necessary", "unknown"]


class CostList(Record):
    """Cost items by return; those under 1 that nobody asks for are on the cut list."""

    rows: tuple[CostRow, ...]
    cut: tuple[str, ...]
    cut_cost: float
    cut_gain: float


class AutomationRow(Record):
    """What automating one task would bring."""

    title: str
    frequent: bool
    hours_saved: float
    saving: float
    payback_months: float | None


class StepRow(Record):
    """One step of the process, before and after."""

    title: str
    value_added: bool
    action: Literal[
        "keep", "eliminate", "combine", "rearrange", "simplify", "standardise", "automate"
    ]
    minutes: float
    minutes_after: float


class StepList(Record):
    """The process before and after; the shares are of the time that adds value."""

    rows: tuple[StepRow, ...]
    minutes: float
    minutes_after: float
    value_share: float | None
    value_share_after: float | None


class MoneyView(Record):
    """Options, cost items and repeated tasks in money; each None where the params lack it."""

    currency: str
    definition: str
    years: int | None = None
    rate: float | None = None
    options: tuple[MoneyRow, ...] | None = None
    costs: CostList | None = None
    automation: tuple[AutomationRow, ...] | None = None
    least_per_day: float | None = None
    steps: StepList | None = None


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
