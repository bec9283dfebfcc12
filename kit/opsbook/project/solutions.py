"""The section `solutions`: options, criteria, means, and people's decision."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import Any, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from opsbook.errors import DataError
from opsbook.project.base import Amount, Identifier, Section
from opsbook.project.guesses import Cost, Expense, Guess, Plain, Score
from opsbook.project.solutions_money import Automation, CostItem, Money
from opsbook.project.solutions_plan import Plan, WorkStep

Measure = Literal["cost", "person_weeks", "weeks", "effect", "benefit", "risk"]
WeightMethod = Literal[
    "equal_weights",
    "point_allocation",
    "swing_weights",
    "rank_order_centroid",
    "analytic_hierarchy_process",
]
NOTHING = Guess(low=0, mode=0, high=0)


class AnchorPoint(Section):
    """One agreed point of a scale: `[10, 100]`, or with the words that fix its meaning."""

    at: Plain = Field(description="The measure, in the criterion's unit.")
    points: float = Field(ge=0, le=100, description="What it is worth, 0 to 100.")
    meaning: str = Field("", description="What raters hold on to.")

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            if len(value) not in {2, 3}:
                raise ValueError("must be a pair of measure and points, such as [10, 100]")
            return dict(zip(("at", "points", "meaning"), value, strict=False))
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "array", "minItems": 2, "maxItems": 3}, handler(core)]}


class Criterion(Section):
    """One dimension of the score, with the anchors that turn it into points."""

    id: Identifier = Field(description="Short name, used in the options' scores.")
    title: str = Field(min_length=1, description="What the reader calls it.")
    weight: float | None = Field(
        None, ge=0, description="Its points or its swing against the others; see `weighting`."
    )
    measure: Measure | None = Field(
        None,
        description="Taken from the option itself, so that it needs no score: its cost, "
        "person-weeks, weeks, improvement of the metric, benefit a year, or risks "
        "(sum of probability × impact).",
    )
    unit: str = Field("", description="Natural unit: person-weeks, CNY, points of 10.")
    anchors: tuple[AnchorPoint, ...] = Field(
        min_length=2,
        description="Pairs of natural value and points, from 0 to 100; straight lines between.",
        examples=[[[0, 100], [500000, 0]]],
    )

    @model_validator(mode="after")
    def _anchors_run_one_way(self) -> Self:
        # numpy comes with it, and only a file that has criteria needs it
        from opsbook.methods.solutions.value_function import (  # noqa: PLC0415
            Anchor,
            value_function,
        )

        try:
            value_function(self.id, [Anchor(at=a.at, points=a.points) for a in self.anchors])
        except DataError as error:
            raise ValueError(f"{error.problem} {error.fix}") from None
        return self


class Weighting(Section):
    """How the weights of the criteria were found."""

    method: WeightMethod = Field(
        description="equal_weights; point_allocation and swing_weights read the criteria's "
        "`weight` (the most wanted swing being 100); rank_order_centroid reads `order`; "
        "analytic_hierarchy_process reads `judgements`."
    )
    order: tuple[Identifier, ...] = Field((), description="Criteria, the most important first.")
    judgements: tuple[tuple[Identifier, Identifier, float], ...] = Field(
        (),
        description="Each pair once: the first criterion is so many times as important.",
        examples=[[["effect", "cost", 3]]],
    )


class RatedRisk(Section):
    """A probability and an impact."""

    probability: Amount = Field(ge=0, le=1, description="How likely.")
    impact: int = Field(ge=1, le=5, description="How bad, 1 to 5.")


class Risk(Section):
    """What may go wrong with an option."""

    title: str = Field(min_length=1, description="What may happen.")
    probability: Amount = Field(ge=0, le=1, description="How likely, after mitigation.")
    impact: int = Field(ge=1, le=5, description="How bad, 1 to 5, after mitigation.")
    before: RatedRisk | None = Field(None, description="The same without the plan, if it differs.")
    severity: int | None = Field(None, ge=1, le=10, description="1 nobody notices … 10 harm, law.")
    occurrence: int | None = Field(None, ge=1, le=10, description="1 never … 10 all the time.")
    detection: int | None = Field(None, ge=1, le=10, description="1 seen in time … 10 never seen.")
    indicator: str | None = Field(None, description="The measure that warns.")
    threshold: float | None = Field(None, description="From which value it warns.")
    warns_when: Literal["above", "below"] = Field("above", description="On which side it warns.")
    observed: float | None = Field(None, description="The indicator now.")
    plan: str = Field("", description="What is done then.")
    owner: str = Field("", description="Who does it.")

    @model_validator(mode="after")
    def _rated_whole(self) -> Self:
        ratings = (self.severity, self.occurrence, self.detection)
        if None in ratings and any(rating is not None for rating in ratings):
            raise ValueError("give severity, occurrence and detection together, or none of them")
        worse = self.before is not None and (
            self.probability > self.before.probability or self.impact > self.before.impact
        )
        if worse:
            raise ValueError("is worse after mitigation than before; swap the numbers")
        return self


class EffectGuess(Section):
    """What the option is expected to change, as a change of the metric."""

    low: Amount = Field(description="One end of what is possible.")
    mode: Amount = Field(description="The most likely.")
    high: Amount = Field(description="The other end.")

    @model_validator(mode="after")
    def _mode_between(self) -> Self:
        if not min(self.low, self.high) <= self.mode <= max(self.low, self.high):
            raise ValueError(f"mode {self.mode} does not lie between low and high")
        return self


class Option(Section):
    """One way to remove a root cause."""

    id: Identifier = Field(description="Short name.")
    title: str = Field(min_length=1, description="What would be done.")
    cause: Identifier | None = Field(None, description="Id of the why that it removes.")
    gates: dict[str, bool | None] = Field(
        {},
        description="Knock-out conditions: `legal`, `technical`, and names of your own → passed; "
        "blank where nobody has looked. Budget, deadline and guardrails are checked by the kit.",
        examples=[{"legal": True, "technical": True}],
    )
    harms: tuple[str, ...] = Field((), description="Guardrail metrics that it is known to harm.")
    scores: dict[Identifier, Score] = Field(
        {},
        description="Criterion → number, `{ low, mode, high }`, or `{ raters: { name: number } }`, "
        "in natural units; every criterion without a `measure` must be there.",
    )
    cost: Cost = Field(NOTHING, description="Money it costs: a number, or `{ low, mode, high }`.")
    running_cost: Cost = Field(NOTHING, description="Money a year to keep it; likewise.")
    person_weeks: Cost = Field(NOTHING, description="Work it takes; likewise.")
    weeks: Cost = Field(NOTHING, description="Time until it works; likewise.")
    effect: EffectGuess | None = Field(None, description="Expected change of the metric.")
    risks: tuple[Risk, ...] = Field((), description="What may go wrong.")
    requires: tuple[Identifier, ...] = Field((), description="Options that must be done with it.")
    mandatory: bool = Field(default=False, description="Whether it is to be done in any case.")

    @model_validator(mode="after")
    def _risks_differ(self) -> Self:
        titles = [risk.title for risk in self.risks]
        if twice := sorted({title for title in titles if titles.count(title) > 1}):
            raise ValueError(f"option '{self.id}' lists the risk '{twice[0]}' more than once")
        return self


class Decision(Section):
    """A person's decision that stands beside or above the computed one."""

    chosen: tuple[Identifier, ...] = Field(description="Ids of the options decided for.")
    who: str = Field(description="Who decided.")
    when: dt.date = Field(description="On which day.")
    why: str = Field(description="For what reason.")


