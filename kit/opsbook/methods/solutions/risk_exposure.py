"""What the risks of an option may cost, before and after the plans against them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One risk; a None after mitigation means that the plan does not change it.

    Attributes:
        name: What may happen.
        probability: How likely it is, 0 to 1.
        impact: What it would cost, in any one unit (money, points), zero or more.
        probability_after: How likely it is once the plan against it stands.
        impact_after: What it would cost then.
    """

    name: str
    probability: float
    impact: float
    probability_after: float | None = None
    impact_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class RiskExposure:
    """Expected loss from all risks together.

    Attributes:
        before: Sum of probability x impact, in the unit of the impacts.
        after: The same once the plans stand.
        largest: The risk with the largest part of ``after``, or None without risks.
        parts: Name and expected loss after mitigation per risk, the largest first.
    """

    before: float
    after: float
    largest: str | None
    parts: tuple[tuple[str, float], ...]


def risk_exposure(risks: Sequence[Risk]) -> RiskExposure:
    """Add up probability x impact over the risks, before and after mitigation.

    An expected loss hides the rare ruin; what must never happen belongs in the gates. What most
    often fails: a plan that is credited before anybody has begun it.

    Args:
        risks: The risks; none is an exposure of zero.

    Returns:
        The exposures and what makes them up.

    Raises:
        DataError: If a risk is named twice, a probability leaves 0..1, an impact is negative or
            blank, or mitigation makes a risk worse.

    Examples:
        >>> late = Risk(name="late", probability=0.5, impact=10_000, probability_after=0.25)
        >>> exposure = risk_exposure([late])
        >>> exposure.before, exposure.after
        (5000.0, 2500.0)
    """
    if not risks:
        return RiskExposure(before=0.0, after=0.0, largest=None, parts=())
    unique_names("risk", [risk.name for risk in risks])
    parts = [(risk.name, *_losses(risk)) for risk in risks]
    after = sorted(((name, left) for name, _, left in parts), key=lambda part: -part[1])
    return RiskExposure(
        before=math.fsum(loss for _, loss, _ in parts),
        after=math.fsum(left for _, left in after),
        largest=after[0][0],
        parts=tuple(after),
    )


def _losses(risk: Risk) -> tuple[float, float]:
    p_after = risk.probability if risk.probability_after is None else risk.probability_after
    i_after = risk.impact if risk.impact_after is None else risk.impact_after
    for probability in (risk.probability, p_after):
        if not 0 <= probability <= 1:
            raise DataError(
                f"The probability of risk '{risk.name}' is {probability:g}.",
                "Give a share from 0 to 1.",
            )
    for impact in (risk.impact, i_after):
        if not 0 <= impact < math.inf:
            raise DataError(
                f"The impact of risk '{risk.name}' is {impact:g}.",
                "Give what it would cost, zero or more.",
            )
    if p_after > risk.probability or i_after > risk.impact:
        raise DataError(
            f"Risk '{risk.name}' is worse after mitigation ({p_after:g} x {i_after:g}) than "
            f"before ({risk.probability:g} x {risk.impact:g}).",
            "Swap the numbers, or list what the plan brings as a risk of its own.",
        )
    return risk.probability * risk.impact, p_after * i_after
