"""Which slices may be claimed, given how the counts of their leaves changed?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import log
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_claims import ClaimRules, slice_claims
from opsbook.methods.diagnosis.slice_cube import Floats, Ints, SliceCube
from opsbook.methods.diagnosis.slice_noise import (
    CORE,
    LeafSizes,
    SliceNoise,
    leaf_sizes,
    slice_noise,
)
from opsbook.methods.diagnosis.slice_pool import ChangePool
from opsbook.methods.diagnosis.slice_sums import EXACT_LEAVES, Candidate, SliceSums
from opsbook.methods.diagnosis.wider_slice import wider_slice

_LOWEST, _HIGHEST, _VOTE = -5.0, 30.0, 5.0
_IMMATERIAL = 0.05  # what a slice must change by, or by a quarter of the noise if that is less
_UNMOVED = 0.2  # a slice with more unmoved parts is shorter to say by those that moved

Direction = Literal["fell", "rose"]


def change_claims(
    cube: SliceCube, now: Floats, before: Floats, drift: float, *, alpha: float, purity: float
) -> list[tuple[Candidate, Direction]]:
    """Claim falls and rises, each against the noise of the other side; the louder side first.

    Leaves speak one by one first; then, in cubes of up to half a million, many leaves that each
    moved less than the noise are weighed together.

    Args:
        cube: The leaves.
        now: Their counts now, shape (n_leaves,).
        before: The same before.
        drift: Common factor of all leaves.
        alpha: False discovery rate, in (0, 1).
        purity: Least share of a slice's votes that agree with the change.

    Returns:
        The claims and their directions, in the order of their finding.
    """
    held = (now != 0) | (before != 0)
    live = slice(None) if held.all() else np.flatnonzero(held)
    change, size = _changes(now[live], before[live] * drift)
    sizes = leaf_sizes(size)
    claims: list[tuple[Candidate, Direction]] = []
    unclaimed = np.ones(len(change), bool)
    rules = ClaimRules(alpha=alpha, purity=purity, unmoved=_UNMOVED)
    settled: SliceNoise | None = None
    for direction in _louder_first(change):
        signed = change if direction == "fell" else np.negative(change)
        noise = settled
        if noise is None:
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
        together = cube.n_leaves <= EXACT_LEAVES
        widen = None
        if together:
            pool = _pool(cube, signed, size, live, unclaimed, noise)
            widen = partial(wider_slice, cube=cube, moves=pool)
        first = slice_claims(sums, rules, widen=widen, open_leaves=_open(cube, live, unclaimed))
        own: list[Ints] = []
        for claim in first:
            own.append(np.flatnonzero(unclaimed & cube.members(claim.conditions)[live]))
            unclaimed[own[-1]] = False
        found, settled = _agreeing(first, own, signed, sizes, unclaimed, alpha=alpha)
        if together and unclaimed.any():
            if len(found) < len(first):  # what was given up is noise: it speaks for no slice now
                score[live] = np.where(unclaimed, np.minimum(score[live], 0.0), 0.0)
                sums = SliceSums(cube, score, vote=_VOTE, aside=aside)
            pool = _pool(cube, signed, size, live, unclaimed, noise)
            sums.ask(pool)
            wider = slice_claims(
                sums,
                rules,
                claimed=found,
                widen=partial(wider_slice, cube=cube, moves=pool),
                open_leaves=_open(cube, live, unclaimed),
            )
            if wider != found:
                found, settled = wider, None
                for claim in found:
                    unclaimed &= ~cube.members(claim.conditions)[live]
        claims.extend((claim, direction) for claim in found)
        if not unclaimed.any():
            break
    return claims


def _open(cube: SliceCube, live: Ints | slice, unclaimed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leaves of the cube that no claim has taken yet."""
    leaves = np.zeros(cube.n_leaves, bool)
    leaves[live] = unclaimed
    return leaves


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
) -> tuple[list[Candidate], SliceNoise | None]:
    """Keep the claims that stand out from what is left of their own side, too.

    Falls may reach further than rises by chance. What is given up becomes part of the noise,
    and the rest is judged again; `unclaimed` is updated.

    Returns:
        The claims kept, and the noise that is left on their side, if it was asked.
    """
    while found and 2 * np.count_nonzero(unclaimed) >= len(unclaimed):
        left = np.flatnonzero(unclaimed)
        noise = slice_noise(-signed[left], sizes.part(left))
        strict = replace(noise, outliers=0.0)
        least = log(1.0 / (alpha * len(found)))
        rows = np.concatenate(own)
        again, _ = strict.evidence(signed[rows], sizes.part(rows), lowest=_LOWEST, highest=_HIGHEST)
        parts = np.split(again, np.cumsum([len(mine) for mine in own])[:-1])
        stands = [float(part.sum()) - c.cost >= least for c, part in zip(found, parts, strict=True)]
        if all(stands):
            return found, noise
        for mine, kept in zip(own, stands, strict=True):
            unclaimed[mine] = not kept
        found = [claim for claim, kept in zip(found, stands, strict=True) if kept]
        own = [mine for mine, kept in zip(own, stands, strict=True) if kept]
    return found, None


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
