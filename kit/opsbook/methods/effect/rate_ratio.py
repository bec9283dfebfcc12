"""Two counts over two exposures: how many times as often?"""

from __future__ import annotations

from scipy import special, stats

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate


def rate_ratio(
    control: tuple[int, float], treatment: tuple[int, float], *, confidence: float = 0.95
) -> Estimate:
    """Estimate how many times as often events happen, from two counts.

    Given their sum, one of two Poisson counts is binomial, and that is exact for any count.
    Assumes that events are independent; counts of real operations vary more than Poisson
    (one cause brings ten complaints), and then the interval is too short.

    Args:
        control: Events and exposure of the control (or before), exposure above 0.
        treatment: Events and exposure of the treatment (or after), in the same unit.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        Rate of the treatment over rate of the control, on the ratio scale; ``n`` is the number
        of events. The upper limit is None where it is infinite.

    Raises:
        DataError: If a count is negative, an exposure is not above 0, or the control has no
            event, so that there is no ratio.

    References:
        Fay (2010), R Journal 2(1), 53-58; Przyborowski & Wilenski (1940), Biometrika 31,
        313-323.

    Examples:
        >>> result = rate_ratio((21, 3011), (11, 800))
        >>> round(result.effect, 3), round(result.lower, 3), round(result.upper, 3)
        (1.971, 0.858, 4.277)
    """
    for name, (events, exposure) in (("control", control), ("treatment", treatment)):
        if events < 0 or not exposure > 0:
            raise DataError(
                f"The {name} has {events} events over an exposure of {exposure}.",
                "Events are 0 or more, and the exposure is above 0.",
            )
    (x0, t0), (x1, t1) = control, treatment
    if x0 == 0:
        raise DataError(
            "The control has no event, so that a ratio has nothing to compare with.",
            "Report the rates themselves, or widen the window.",
        )
    n = x0 + x1
    tail = (1 - confidence) / 2
    lower = float(special.betaincinv(x1, x0 + 1, tail)) if x1 else 0.0
    upper = float(special.betaincinv(x1 + 1, x0, 1 - tail))
    return Estimate(
        method="rate_ratio",
        effect=(x1 / t1) / (x0 / t0),
        lower=lower / (1 - lower) * t0 / t1,
        upper=upper / (1 - upper) * t0 / t1 if upper < 1 else None,
        confidence=confidence,
        p_value=min(1.0, float(stats.binomtest(x1, n, t1 / (t0 + t1)).pvalue)),
        n=n,
        scale="ratio",
    )
