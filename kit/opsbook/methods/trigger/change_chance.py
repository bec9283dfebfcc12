"""How often noise alone would look like a change: calibrated by simulation."""

from __future__ import annotations

import math

LEVEL = 9.0  # where the tail starts in a long series
SHORT_SERIES = 26.0  # the autocorrelation of a short series is poorly known: this much over n more
TAIL = 2.3  # the gain over which the chance falls by the factor e


def change_chance(gain: float, n: int) -> float:
    """Give the probability that noise alone would gain this much from a break somewhere.

    The noise is first-order autoregressive with correlation 0.5, the usual size in weekly and
    monthly business series; for independent noise the probability is three times smaller, for a
    correlation of 0.8 about twice as large. The gain's null distribution has no closed form, as
    the place of the break and the autocorrelation are chosen by the data; its upper tail (below
    0.2) was found to be exponential. `benchmarks/changepoints.py --calibrate` makes the figures.

    Args:
        gain: Fall of minus twice the log-likelihood for one more break.
        n: Number of observations.

    Returns:
        Probability in (0, 1], over the whole series.

    Examples:
        >>> round(change_chance(16.0, 104), 3)
        0.053
    """
    return min(1.0, math.exp(-(gain - _start(n)) / TAIL))


def least_gain(chance: float, n: int) -> float:
    """Give the gain that noise alone exceeds with this probability.

    Args:
        chance: Probability in (0, 1).
        n: Number of observations.

    Returns:
        Gain in minus twice the log-likelihood.
    """
    return _start(n) - TAIL * math.log(chance)


def _start(n: int) -> float:
    return LEVEL + SHORT_SERIES / n
