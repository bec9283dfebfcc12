"""A prediction meets a measured change: it holds, it fails, or it stays open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate

Outcome = Literal["supported", "contradicted", "undecided"]
Direction = Literal["higher", "lower"]


@dataclass(frozen=True, kw_only=True)
class WhyCheck:
    """What a check found.

    Attributes:
        check: Name of the check.
        outcome: ``supported`` if the whole interval lies beyond ``at_least`` in the predicted
            direction, ``contradicted`` if the whole of it falls short of that, else
            ``undecided``.
        direction: The predicted direction.
        at_least: How far, at the least, the prediction goes: 0 or more for a difference, a share
            for a share.
        estimate: What was measured, with its interval, p-value and n; None if not computed.
        not_computed: Why nothing was measured; empty otherwise.
    """

    check: str
    outcome: Outcome
    direction: Direction
    at_least: float
    estimate: Estimate | None
    not_computed: str = ""


def judged(
    estimate: Estimate, *, direction: Direction = "higher", at_least: float = 0.0
) -> WhyCheck:
    """Tell whether any estimate supports a prediction, contradicts it, or cannot tell.

    Predict a size that matters, ``at_least`` above 0: against a prediction of "some difference"
    no data can ever show that there is none.

    Assumes that the estimate's interval holds what it promises: an interval that is too narrow
    confirms, and refutes, too easily.

    Args:
        estimate: A measured change or difference, from any method.
        direction: Whether it is predicted to be higher or lower than no change.
        at_least: Smallest change predicted, in the estimate's unit, 0 or more.

    Returns:
        The outcome, under the estimate's own method name.

    Raises:
        DataError: If ``at_least`` is negative or not finite.

    References:
        Lakens (2017), Soc. Psychol. Personal. Sci. 8, 355-362, on showing that an effect is too
        small to matter. doi:10.1177/1948550617697177

    Examples:
        >>> drop = Estimate(method="welch", effect=-3, lower=-4.8, upper=-1.2, p_value=0.01, n=6)
        >>> judged(drop, direction="lower", at_least=1).outcome
        'supported'
        >>> judged(drop, direction="lower", at_least=5).outcome
        'contradicted'
    """
    if not (math.isfinite(at_least) and at_least >= 0):
        raise DataError(
            f"The predicted size is {at_least}; it must be 0 or more.",
            "Say the direction by direction, and the size without a sign.",
        )
    lower = None if estimate.lower is None else estimate.lower - estimate.no_change
    upper = None if estimate.upper is None else estimate.upper - estimate.no_change
    if direction == "lower":
        lower, upper = (None if v is None else -v for v in (upper, lower))
    alpha = 1 - estimate.confidence
    clear = estimate.p_value is None or estimate.p_value < alpha
    return WhyCheck(
        check=estimate.method,
        outcome=outcome(lower, upper, at_least, clear=clear),
        direction=direction,
        at_least=at_least,
        estimate=estimate,
    )


def outcome(
    lower: float | None, upper: float | None, at_least: float, *, clear: bool = True
) -> Outcome:
    """Compare an interval with what was predicted; without limits nothing is decided.

    Examples:
        >>> outcome(0.2, 0.4, 0.1), outcome(0.2, 0.4, 0.5), outcome(0.2, 0.4, 0.3)
        ('supported', 'contradicted', 'undecided')
    """
    if lower is not None and lower > at_least and clear:
        return "supported"
    if upper is not None and upper < at_least:
        return "contradicted"
    return "undecided"


def undecided(name: str, direction: Direction, at_least: float, reason: str) -> WhyCheck:
    """Return a check that could not be computed, and why.

    Examples:
        >>> undecided("before_after", "higher", 0.0, "A period is too short.").outcome
        'undecided'
    """
    return WhyCheck(
        check=name,
        outcome="undecided",
        direction=direction,
        at_least=at_least,
        estimate=None,
        not_computed=reason,
    )


def numbers_of(values: ArrayLike) -> NDArray[np.float64]:
    """Return the numbers of an array in their order, missing ones left out.

    Examples:
        >>> numbers_of([1.0, float("nan"), 2.0]).tolist()
        [1.0, 2.0]
    """
    flat = np.asarray(values, dtype=float).ravel()
    numbers: NDArray[np.float64] = flat[np.isfinite(flat)]
    return numbers
