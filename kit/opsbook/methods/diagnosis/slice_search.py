"""Which slices of a table of counts explain the change?"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.slice_claims import ClaimRules, chance, slice_claims
from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, Ints, SliceCube, slice_cube
from opsbook.methods.diagnosis.slice_noise import (
    CORE,
    LeafSizes,
    SliceNoise,
    leaf_sizes,
    slice_noise,
)
from opsbook.methods.diagnosis.slice_pool import ChangePool
from opsbook.methods.diagnosis.slice_sums import EXACT_LEAVES, Candidate, SliceSums

_LOWEST, _HIGHEST, _VOTE = -5.0, 30.0, 5.0
_ONE_SIDED = (
    0.1  # excess of falls over rises (or reverse), below which leaves moved no clear margin
)

_IMMATERIAL = 0.05  # a smaller change of a slice is named only if it exceeds a quarter of the noise
_UNMOVED = 0.2  # a slice with more unmoved parts is shorter to say by those that moved

Direction = Literal["fell", "rose"]


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
    and so on while the false discovery rate holds.

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
    now, before = _counts(cube, actual, "actual"), _counts(cube, expected, "expected")
    if not 0 < alpha < 1 or not 0.5 <= purity <= 1:
        raise DataError(
            f"alpha is {alpha} and purity is {purity}.",
            "Choose alpha between 0 and 1, and purity from 0.5 to 1.",
        )
    live = (now != 0) | (before != 0)
    if not live.any():
        raise DataError("All counts are zero.", "Check the columns and the filter of the data.")
    drift = _drift(now, before)
    claims = _claims(cube, now, before, drift, alpha=alpha, purity=purity)
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


def _counts(cube: SliceCube, values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.asarray(values, float)
    if array.shape != (cube.n_rows,):
        raise DataError(
            f"'{name}' has shape {array.shape}, but there are {cube.n_rows} rows of codes.",
            "Pass one number per row.",
        )
    if not np.isfinite(array).all():
        raise DataError(f"'{name}' holds a value that is not finite.", "Drop or mend these rows.")
    return cube.total(array)


def _drift(now: Floats, before: Floats) -> float:
    """Common factor of all leaves; 1 unless the typical leaf itself is off by a clear margin."""
    both = (now > 0) & (before > 0)
    up, down = np.count_nonzero((now > before) & both), np.count_nonzero((now < before) & both)
    if abs(up - down) <= max(5.0 * np.sqrt(up + down), _ONE_SIDED * (up + down)):
        return 1.0
    ratio = now[both]
    ratio /= before[both]
    drift = float(np.median(ratio))
    np.abs(np.log(ratio / drift, out=ratio), out=ratio)
    rank = int(CORE * len(ratio))
    spread = float(np.partition(ratio, rank)[rank])
    return drift if abs(np.log(drift)) > spread / 4.0 else 1.0


def _claims(
    cube: SliceCube, now: Floats, before: Floats, drift: float, *, alpha: float, purity: float
) -> list[tuple[Candidate, Direction]]:
    """Claim falls and rises, each against the noise of the other side; the louder side first."""
    held = (now != 0) | (before != 0)
    live = slice(None) if held.all() else np.flatnonzero(held)
    change, size = _changes(now[live], before[live] * drift)
    sizes = leaf_sizes(size)
    claims: list[tuple[Candidate, Direction]] = []
    unclaimed = np.ones(len(change), bool)
    rules = ClaimRules(alpha=alpha, purity=purity, unmoved=_UNMOVED)
    for direction in _louder_first(change):
        signed = change if direction == "fell" else np.negative(change)
        left = slice(None) if unclaimed.all() else np.flatnonzero(unclaimed)
        noise = slice_noise(signed[left], sizes.part(left))
        score: Floats = np.zeros(
            cube.n_leaves, np.float64 if cube.n_leaves <= EXACT_LEAVES else np.float32
        )
        aside = np.zeros(cube.n_leaves, bool)
        evidence, aside[live] = noise.evidence(signed, sizes, lowest=_LOWEST, highest=_HIGHEST)
        evidence[~unclaimed] = 0.0
        score[live] = evidence
        del evidence
        sums = SliceSums(cube, score, vote=_VOTE, aside=aside)
        found = slice_claims(sums, rules)
        own: list[Ints] = []
        for claim in found:
            own.append(np.flatnonzero(unclaimed & cube.members(claim.conditions)[live]))
            unclaimed[own[-1]] = False
        found = _agreeing(found, own, signed, sizes, unclaimed, alpha=alpha)
        if cube.n_leaves <= EXACT_LEAVES and unclaimed.any():
            told = np.minimum(score[live], 0.0) if own else score[live]
            score[live] = np.where(unclaimed, told, 0.0)
            found = slice_claims(
                SliceSums(
                    cube,
                    score,
                    vote=_VOTE,
                    aside=aside,
                    pool=_pool(cube, signed, size, live, unclaimed, noise),
                ),
                rules,
                claimed=found,
            )
            for claim in found:
                unclaimed &= ~cube.members(claim.conditions)[live]
        claims.extend((claim, direction) for claim in found)
        if not unclaimed.any():
            break
    return claims


def _pool(
    cube: SliceCube,
    signed: Floats,
    size: Floats,
    live: Ints | slice,
    unclaimed: NDArray[np.bool_],
    noise: SliceNoise,
) -> ChangePool:
    """Changes of the leaves that no claim has taken yet."""
    sizes, change = np.zeros(cube.n_leaves), np.zeros(cube.n_leaves)
    sizes[live] = size * unclaimed
    change[live] = signed * sizes[live]
    core = float(np.exp(np.median(noise.log_scale)))
    return ChangePool(change, sizes, least=min(_IMMATERIAL, core / 4.0))


def _agreeing(
    found: list[Candidate],
    own: list[Ints],
    signed: Floats,
    sizes: LeafSizes,
    unclaimed: NDArray[np.bool_],
    *,
    alpha: float,
) -> list[Candidate]:
    """Keep the claims that stand out from what is left of their own side, too.

    Falls may reach further than rises by chance. What is given up becomes part of the noise,
    and the rest is judged again; `unclaimed` is updated.
    """
    while found and 2 * np.count_nonzero(unclaimed) >= len(unclaimed):
        left = np.flatnonzero(unclaimed)
        noise = slice_noise(-signed[left], sizes.part(left), outliers=False)
        least = log(1.0 / (alpha * len(found)))
        rows = np.concatenate(own)
        again, _ = noise.evidence(signed[rows], sizes.part(rows), lowest=_LOWEST, highest=_HIGHEST)
        parts = np.split(again, np.cumsum([len(mine) for mine in own])[:-1])
        stands = [float(part.sum()) - c.cost >= least for c, part in zip(found, parts, strict=True)]
        if all(stands):
            break
        for mine, kept in zip(own, stands, strict=True):
            unclaimed[mine] = not kept
        found = [claim for claim, kept in zip(found, stands, strict=True) if kept]
        own = [mine for mine, kept in zip(own, stands, strict=True) if kept]
    return found


def _changes(now: Floats, before: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Relative changes in [-1, 1], and the sizes that they are relative to.

    Relative to the larger of both, so that exchanging them flips the sign alone.
    """
    size = np.maximum(np.abs(now), np.abs(before))
    change = np.subtract(now, before)
    change /= size
    return np.clip(change, -1.0, 1.0, out=change), size


def _louder_first(change: Floats) -> tuple[Direction, Direction]:
    """Order the directions by their far changes: the sixth power leaves little else."""
    extent = np.abs(change)
    extent /= float(np.quantile(extent, CORE)) or 1.0
    np.minimum(extent, 50.0, out=extent)
    extent *= extent * extent
    extent *= extent
    fell = float(extent[change < 0].sum())
    return ("fell", "rose") if fell >= float(extent.sum()) - fell else ("rose", "fell")
