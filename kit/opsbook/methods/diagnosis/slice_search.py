"""Which slices of a table of counts explain the change?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.diagnosis.change_claims import Direction, change_claims
from opsbook.methods.diagnosis.slice_claims import chance, refuse_settings
from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, SliceCube, slice_cube
from opsbook.methods.diagnosis.slice_noise import CORE

_ONE_SIDED = 0.1  # falls less rises, as a share of both: below it, no common move is looked for
_LARGE_PART = 0.25  # a value of a dimension with so many of the leaves must have moved, too


@dataclass(frozen=True, kw_only=True)
class CountSlice:
    """A slice that moved, beside the rest of the table.

    Attributes:
        conditions: (dimension, code) pairs that name the slice; none for the grand total.
        direction: Whether the slice fell or rose.
        actual: Its total, in the counts' unit.
        expected: Its expected total.
        rest_actual: Total of everything outside it.
        rest_expected: Expected total of everything outside it.
        leaves: Number of leaves in it that hold anything.
        purity: Share of its leaves' votes that agree with the change, 0 to 1.
        evidence: Log-likelihood ratio against noise, less the cost of naming the slice.
        p_value: Bound on the probability that chance alone finds a slice as strong.
    """

    conditions: Conditions
    direction: Direction
    actual: float
    expected: float
    rest_actual: float
    rest_expected: float
    leaves: int
    purity: float
    evidence: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class SliceSearch:
    """The slices that explain a change, strongest first.

    Attributes:
        method: Name of the method, the same as its module and its params value.
        slices: The claimed slices; empty where nothing stands out from the noise.
        everywhere: Whether the typical leaf itself moved, or the grand total is claimed.
        drift: Common factor of all leaves, actual / expected, that no slice is blamed for; 1
            unless it is proven.
        actual: Grand total.
        expected: Expected grand total.
        leaves: Number of leaves that hold anything.
        alpha: False discovery rate that the claims keep to.
    """

    method: str
    slices: tuple[CountSlice, ...]
    everywhere: bool
    drift: float
    actual: float
    expected: float
    leaves: int
    alpha: float


def slice_search(
    codes: ArrayLike,
    actual: ArrayLike,
    expected: ArrayLike,
    *,
    alpha: float = 0.05,
    purity: float = 0.75,
) -> SliceSearch:
    """Find the few slices of a multi-dimensional table whose counts left their expectation.

    Every leaf's relative change is weighed against noise, whose spread per size and whose tail
    are calibrated on the side (falls or rises) with fewer outliers; evidence is added up over
    all slices; the slice with the most evidence left after the cost of naming it is taken out,
    and so on while the false discovery rate holds. It climbs to a parent while what the parent
    adds moved too, on most of its values. Beside slices that are proven, a single leaf is named
    where noise hardly ever reaches as far and no other leaf comes near. In tables of up to half a
    million leaves, many leaves that each moved less than the noise are then weighed together: the
    sum of their changes, and how many of them fell.

    Assumes that the noise of leaves is independent and as wide upwards as downwards. A shock
    that leaves share (weather, a holiday) breaks this; it then tends to show as "everywhere".

    Args:
        codes: Values of each row's dimensions as whole numbers from 0, shape (n, dimensions);
            rows with the same codes are added up.
        actual: Counts or amounts now, shape (n,); below zero counts as gone.
        expected: The same before, or forecast, shape (n,), same unit.
        alpha: False discovery rate of the claimed slices, in (0, 1).
        purity: Least share of a slice's votes that must agree with the change, in [0.5, 1].

    Returns:
        The slices, each with its remainder, or "everywhere", or none.

    Raises:
        DataError: If the shapes differ, a number is not finite, codes are not
            whole numbers from 0, nothing is there, or alpha or purity is out of range.

    References:
        Own combination of known parts; for the problem and for other answers see Bhagwan et
        al. (2014), Adtributor, NSDI, and Kalander (2022), RiskLoc, arXiv:2205.10004.

    Examples:
        >>> codes = [[store, day] for store in range(10) for day in range(30)]
        >>> expected = [100 + day for store in range(10) for day in range(30)]
        >>> actual = [e + (day * 7 + store) % 3 - 1 - 60 * (store == 4)
        ...           for (store, day), e in zip(codes, expected)]
        >>> slice_search(codes, actual, expected).slices[0].conditions
        ((0, 4),)
    """
    cube = slice_cube(codes)
    now, before = cube.total_named(actual, "actual"), cube.total_named(expected, "expected")
    refuse_settings(alpha, purity)
    live = (now != 0) | (before != 0)
    if not live.any():
        raise DataError("All counts are zero.", "Check the columns and the filter of the data.")
    drift = _drift(cube, now, before)
    claims = change_claims(cube, now, before, drift, alpha=alpha, purity=purity)
    everywhere = drift != 1.0 or any(not c.conditions for c, _ in claims)
    total, total_before = float(now.sum()), float(before.sum())
    found = []
    for claim, direction in claims:
        inside = cube.members(claim.conditions)
        here, here_before = float(now[inside].sum()), float(before[inside].sum())
        found.append(
            CountSlice(
                conditions=claim.conditions,
                direction=direction,
                actual=here,
                expected=here_before,
                rest_actual=total - here if claim.conditions else 0.0,
                rest_expected=total_before - here_before if claim.conditions else 0.0,
                leaves=int(np.count_nonzero(live & inside)),
                purity=claim.purity,
                evidence=claim.net,
                p_value=chance(claim.net),
            )
        )
    found.sort(key=lambda s: (-round(s.evidence, 6), s.conditions))
    return SliceSearch(
        method="slice_search",
        slices=tuple(found),
        everywhere=everywhere,
        drift=drift,
        actual=total,
        expected=total_before,
        leaves=int(np.count_nonzero(live)),
        alpha=alpha,
    )


def _drift(cube: SliceCube, now: Floats, before: Floats) -> float:
    """Common factor of all leaves.

    1 unless the typical leaf itself is off by a clear margin and no large part stood still.
    """
    both = (now > 0) & (before > 0)
    up, down = np.count_nonzero((now > before) & both), np.count_nonzero((now < before) & both)
    if abs(up - down) <= max(5.0 * np.sqrt(up + down), _ONE_SIDED * (up + down)):
        return 1.0
    if _part_stood_still(cube, np.sign(now - before) * both, (up - down) / (up + down)):
        return 1.0
    ratio = now[both]
    ratio /= before[both]
    drift = float(np.median(ratio))
    np.abs(np.log(ratio / drift, out=ratio), out=ratio)
    rank = int(CORE * len(ratio))
    spread = float(np.partition(ratio, rank)[rank])
    return drift if abs(np.log(drift)) > spread / 4.0 else 1.0


def _part_stood_still(cube: SliceCube, signs: Floats, one_sided: float) -> bool:
    """Whether leaves of a value that holds many of them rose about as often as they fell.

    Args:
        cube: The leaves.
        signs: 1 for each leaf that rose, -1 for each that fell.
        one_sided: Rises less falls of all leaves, as a share of both.
    """
    moved = signs != 0
    weights = np.abs(signs)
    for dimension in cube.dimensions:
        n = cube.total_along(dimension, moved, weights[moved])
        balance = cube.total_along(dimension, moved, signs[moved]) * np.sign(one_sided)
        large = n >= _LARGE_PART * n.sum()
        bar = abs(one_sided) / 4.0 * n
        if np.any(large & (balance + 3.0 * np.sqrt(n) < bar)):
            return True
    return False
