"""Steps of a process, eliminated, combined, rearranged or simplified: what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names

Action = Literal["keep", "eliminate", "combine", "rearrange", "simplify", "standardise", "automate"]


@dataclass(frozen=True, kw_only=True)
class ProcessStep:
    """A step as it is done now, and what becomes of it.

    Attributes:
        name: What is done.
        minutes: How long it takes now.
        value_added: Whether the customer would pay for it.
        action: What becomes of it.
        minutes_after: How long it then takes; None for as before, or zero where eliminated.
    """

    name: str
    minutes: float
    value_added: bool
    action: Action = "keep"
    minutes_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ecrs:
    """The process before and after.

    Attributes:
        after: Minutes of each step afterwards, in the order given.
        minutes_before: Minutes of all steps now.
        minutes_after: Minutes of all steps afterwards.
        value_share_before: Share of the time now that adds value; None without any time.
        value_share_after: The same afterwards.
    """

    after: tuple[float, ...]
    minutes_before: float
    minutes_after: float
    value_share_before: float | None
    value_share_after: float | None


def ecrs(steps: Sequence[ProcessStep]) -> Ecrs:
    """Tell how long a process takes, and how much of it adds value, before and after its changes.

    What most often fails: minutes at work, while the customer waits between the steps; measure
    the lead time too.

    Args:
        steps: The steps, in their order.

    Returns:
        Minutes and value-added share, before and after.

    Raises:
        DataError: If a step is named twice, has negative or blank minutes, is eliminated but
            still takes time, or is kept and changes its minutes.

    References:
        Shingo (1989), A Study of the Toyota Production System.

    Examples:
        >>> form = ProcessStep(name="form", minutes=6, value_added=True)
        >>> check = ProcessStep(name="check", minutes=4, value_added=False, action="eliminate")
        >>> result = ecrs([form, check])
        >>> result.value_share_before, result.value_share_after
        (0.6, 1.0)
    """
    unique_names("step", [step.name for step in steps])
    after = tuple(_after(step) for step in steps)
    before = math.fsum(step.minutes for step in steps)
    left = math.fsum(after)
    valued = math.fsum(step.minutes for step in steps if step.value_added)
    valued_left = math.fsum(m for m, step in zip(after, steps, strict=True) if step.value_added)
    return Ecrs(
        after=after,
        minutes_before=before,
        minutes_after=left,
        value_share_before=valued / before if before else None,
        value_share_after=valued_left / left if left else None,
    )


def _after(step: ProcessStep) -> float:
    for minutes in (step.minutes, step.minutes_after or 0.0):
        if not 0 <= minutes < math.inf:
            raise DataError(
                f"Step '{step.name}' takes {minutes} minutes.", "Give a number, zero or more."
            )
    if step.action == "eliminate":
        if step.minutes_after:
            raise DataError(
                f"Step '{step.name}' is eliminated and still takes {step.minutes_after:g} minutes.",
                "Leave minutes_after out, or choose simplify.",
            )
        return 0.0
    after = step.minutes if step.minutes_after is None else step.minutes_after
    if step.action == "keep" and after != step.minutes:
        raise DataError(
            f"Step '{step.name}' is kept and goes from {step.minutes:g} to {after:g} minutes.",
            "Say what becomes of it: eliminate, combine, rearrange, simplify, standardise, "
            "automate.",
        )
    return after
