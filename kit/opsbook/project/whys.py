"""The chain of whys in the section `diagnosis`: claims, predictions, and the test of each."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import formula
from opsbook.project.base import Amount, Cell, Column, Identifier, Section

Direction = Literal["higher", "lower"]


def _readable(text: str) -> str:
    """Refuse a formula that cannot be read, in the words of its reader."""
    try:
        formula(text)
    except DataError as error:
        raise ValueError(f"{error.problem} {error.fix}") from None
    return text


#: A formula over columns of the KPI table: names, numbers, + - * / and parentheses.
FormulaText = Annotated[str, AfterValidator(_readable)]


def _counts(text: str) -> str:
    """Refuse what does not add up over rows, such as a ratio."""
    if not formula(text).root.is_amount:
        raise ValueError(
            f"'{text}' does not count cases; name a column, or columns added and subtracted"
        )
    return text


#: Columns that count something, added and subtracted.
CountText = Annotated[FormulaText, AfterValidator(_counts)]


def formula_columns(field: str, text: str) -> dict[str, str]:
    """Field → column, for the columns that a formula names."""
    return {f"{field}.{column}": column for column in formula(text).columns}


class _Evidence(Section):
    """What every piece of evidence may say of itself."""

    prediction: str = Field(
        "", description="What must be seen if the claim is true, told before looking."
    )


class InterviewEvidence(_Evidence):
    """So many of so many people said so; it shows that the cause is there, not its effect."""

    kind: Literal["interview"] = Field(description="Counted interviews.")
    agree: int = Field(ge=0, description="How many confirmed the claim.")
    asked: int = Field(ge=1, description="How many were asked.")
    at_least: Amount = Field(0.5, ge=0, lt=1, description="Share predicted to agree.")
    note: str = Field("", description="What was asked, and of whom.")

    @model_validator(mode="after")
    def _no_more_than_asked(self) -> Self:
        if self.agree > self.asked:
            raise ValueError(f"{self.agree} agreed, but only {self.asked} were asked")
        return self


class CauseEvidence(_Evidence):
    """The cause moved beyond chance, and carries at least this share of the metric's change."""

    kind: Literal["cause"] = Field(description="A cause's part in the change.")
    cause: Column = Field(description="Column of one of diagnosis.causes.")
    at_least: Amount = Field(0.5, gt=0, le=1, description="Share of the change it must carry.")


class SegmentEvidence(_Evidence):
    """The segment became worse, and worse by more than the rest did."""

    kind: Literal["segment"] = Field(description="A segment against the rest.")
    dimension: Column = Field(description="A dimension of data.kpi.dimensions.")
    value: Cell = Field(description="The value that the claim is about.")
    at_least: Amount = Field(
        0, ge=0, description="How much worse than the rest at the least, in the metric's unit."
    )


class ObservationEvidence(_Evidence):
    """Something seen or read; it supports a claim and never proves it."""

    kind: Literal["observation"] = Field(description="Something seen or read.")
    note: str = Field(min_length=1, description="What was seen, where, by whom.")
    supports: bool = Field(True, description="False if it speaks against the claim.")


class _Test(_Evidence):
    """A check on the data that the notebook runs again."""

    shows: Literal["present", "effect"] = Field(
        description="present: that the cause is there. effect: that the effect appears or "
        "disappears with it. A claim is confirmed by one of each."
    )


class _SeriesTest(_Test):
    """A check on a figure over the periods."""

    measure: FormulaText | None = Field(
        None,
        description="Figure over columns of the KPI table, such as left / visitors; the watched "
        "metric if left out.",
    )
    direction: Direction = Field(description="Whether it is predicted to be higher or lower.")
    at_least: Amount = Field(0, ge=0, description="Smallest size predicted, without a sign.")
    beyond_peers: bool = Field(
        default=False,
        description="Less the same figure at diagnosis.peers, period by period; for ratios only.",
    )

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.beyond_peers and self.measure and formula(self.measure).root.is_amount:
            raise ValueError(
                f"beyond_peers compares ratios; '{self.measure}' is an amount, and the peers' is "
                "larger for their number"
            )
        return self


class BeforeAfterEvidence(_SeriesTest):
    """The figure moved between the two windows as predicted."""

    kind: Literal["before_after"] = Field(description="A figure before and after.")


