"""What each criterion counts for: shares that add up to one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.names import check_known, unique_names


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Shares of the criteria; they add up to one.

    Attributes:
        method: How they were found.
        criteria: Names of the criteria.
        shares: One share per criterion, zero or more.
    """

    method: str
    criteria: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def order(self) -> tuple[tuple[str, str], ...]:
        """Every pair (heavier, lighter) that these weights state; equal weights state none."""
        pairs = [
            (heavy, light)
            for heavy, more in zip(self.criteria, self.shares, strict=True)
            for light, less in zip(self.criteria, self.shares, strict=True)
            if more > less and not math.isclose(more, less, rel_tol=1e-9)
        ]
        return tuple(pairs)

    def of(self, criteria: Sequence[str]) -> NDArray[np.float64]:
        """Return the shares in the order of the criteria.

        Raises:
            DataError: If the two do not name the same criteria.
        """
        check_known("criterion", self.criteria, criteria, "the weights")
        check_known("criterion", criteria, self.criteria, "the scores (it has no weight)")
        share = dict(zip(self.criteria, self.shares, strict=True))
        return np.array([share[name] for name in criteria])


def shares_of(method: str, amounts: Mapping[str, float | None], criteria: Sequence[str]) -> Weights:
    """Turn amounts per criterion into shares that add up to one.

    Args:
        method: How the amounts were found.
        amounts: One amount per criterion, zero or more, in any unit.
        criteria: Names of the criteria, in the order to keep.

    Returns:
        The shares.

    Raises:
        DataError: If a criterion is unknown, named twice or without an amount, an amount is
            negative or not finite, or all are zero.

    Examples:
        >>> shares_of("point_allocation", {"cost": 30, "risk": 10}, ["cost", "risk"]).shares
        (0.75, 0.25)
    """
    names = unique_names("criterion", criteria)
    check_known("criterion", amounts, names, "the weights")
    given = {name: math.nan if (a := amounts.get(name)) is None else float(a) for name in names}
    blank = [f"'{name}'" for name, amount in given.items() if math.isnan(amount)]
    if blank:
        raise DataError(
            f"Weights are missing for {', '.join(blank)}.",
            "Weigh every criterion; write 0 for one that shall not count.",
        )
    wrong = [f"'{name}' {amount:g}" for name, amount in given.items() if not 0 <= amount < math.inf]
    if wrong:
        raise DataError(
            f"Weights must be zero or more; found {', '.join(wrong)}.",
            "Where less is better, say so in the value function, not by a negative weight.",
        )
    total = math.fsum(given.values())
    if total == 0:
        raise DataError(
            f"All weights are zero ({', '.join(names)}).", "Give at least one criterion a weight."
        )
    shares = tuple(amount / total for amount in given.values())
    return Weights(method=method, criteria=names, shares=shares)
