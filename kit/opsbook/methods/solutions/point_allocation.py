"""Weights by handing out points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opsbook.methods.solutions.weights import Weights, shares_of


def point_allocation(points: Mapping[str, float | None], criteria: Sequence[str]) -> Weights:
    """Turn points handed out over the criteria (100, say) into weights.

    Any total will do; the shares count. What most often fails: points given by the importance
    of the word and not of the range at hand; `swing_weights` asks for the range.

    Args:
        points: Points per criterion, zero or more.
        criteria: Names of the criteria, in the order to keep.

    Returns:
        The shares.

    Raises:
        DataError: If a criterion is unknown or has no points, points are negative, or all are
            zero.

    References:
        Bottomley, Doyle & Green (2000), Journal of Marketing Research 37, 508-513.
        doi:10.1509/jmkr.37.4.508.18794

    Examples:
        >>> point_allocation({"effect": 60, "risk": 40}, ["effect", "risk"]).shares
        (0.6, 0.4)
    """
    return shares_of("point_allocation", points, criteria)