class SolutionsSection(Section):
    """Stage 3: which solutions, at what cost, within the budget?"""

    illustrative: bool = Field(
        default=False, description="True if the scores are examples, not anybody's judgement."
    )
    currency: str = Field("CNY", description="Currency of all costs.")
    budget: Expense | None = Field(None, description="Money there is; no limit if left out.")
    person_weeks: Expense | None = Field(None, description="Work there is.")
    hard_budget: Expense | None = Field(
        None, description="The most that a single option may cost: a gate."
    )
    deadline_weeks: Expense | None = Field(
        None, description="The last week by which an option must work: a gate."
    )
    extra_budget: Expense | None = Field(
        None, description="What would so much more money buy? A fifth of the budget if left out."
    )
    choose_by: Literal["score", "net_present_value"] = Field(
        "score", description="What the chosen options together bring most of."
    )
    exclusives: tuple[tuple[Identifier, ...], ...] | None = Field(
        None,
        description="Groups of which at most one option is done; if left out, options for the "
        "same cause exclude each other.",
    )
    criteria: tuple[Criterion, ...] = Field(
        min_length=1, max_length=15, description="What is scored."
    )
    weighting: Weighting | None = Field(
        None, description="How they are weighed; by their `weight` if left out, else equally."
    )
    options: tuple[Option, ...] = Field(min_length=1, description="The options to compare.")
    money: Money | None = Field(None, description="How effects become money.")
    cost_items: tuple[CostItem, ...] = Field((), description="Running costs, to see what to cut.")
    automation: Automation | None = Field(None, description="Repeated tasks worth a machine.")
    steps: tuple[WorkStep, ...] = Field((), description="Steps of the process, before and after.")
    plan: Plan | None = Field(None, description="The plan of what was chosen.")
    decision: Decision | None = Field(None, description="What people decided, if they have.")
    seed: int = Field(1, ge=0, description="Seed of all random draws.")

    @model_validator(mode="after")
    def _names_hold(self) -> Self:
        criteria = [criterion.id for criterion in self.criteria]
        options = [option.id for option in self.options]
        items = [item.title for item in self.cost_items]
        tasks = [task.title for task in self.automation.tasks] if self.automation else []
        lists = (
            ("criterion", criteria),
            ("option", options),
            ("cost item", items),
            ("task of automation", tasks),
            ("step", [step.title for step in self.steps]),
        )
        for kind, names in lists:
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind} '{twice[0]}' is there more than once")
        used = [("decision.chosen", self.decision.chosen if self.decision else ())]
        used += [("exclusives", group) for group in self.exclusives or ()]
        used += [(f"requires of option '{option.id}'", option.requires) for option in self.options]
        for where, names_used in used:
            if strange := sorted(set(names_used) - set(options)):
                raise ValueError(
                    f"{where} names '{strange[0]}', which is no option; "
                    f"there are: {', '.join(options)}"
                )
        return self

    @model_validator(mode="after")
    def _scores_fit(self) -> Self:
        criteria = [criterion.id for criterion in self.criteria]
        judged = [criterion.id for criterion in self.criteria if criterion.measure is None]
        for option in self.options:
            if unknown := sorted(set(option.scores) - set(criteria)):
                raise ValueError(
                    f"option '{option.id}' scores '{unknown[0]}', which is no criterion; "
                    f"there are: {', '.join(criteria)}"
                )
            if blank := [i for i in judged if i not in option.scores]:
                raise ValueError(f"option '{option.id}' has no score for '{blank[0]}'")
            for criterion in self.criteria:
                if criterion.measure is not None and criterion.id in option.scores:
                    raise ValueError(
                        f"option '{option.id}' scores '{criterion.id}', which is measured by "
                        f"its {criterion.measure}; leave the score out"
                    )
                self._can_measure(option, criterion)
        return self

    def _can_measure(self, option: Option, criterion: Criterion) -> None:
        what = criterion.measure
        if what in {"effect", "benefit"} and option.effect is None:
            raise ValueError(
                f"option '{option.id}' has no effect, by which '{criterion.id}' is measured"
            )
        if what == "benefit" and self.money is None:
            raise ValueError(f"'{criterion.id}' is measured by the benefit, which needs `money`")
        if what == "risk" and not option.risks:
            raise ValueError(
                f"option '{option.id}' lists no risks, by which '{criterion.id}' is measured; "
                "an option without risks has not been looked at"
            )

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        criteria = [criterion.id for criterion in self.criteria]
        given = [criterion.id for criterion in self.criteria if criterion.weight is not None]
        method = self.weight_method
        if method in {"point_allocation", "swing_weights"}:
            if blank := [i for i in criteria if i not in given]:
                others = ", and others have" if given else f", which {method} reads"
                raise ValueError(f"criterion '{blank[0]}' has no weight{others}")
            if not any(criterion.weight for criterion in self.criteria):
                raise ValueError("all weights are zero; at least one criterion must count")
        if method == "swing_weights" and max(c.weight or 0 for c in self.criteria) != 100:
            raise ValueError("the largest swing must be 100; measure the others against it")
        weighting = self.weighting
        ordered = weighting and method == "rank_order_centroid"
        if weighting and ordered and sorted(weighting.order) != sorted(criteria):
            raise ValueError(
                f"weighting.order must name each criterion once: {', '.join(criteria)}"
            )
        if weighting and method == "analytic_hierarchy_process":
            _check_pairs(weighting, criteria)
        return self

    @model_validator(mode="after")
    def _money_is_known(self) -> Self:
        if self.choose_by == "net_present_value":
            unknown = [option.id for option in self.options if option.effect is None]
            if self.money is None or unknown:
                lacks = "`money`" if self.money is None else f"an effect of option '{unknown[0]}'"
                raise ValueError(f"choose_by: net_present_value needs {lacks}")
        return self

    @property
    def weight_method(self) -> WeightMethod:
        """How the criteria are weighed."""
        if self.weighting is not None:
            return self.weighting.method
        given = any(criterion.weight is not None for criterion in self.criteria)
        return "point_allocation" if given else "equal_weights"


def _check_pairs(weighting: Weighting, criteria: list[str]) -> None:
    judged = [frozenset(pair[:2]) for pair in weighting.judgements]
    for first, second, times in weighting.judgements:
        if unknown := sorted({first, second} - set(criteria)):
            raise ValueError(
                f"weighting.judgements names '{unknown[0]}', which is no criterion; "
                f"there are: {', '.join(criteria)}"
            )
        if times <= 0 or first == second or judged.count(frozenset((first, second))) > 1:
            raise ValueError(
                f"weighting.judgements: '{first}' against '{second}' ({times:g}) must be two "
                "criteria, judged once, by a number over zero"
            )
    missing = [pair for pair in combinations(criteria, 2) if frozenset(pair) not in judged]
    if missing:
        pairs = ", ".join(f"'{a}' against '{b}'" for a, b in missing)
        raise ValueError(f"weighting.judgements lacks {pairs}")
