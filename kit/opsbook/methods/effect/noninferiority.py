"""Did the guardrail hold?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate

Verdict = Literal["held", "broken", "unclear"]


@dataclass(frozen=True, kw_only=True)
class Noninferiority:
    """A guardrail's verdict.

    Attributes:
        verdict: ``held`` where even the bad end of the interval is within the margin, ``broken``
            where even the good end is beyond it, else ``unclear``: harm is not excluded.
        worse: Whether the interval shows any worsening, however small. A guardrail can hold and
            be worse.
        bound: The worst change that is accepted, on the estimate's scale.
        worst: The bad end of the interval; None where there is none.
        estimate: The change that was judged.
    """

    verdict: Verdict
    worse: bool
    bound: float
    worst: float | None
    estimate: Estimate


def noninferiority(
    estimate: Estimate, *, margin: float, better: Literal["higher", "lower"]
) -> Noninferiority:
    """Decide whether a guardrail metric was kept from getting worse by more than a margin.

    "No significant harm" is no proof of no harm: a short experiment never shows any. Here the
    interval itself must clear the margin, a one-sided test at (1 - confidence) / 2. Assumes that
    the margin was fixed before the data were seen.

    Args:
        estimate: The guardrail's measured change.
        margin: The largest worsening accepted, at least 0, in the estimate's unit; on the ratio
            scale a share, 0.02 for 2 %.
        better: Which way the guardrail is better.

    Returns:
        The verdict. An estimate without an interval is ``unclear``.

    Raises:
        DataError: If the margin is negative, or on the ratio scale not below 1.

    References:
        Wellek (2010), Testing Statistical Hypotheses of Equivalence and Noninferiority, ch. 2.

    Examples:
        >>> fraud = Estimate(method="x", effect=0.1, lower=-0.1, upper=0.3, p_value=None, n=9)
        >>> noninferiority(fraud, margin=0.2, better="lower").verdict
        'unclear'
    """
    if not margin >= 0 or (estimate.scale == "ratio" and margin >= 1):
        raise DataError(
            f"The guardrail's margin is {margin}.",
            "Give the largest worsening accepted: 0 or more, and on the ratio scale below 1.",
        )
    higher = better == "higher"
    bound = estimate.no_change + (-margin if higher else margin)
    worst, best = (estimate.lower, estimate.upper) if higher else (estimate.upper, estimate.lower)

    def beyond(limit: float | None, line: float) -> bool:
        return limit is not None and (limit < line if higher else limit > line)

    verdict: Verdict = "unclear"
    if worst is not None and not beyond(worst, bound):
        verdict = "held"
    elif beyond(best, bound):
        verdict = "broken"
    return Noninferiority(
        verdict=verdict,
        worse=beyond(best, estimate.no_change),
        bound=bound,
        worst=worst,
        estimate=estimate,
    )
