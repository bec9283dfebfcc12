"""How often noise alone would look like a change: calibrated by simulation."""

from __future__ import annotations

import math

LEVEL = 10.3  # where the tail starts in a long series
SHORT_SERIES = 20.0  # the autocorrelation of a short series is poorly known: this much over n more
SECOND = 11.5  # what noise gains from each further break taken in the same step
TAIL = 2.3  # the gain over which the chance falls by the factor e


def change_chance(gain: float, n: int, *, breaks: int = 1) -> float:
    """Give the probability that noise alone would gain this much from breaks somewhere.

    The noise is first-order autoregressive with correlation 0.5, the usual size in weekly and
    monthly business series; for independent noise the probability is about a third, for a
    correlation of 0.8 about twice as large. The gain's null distribution has no closed form, as
    the places of the breaks and the autocorrelation are chosen by the data; its upper tail (below
    0.2) was found to be exponential. `benchmarks/changepoints.py --calibrate` makes the figures.

    Args:
        gain: Fall of minus twice the log-likelihood.
        n: Number of observations.
        breaks: Number of breaks that bring the gain together.

    Returns:
        Probability in [0, 1], over the whole series.

    Examples:
        >>> round(change_chance(17.0, 104), 3)
        0.059
    """
    start = LEVEL + SHORT_SERIES / n + SECOND * (breaks - 1)
    return min(1.0, math.exp((start - gain) / TAIL))
