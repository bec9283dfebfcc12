"""Equal weights: the default, until somebody argues for others."""

from __future__ import annotations

from collections.abc import Sequence

from opsbook.methods.solutions.names import unique_names
from opsbook.methods.solutions.weights import Weights, shares_of


def equal_weights(criteria: Sequence[str]) -> Weights:
    """Let every criterion count the same.

    Hard to beat where nobody can defend other weights. What most often fails: two criteria
    that measure one thing, which then counts twice.

    Args:
        criteria: Names of the criteria.

    Returns:
        The shares, 1 / n each.

    Raises:
        DataError: If there is no criterion or one is named twice.

    References:
        Dawes (1979), American Psychologist 34, 571-582. doi:10.1037/0003-066X.34.7.571

    Examples:
        >>> equal_weights(["effect", "risk"]).shares
        (0.5, 0.5)
    """
    names = unique_names("criterion", criteria)
    return shares_of("equal_weights", dict.fromkeys(names, 1.0), names)
