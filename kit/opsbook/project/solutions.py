"""The section `solutions`: options, criteria, means, and people's decision."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import Field, model_validator

from opsbook.project.base import Amount, Identifier, Section


class Criterion(Section):
    """One dimension of the score, with the anchors that turn it into points."""

    id: Identifier = Field(description="Short name, used in the options' scores.")
    title: str = Field(description="What the reader calls it.")
    weight: float = Field(1, ge=0, description="Its share of the score, relative to the others.")
    unit: str = Field("", description="Natural unit: person-weeks, CNY, points of 10.")
    anchors: tuple[tuple[float, float], ...] = Field(
        min_length=2,
        description="Pairs of natural value and points (0 to 100); straight lines between them.",
        examples=[[[0, 100], [500000, 0]]],
    )


class Risk(Section):
    """What may go wrong with an option."""

    title: str = Field(description="What may happen.")
    probability: float = Field(ge=0, le=1, description="How likely, after mitigation.")
    impact: int = Field(ge=1, le=5, description="How bad, 1 to 5, after mitigation.")
    plan: str = Field("", description="What is done then.")


class EffectGuess(Section):
    """What the option is expected to change, as a change of the metric."""

    low: Amount = Field(description="The least to hope for.")
    mode: Amount = Field(description="The most likely.")
    high: Amount = Field(description="The most to hope for.")

    @model_validator(mode="after")
    def _mode_between(self) -> Self:
        if not min(self.low, self.high) <= self.mode <= max(self.low, self.high):
            raise ValueError(f"mode {self.mode} does not lie between low and high")
        return self


class Option(Section):
    """One way to remove a root cause."""

    id: Identifier = Field(description="Short name.")
    title: str = Field(description="What would be done.")
    cause: Identifier | None = Field(None, description="Id of the why that it removes.")
    gates: dict[str, bool] = Field(
        {}, description="Knock-out conditions: name → passed.", examples=[{"legal": True}]
    )
    scores: dict[Identifier, float] = Field(
        description="Criterion → natural value; every criterion must be there."
    )
    cost: float = Field(0, ge=0, description="Money it costs.")
    person_weeks: float = Field(0, ge=0, description="Work it takes.")
    weeks: float = Field(0, ge=0, description="Time until it works.")
    effect: EffectGuess | None = Field(None, description="Expected change of the metric.")
    risks: tuple[Risk, ...] = Field((), description="What may go wrong.")


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
    budget: float | None = Field(None, ge=0, description="Money there is; no limit if left out.")
    person_weeks: float | None = Field(None, ge=0, description="Work there is.")
    criteria: tuple[Criterion, ...] = Field(min_length=1, description="What is scored.")
    options: tuple[Option, ...] = Field(min_length=1, description="The options to compare.")
    decision: Decision | None = Field(None, description="What people decided, if they have.")

    @model_validator(mode="after")
    def _scores_fit(self) -> Self:
        criteria = [criterion.id for criterion in self.criteria]
        options = [option.id for option in self.options]
        for kind, ids in (("criterion", criteria), ("option", options)):
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"{kind} '{twice[0]}' is there more than once")
        if not any(criterion.weight for criterion in self.criteria):
            raise ValueError("all weights are zero; at least one criterion must count")
        for option in self.options:
            if unknown := sorted(set(option.scores) - set(criteria)):
                raise ValueError(
                    f"option '{option.id}' scores '{unknown[0]}', which is no criterion; "
                    f"there are: {', '.join(criteria)}"
                )
            if blank := [i for i in criteria if i not in option.scores]:
                raise ValueError(f"option '{option.id}' has no score for '{blank[0]}'")
        if self.decision and (strange := sorted(set(self.decision.chosen) - set(options))):
            raise ValueError(
                f"decision.chosen names '{strange[0]}', which is no option; "
                f"there are: {', '.join(options)}"
            )
        return self
