"""Weights by asking what each swing from worst to best is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from opsbook.errors import DataError
from opsbook.methods.solutions.weights import Weights, shares_of


def swing_weights(swings: Mapping[str, float | None], criteria: Sequence[str]) -> Weights:
    """Turn the worth of each swing, from the worst to the best anchor, into weights.

    The question to ask: all criteria stand at their worst anchor; which one would you lift to
    its best first? That swing is 100; what are the others worth against it? What most often
    fails: answering by the word ("cost matters most") and not by the range between the anchors.

    Args:
        swings: Worth per criterion, 0 to 100, the most wanted swing being 100.
        criteria: Names of the criteria, in the order to keep.

    Returns:
        The shares.

    Raises:
        DataError: If a criterion is unknown or has no swing, a swing is negative, or the
            largest is not 100.

    References:
        von Winterfeldt & Edwards (1986), Decision Analysis and Behavioral Research.

    Examples:
        >>> swing_weights({"effect": 100, "risk": 60}, ["effect", "risk"]).shares
        (0.625, 0.375)
    """
    weights = shares_of("swing_weights", swings, criteria)
    largest = max(float(swing) for swing in swings.values() if swing is not None)
    if not math.isclose(largest, 100.0):
        raise DataError(
            f"The largest swing is {largest:g}.",
            "Give the most wanted swing 100 and measure the others against it; "
            "for points handed out, choose point_allocation.",
        )
    return weights
