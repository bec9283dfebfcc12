"""The section `diagnosis`: what to compare, and the whys with their evidence."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Cell, Column, Identifier, Section, Window
from opsbook.project.peers import Peers


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
