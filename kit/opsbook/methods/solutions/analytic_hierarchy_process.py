"""Weights from pairwise judgements, with a check that they hang together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names
from opsbook.methods.solutions.weights import Weights

RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random judgements on 1, 2, ... 15 criteria (Saaty 1980)."""

RECIPROCAL = 0.02
"""How far a judgement and its reciprocal may miss each other: 3 against 0.33 passes."""

WORST = 3
"""How many judgements are listed when they do not hang together."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A pairwise judgement that the others contradict.

    Attributes:
        first: The criterion judged.
        second: The criterion it was judged against.
        given: How many times as important it was said to be.
        implied: How many times as important all judgements together make it.
    """

    first: str
    second: str
    given: float
    implied: float


@dataclass(frozen=True, kw_only=True)
class AnalyticHierarchyProcess:
    """Weights from pairwise judgements.

    Attributes:
        weights: The weights.
        lambda_max: The principal eigenvalue; n if the judgements agree perfectly.
        consistency_index: (lambda_max - n) / (n - 1).
        consistency_ratio: That index against the one of random judgements.
        consistent: Whether the ratio is at most 0.10.
        worst: The judgements furthest from what the others imply, the worst first; empty if
            consistent. They are for the team to look at again, and are never changed here.
    """

    weights: Weights
    lambda_max: float
    consistency_index: float
    consistency_ratio: float
    consistent: bool
    worst: tuple[Judgement, ...]


def analytic_hierarchy_process(
    judgements: ArrayLike, criteria: Sequence[str]
) -> AnalyticHierarchyProcess:
    """Find weights from pairwise judgements, and tell whether these contradict each other.

    What most often fails: judging words without their ranges. A consistent set of judgements
    can still be consistently wrong; a ratio over 0.10 says only that it is not consistent.

    Args:
        judgements: Shape (n, n); entry (i, j) says how many times as important criterion i is
            as j, so (j, i) is its reciprocal and the diagonal is 1.
        criteria: Names of the n criteria, at most 15.

    Returns:
        Weights, consistency ratio, and the worst judgements if it is over 0.10.

    Raises:
        DataError: If a criterion is named twice, the shape does not fit, a judgement is blank,
            zero or negative, two judgements are not reciprocal, or there are more than 15
            criteria.

    References:
        Saaty (1980), The Analytic Hierarchy Process. Saaty (2008), International Journal of
        Services Sciences 1, 83-98. doi:10.1504/IJSSCI.2008.017590

    Examples:
        >>> result = analytic_hierarchy_process([[1, 3], [1 / 3, 1]], ["effect", "risk"])
        >>> [round(share, 2) for share in result.weights.shares]
        [0.75, 0.25]
    """
    names = unique_names("criterion", criteria)
    table = _checked(judgements, names)
    n = len(names)
    values, vectors = np.linalg.eig(table)
    principal = int(np.argmax(values.real))
    lambda_max = float(values[principal].real)
    shares = np.abs(vectors[:, principal].real)
    shares = shares / shares.sum()
    index = max(0.0, (lambda_max - n) / (n - 1)) if n > 1 else 0.0
    ratio = index / RANDOM_INDEX[n - 1] if n > 2 else 0.0
    consistent = ratio <= 0.10
    return AnalyticHierarchyProcess(
        weights=Weights(
            method="analytic_hierarchy_process",
            criteria=names,
            shares=tuple(float(share) for share in shares),
        ),
        lambda_max=lambda_max,
        consistency_index=index,
        consistency_ratio=ratio,
        consistent=consistent,
        worst=() if consistent else _worst(table, shares, names),
    )


def _checked(judgements: ArrayLike, names: tuple[str, ...]) -> NDArray[np.float64]:
    n = len(names)
    table = np.array(judgements, dtype=float)
    if table.shape != (n, n):
        raise DataError(
            f"The pairwise judgements have shape {table.shape} for {n} criteria.",
            f"Give {n} rows of {n} judgements.",
        )
    if n > len(RANDOM_INDEX):
        raise DataError(
            f"There are {n} criteria to compare in pairs.",
            f"Group them, or weigh by points: beyond {len(RANDOM_INDEX)} no consistency is known.",
        )
    bad = [
        f"'{names[i]}' against '{names[j]}' ({table[i, j]:g})"
        for i, j in np.argwhere(~((table > 0) & np.isfinite(table)))
    ]
    if bad:
        raise DataError(
            f"Pairwise judgements must be over zero; found {', '.join(bad)}.",
            "Fill the blanks: 1 is equal, 3 three times as important, 1/3 a third.",
        )
    off = [
        f"'{names[i]}' against '{names[j]}' is {table[i, j]:g} and back {table[j, i]:g}"
        for i in range(n)
        for j in range(i, n)
        if abs(table[i, j] * table[j, i] - 1) > RECIPROCAL
    ]
    if off:
        raise DataError(
            f"Pairwise judgements must be reciprocal; {'; '.join(off)}.",
            "Write the second as 1 divided by the first.",
        )
    return table


def _worst(
    table: NDArray[np.float64], shares: NDArray[np.float64], names: tuple[str, ...]
) -> tuple[Judgement, ...]:
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    pairs.sort(key=lambda ij: -abs(math.log(table[ij] * shares[ij[1]] / shares[ij[0]])))
    return tuple(
        Judgement(
            first=names[i],
            second=names[j],
            given=float(table[i, j]),
            implied=float(shares[i] / shares[j]),
        )
        for i, j in pairs[:WORST]
    )
