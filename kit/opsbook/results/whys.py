"""The chain of whys as it is saved: each answer with its tests and its computed status."""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.text import Quantity, Record, Statement

WhyState = Literal["confirmed", "refuted", "untested"]
Outcome = Literal["supported", "contradicted", "undecided"]


class WhyEvidence(Record):
    """One piece of evidence: what was predicted, what was tested, what came out.

    Attributes:
        id: Its id: the why's id and a number.
        kind: ``data``, ``interview`` or ``observation``.
        shows: ``present``, that the cause is there, or ``effect``, that the effect goes with it.
        test: Name of the check that ran; empty for an observation.
        prediction: What was predicted, in the words of the params.
        statement: What was found, or why nothing was computed.
        outcome: Whether it supports the claim, contradicts it, or cannot tell.
        estimate: What was measured.
    """

    id: str
    kind: Literal["data", "interview", "observation"]
    shows: Literal["present", "effect"]
    test: str
    prediction: str
    statement: Statement
    outcome: Outcome
    estimate: Estimate | None = None


class WhyVerdict(Record):
    """One answer of the chain with its computed status.

    Attributes:
        status: From its evidence; refuted too where it rests on an answer that is refuted.
        chain: Status of the whole path from the problem down to it, with every answer that is
            needed together with one of them.
        depth: 0 for a first answer.
        rests_on: Claim of the refuted answer above it; empty without one.
        missing: What no test has shown yet.
        conflicting: What one test supports and another contradicts.
        refuted_by: Ids of the evidence that rules it out.
        root_cause: Proven down to here, controllable, and nothing proven below.
        ask_on: Proven down to here and not controllable: why is it so?
        contribution: Its part of the change.
        share: The same as a share of the change.
        unexplained: Its contribution less that of the confirmed answers below.
    """

    id: str
    claim: str
    because_of: str | None
    controllable: bool
    status: WhyState
    chain: WhyState = "untested"
    depth: int = 0
    joins: Literal["or", "and"] = "or"
    evidence: tuple[WhyEvidence, ...]
    rests_on: str = ""
    missing: tuple[Literal["present", "effect"], ...] = ()
    conflicting: tuple[Literal["present", "effect"], ...] = ()
    refuted_by: tuple[str, ...] = ()
    root_cause: bool = False
    ask_on: bool = False
    action: str = ""
    contribution: Quantity | None = None
    share: float | None = None
    unexplained: Quantity | None = None

    @property
    def proven(self) -> bool:
        """Whether it and every answer that it hangs on are confirmed."""
        return self.status == self.chain == "confirmed"

    @property
    def hangs(self) -> bool:
        """Whether its own tests confirm it, and an answer that it hangs on is not confirmed."""
        return self.status == "confirmed" != self.chain


class Whys(Record):
    """The chain of whys, parents first; refuted answers stay in sight.

    Attributes:
        rows: Every answer.
        joins: How the first answers join: each a cause of its own, or all needed.
        total: The change to be explained.
        explained: What the confirmed first answers make of it; None where one is not known.
        unexplained: The rest.
    """

    rows: tuple[WhyVerdict, ...]
    joins: Literal["or", "and"] = "or"
    total: Quantity = Quantity(value=0.0)
    explained: Quantity | None = None
    unexplained: Quantity | None = None
