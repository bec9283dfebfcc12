"""How often noise alone would look like a change: calibrated by simulation."""

from __future__ import annotations

import math

LEVEL = 9.4  # the gain at which the tail would reach 1
SECOND = 11.5  # what noise gains from each further break taken in the same step
TAIL = 3.0  # the gain over which the chance falls by the factor e


def change_chance(gain: float, *, breaks: int = 1) -> float:
    """Give the probability that noise alone would gain this much from breaks somewhere.

    The noise is first-order autoregressive with correlation 0.5, the usual size in weekly and
    monthly business series; for independent noise the probability is about a tenth, for a
    correlation of 0.8 two to three times as large. The gain's null distribution has no closed
    form, as the places of the breaks and the autocorrelation are chosen by the data. Its upper
    tail (below 0.2) was found to be exponential and the same for 16 to 250 points; with fewer
    the probability is overstated. `benchmarks/changepoints.py --calibrate` makes the figures.

    Args:
        gain: Fall of minus twice the log-likelihood.
        breaks: Number of breaks that bring the gain together.

    Returns:
        Probability in [0, 1], over the whole series.

    Examples:
        >>> round(change_chance(18.4), 3)
        0.05
    """
    return min(1.0, math.exp((LEVEL + SECOND * (breaks - 1) - gain) / TAIL))
