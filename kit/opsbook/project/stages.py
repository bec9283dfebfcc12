"""The sections of the stages: human judgement as data."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Amount, Column, Identifier, Section, When, Window
from opsbook.project.data import Cell
from opsbook.project.metric import Metric


class Peers(Section):
    """Units of the same table that stand beside the one in focus."""

    dimension: Column = Field(description="The dimension whose other values are the peers.")
    only: tuple[Cell, ...] = Field((), description="The peers; left out: all other values.")
    exclude: tuple[Cell, ...] = Field(
        (), description="Values that are no peers: they were treated too, or touched by it."
    )


class IntakeSection(Section):
    """Stage 0: what may be wrong with the data and still be used."""

    minimum_periods: int = Field(
        12, ge=2, description="Fewer complete periods than this is 'usable with reservations'."
    )


class Misses(Section):
    """How many missed periods running count as a warning, and as a trigger."""

    yellow: int = Field(2, ge=1, description="Missed periods running that warn.")
    red: int = Field(3, ge=1, description="Missed periods running that trigger.")

    @model_validator(mode="after")
    def _red_is_later(self) -> Self:
        if self.red < self.yellow:
            raise ValueError(f"red ({self.red}) must not come before yellow ({self.yellow})")
        return self


class TriggerSection(Section):
    """Stage 1: is there reason to start an optimisation?"""

    watch: Metric | None = Field(
        None, description="The KPI to watch, where it is not the metric of the project."
    )
    as_of: When | None = Field(
        None, description="Last period the check may see; the newest complete one if left out."
    )
    misses: Misses = Field(Misses(), description="Missed periods running: yellow and red.")
    baseline: Window | None = Field(
        None, description="Periods the control limits are computed from; all if left out."
    )


class InterviewEvidence(Section):
    """So many of so many people said so."""

    kind: Literal["interview"] = Field(description="Counted interviews.")
    agree: int = Field(ge=0, description="How many confirmed the claim.")
    asked: int = Field(ge=1, description="How many were asked.")
    note: str = Field("", description="What was asked, and of whom.")

    @model_validator(mode="after")
    def _no_more_than_asked(self) -> Self:
        if self.agree > self.asked:
            raise ValueError(f"{self.agree} agreed, but only {self.asked} were asked")
        return self


class CauseEvidence(Section):
    """The cause carries at least this share of the metric's change."""

    kind: Literal["cause"] = Field(description="A cause's part in the change.")
    cause: Column = Field(description="Column of one of diagnosis.causes.")
    at_least: float = Field(0.5, gt=0, le=1, description="Share of the change it must carry.")


class SegmentEvidence(Section):
    """The segment's own rate changed, in the bad direction, beyond chance."""

    kind: Literal["segment"] = Field(description="A segment's own change.")
    dimension: Column = Field(description="A dimension of data.kpi.dimensions.")
    value: Cell = Field(description="The value that the claim is about.")


class ObservationEvidence(Section):
    """Something seen or read; it supports a claim and never proves it."""

    kind: Literal["observation"] = Field(description="Something seen or read.")
    note: str = Field(min_length=1, description="What was seen, where, by whom.")
    supports: bool = Field(True, description="False if it speaks against the claim.")


Evidence = Annotated[
    InterviewEvidence | CauseEvidence | SegmentEvidence | ObservationEvidence,
    Field(discriminator="kind"),
]


class Why(Section):
    """One answer in a chain of whys."""

    id: Identifier = Field(description="Short name, used by `because_of` and by the options.")
    claim: str = Field(min_length=1, description="The answer, as a sentence.")
    because_of: Identifier | None = Field(
        None, description="The why that this one explains; left out at the first."
    )
    evidence: tuple[Evidence, ...] = Field((), description="What speaks for or against it.")
    controllable: bool = Field(
        False, description="Whether the team can change it: there the chain may stop."
    )


class DiagnosisSection(Section):
    """Stage 2: where exactly, why, and is it proven?"""

    module: str = Field("", description="The process or page the problem sits in (form 2-2).")
    before: Window = Field(description="The period that was still good.")
    after: Window = Field(description="The period that was not.")
    causes: tuple[Column, ...] = Field(
        (), description="Columns that add up to the numerator: the change is split among them."
    )
    segments: tuple[Column, ...] = Field(
        (), description="Dimensions to split the change by, into rate and mix."
    )
    peers: Peers | None = Field(None, description="Units to hold the change against.")
    whys: tuple[Why, ...] = Field((), description="The chain of whys with its evidence.")

    @model_validator(mode="after")
    def _whys_are_a_tree(self) -> Self:
        ids = [why.id for why in self.whys]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"whys: id '{twice[0]}' is used more than once")
        parent = {why.id: why.because_of for why in self.whys}
        for why in self.whys:
            if why.because_of is not None and why.because_of not in parent:
                raise ValueError(
                    f"whys: '{why.id}' is because_of '{why.because_of}', which is no why; "
                    f"there are: {', '.join(ids)}"
                )
            seen, node = [why.id], parent[why.id]
            while node is not None:
                if node in seen:
                    raise ValueError(f"whys: a circle: {' → '.join([*seen, node])}")
                seen.append(node)
                node = parent[node]
        if self.before.end.last >= self.after.start.first:
            raise ValueError("before and after overlap; before must end first")
        return self


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


class EffectSection(Section):
    """Stage 4: did it work?"""

    launched: When | None = Field(
        None, description="Day the change took effect; the stage is not due without it."
    )
    periods: int = Field(12, ge=2, description="Whole periods compared on each side.")
    launch_period: Literal["before", "left_out"] = Field(
        "before",
        description="The period in which the launch falls: counted as before, which keeps both "
        "windows in the same seasons and dilutes the effect a little, or left out.",
    )
    before: Window | None = Field(None, description="The window before, if not so many periods.")
    after: Window | None = Field(None, description="The window after, if not so many periods.")
    controls: Peers | None = Field(
        None, description="Units without the change; they take out what happened to everybody."
    )

    @model_validator(mode="after")
    def _windows_apart(self) -> Self:
        if self.launched is None:
            return self
        if self.before and self.before.end.first > self.launched.last:
            raise ValueError(
                f"before ends ({self.before.end.root}) after the launch ({self.launched.root})"
            )
        if self.after and self.after.start.last < self.launched.first:
            raise ValueError(
                f"after begins ({self.after.start.root}) before the launch ({self.launched.root})"
            )
        return self


class ControlSection(Section):
    """Stage 5: hold the gain, and notice when it goes."""

    baseline: Window | None = Field(
        None, description="Periods the limits come from; the effect's after-window if left out."
    )
    watch_until: When | None = Field(None, description="Last period to watch, all if left out.")
    yellow: int = Field(1, ge=1, description="Periods running beyond a limit that warn.")
    red: int = Field(2, ge=1, description="Periods running beyond a limit that trigger.")
    procedure: str = Field("", description="The standard procedure and its version.")
    owner: str = Field("", description="Who watches.")
    reaction: str = Field("", description="What is done at yellow and at red.")
    review_weeks: tuple[int, ...] = Field((4, 12, 26), description="When to look again.")