class EventEvidence(_SeriesTest):
    """The figure goes with a known event, period by period; a size is a correlation."""

    kind: Literal["correlates_with_event"] = Field(description="A figure with and without.")
    event: str = Field(min_length=1, description="Title of one of data.events.")


class SliceEvidence(_Test):
    """The rate inside a slice differs from the rate outside, in the window `after`."""

    kind: Literal["slice_rate_differs"] = Field(description="A slice against the rest.")
    cases: CountText = Field(description="Columns that count the cases with the effect.")
    out_of: CountText = Field(description="Columns that count all cases.")
    slice: dict[Column, Cell] = Field(min_length=1, description="Dimension → value of the slice.")
    direction: Direction = Field(description="Whether the slice is predicted higher or lower.")
    at_least: Amount = Field(0, ge=0, description="Smallest difference predicted, a share.")


class StepTimeEvidence(_Test):
    """A step of the process takes, or waits, longer than a limit."""

    kind: Literal["step_time_over_limit"] = Field(description="A step's times over a limit.")
    step: str = Field(min_length=1, description="Step of data.process.")
    time: Literal["wait", "touch"] = Field("wait", description="Waiting before it, or work on it.")
    limit: float = Field(gt=0, description="Longest time allowed, in open hours.")
    at_least: Amount = Field(0.5, ge=0, lt=1, description="Share predicted to exceed it.")


class TopicEvidence(_Test):
    """More than a predicted share of the feedback is on one topic."""

    kind: Literal["topic_concentrates"] = Field(description="A topic's share of the feedback.")
    topic: str = Field(min_length=1, description="Topic of data.feedback.")
    at_least: Amount = Field(0.5, ge=0, lt=1, description="Share predicted.")


Evidence = Annotated[
    InterviewEvidence
    | CauseEvidence
    | SegmentEvidence
    | ObservationEvidence
    | BeforeAfterEvidence
    | EventEvidence
    | SliceEvidence
    | StepTimeEvidence
    | TopicEvidence,
    Field(discriminator="kind"),
]


class Why(Section):
    """One answer in a chain of whys."""

    id: Identifier = Field(description="Short name, used by `because_of` and by the options.")
    claim: str = Field(min_length=1, description="The answer, as a sentence.")
    because_of: Identifier | None = Field(
        None, description="The why that this one explains; left out at the first."
    )
    joins: Literal["or", "and"] = Field(
        "or",
        description="How the answers below it join: each a cause of its own, or all needed.",
    )
    evidence: tuple[Evidence, ...] = Field((), description="What speaks for or against it.")
    contribution: Amount | None = Field(
        None,
        description="Part of the change it makes, in the metric's unit; computed where its "
        "evidence is a cause or a segment.",
    )
    controllable: bool = Field(
        False, description="Whether the team can change it: there the chain may stop."
    )
    action: str = Field("", description="What is done about it.")

    def columns(self, field: str) -> dict[str, str]:
        """Field → column, for the columns that its tests name."""
        named: dict[str, str] = {}
        for i, evidence in enumerate(self.evidence):
            place = f"{field}.evidence.{i}"
            if isinstance(evidence, _SeriesTest) and evidence.measure is not None:
                named |= formula_columns(f"{place}.measure", evidence.measure)
            if isinstance(evidence, SliceEvidence):
                named |= formula_columns(f"{place}.cases", evidence.cases)
                named |= formula_columns(f"{place}.out_of", evidence.out_of)
        return named

    @property
    def dimensions(self) -> list[str]:
        """The dimensions that its tests name."""
        named: list[str] = []
        for evidence in self.evidence:
            if isinstance(evidence, SegmentEvidence):
                named.append(evidence.dimension)
            if isinstance(evidence, SliceEvidence):
                named += evidence.slice
        return named


def tree_faults(whys: tuple[Why, ...]) -> str:
    """Why the answers are no tree, or nothing."""
    ids = [why.id for why in whys]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        return f"whys: id '{twice[0]}' is used more than once"
    parent = {why.id: why.because_of for why in whys}
    for why in whys:
        if why.because_of is not None and why.because_of not in parent:
            return (
                f"whys: '{why.id}' is because_of '{why.because_of}', which is no why; "
                f"there are: {', '.join(ids)}"
            )
        seen, node = [why.id], parent[why.id]
        while node is not None:
            if node in seen:
                return f"whys: a circle: {' → '.join([*seen, node])}"
            seen.append(node)
            node = parent[node]
    return ""
