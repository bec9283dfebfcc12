"""Which slices may be claimed, given how the counts of their leaves changed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import log
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.single_leaves import single_leaves
from opsbook.methods.diagnosis.slice_claims import ClaimRules, slice_claims
from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, Ints, SliceCube
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
_FAINT = 2.0  # a leaf of less evidence than this cannot be far out in the tail of noise
_UNMOVED = 0.2  # a slice with more unmoved parts is shorter to say by those that moved

Direction = Literal["fell", "rose"]


def change_claims(
    cube: SliceCube, now: Floats, before: Floats, drift: float, *, alpha: float, purity: float
) -> list[tuple[Candidate, Direction]]:
    """Claim falls and rises, each against the noise of the other side; the louder side first.

    It is asked once more where slices of the other side had passed for noise.

    Leaves speak one by one first; beside slices that are proven, single leaves are then judged by
    how rarely noise reaches as far; then, in cubes of up to half a million, many leaves that each
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
    louder, other = _louder_first(change)
    found: list[Candidate] = []
    for turn, direction in enumerate((louder, other, louder)):
        if turn == 2 and not found:  # nothing more is explained of what seemed noise at first
            break
        side = _Side(
            cube=cube,
            live=live,
            change=change if direction == "fell" else np.negative(change),
            size=size,
            sizes=sizes,
            unclaimed=unclaimed,
        )
        found, settled = _one_side(side, settled or side.noise(), rules)
        claims.extend((claim, direction) for claim in found)
        if not unclaimed.any():
            break
    return claims


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """The leaves that hold anything, seen from one side: what is looked for are falls.

    Attributes:
        cube: All leaves.
        live: Where those that hold anything are in the cube.
        change: Their relative changes, shape (n,).
        size: What these are relative to.
        sizes: Where each leaf stands among the sizes.
        unclaimed: Leaves that no claim has taken yet; updated in place.
    """

    cube: SliceCube
    live: Ints | slice
    change: NDArray[np.float64]
    size: NDArray[np.float64]
    sizes: LeafSizes
    unclaimed: NDArray[np.bool_]

    def noise(self, *, own: bool = False) -> SliceNoise:
        """Calibrate on what is left of the other side, or of this one."""
        left = slice(None) if self.unclaimed.all() else np.flatnonzero(self.unclaimed)
        change = self.change[left]
        return slice_noise(-change if own else change, self.sizes.part(left))

    def open_leaves(self) -> NDArray[np.bool_]:
        """Leaves of the cube that no claim has taken yet."""
        leaves = np.zeros(self.cube.n_leaves, bool)
        leaves[self.live] = self.unclaimed
        return leaves

    def pool(self, noise: SliceNoise) -> ChangePool:
        """Changes of the leaves that no claim has taken yet."""
        sizes, change = np.zeros(self.cube.n_leaves), np.zeros(self.cube.n_leaves)
        sizes[self.live] = self.size * self.unclaimed
        change[self.live] = self.change * sizes[self.live]
        core = float(np.exp(np.median(noise.log_scale)))
        return ChangePool(change, sizes, least=min(_IMMATERIAL, core / 4.0))

    def claim(self, conditions: Conditions) -> Ints:
        """Take the leaves of a slice, and tell which ones they are."""
        own = np.flatnonzero(self.unclaimed & self.cube.members(conditions)[self.live])
        self.unclaimed[own] = False
        return own


def _one_side(
    side: _Side, noise: SliceNoise, rules: ClaimRules
) -> tuple[list[Candidate], SliceNoise | None]:
    """Claim falls, and tell the noise that is left on their side, if it was asked."""
    cube, live = side.cube, side.live
    together = cube.n_leaves <= EXACT_LEAVES
    score: Floats = np.zeros(cube.n_leaves, np.float64 if together else np.float32)
    aside = np.zeros(cube.n_leaves, bool)
    evidence, aside[live] = noise.evidence(
        side.change, side.sizes, lowest=_LOWEST, highest=_HIGHEST
    )
    evidence[~side.unclaimed] = 0.0
    score[live] = evidence
    del evidence
    sums = SliceSums(cube, score, vote=_VOTE, aside=aside)
    widen = partial(wider_slice, cube=cube, moves=side.pool(noise)) if together else None
    first = slice_claims(sums, rules, widen=widen, open_leaves=side.open_leaves())
    proven, settled = _agreeing(first, side, alpha=rules.alpha)
    found = list(proven)
    if settled is not None:
        found += _beside(proven, side, sums, score, (noise, settled), alpha=rules.alpha)
    if not together or not side.unclaimed.any():
        return found, settled
    if len(proven) < len(first):  # what was given up is noise: it speaks for no slice now
        score[live] = np.where(side.unclaimed, np.minimum(score[live], 0.0), 0.0)
        sums = SliceSums(cube, score, vote=_VOTE, aside=aside)
    pool = side.pool(noise)
    sums.ask(pool)
    wider = slice_claims(
        sums,
        rules,
        claimed=found,
        widen=partial(wider_slice, cube=cube, moves=pool),
        open_leaves=side.open_leaves(),
    )
    if wider == found:
        return found, settled
    for claim in wider:
        side.claim(claim.conditions)
    return wider, None


def _agreeing(
    found: list[Candidate], side: _Side, *, alpha: float
) -> tuple[list[Candidate], SliceNoise | None]:
    """Keep the claims that stand out from what is left of their own side, too.

    Falls may reach further than rises by chance. What is given up becomes part of the noise,
    and the rest is judged again.

    Returns:
        The claims kept, and the noise that is left on their side, if it was asked.
    """
    own = [side.claim(claim.conditions) for claim in found]
    while found and 2 * np.count_nonzero(side.unclaimed) >= len(side.unclaimed):
        noise = side.noise(own=True)
        strict = replace(noise, outliers=0.0)
        least = log(1.0 / (alpha * len(found)))
        rows = np.concatenate(own)
        again, _ = strict.evidence(
            side.change[rows], side.sizes.part(rows), lowest=_LOWEST, highest=_HIGHEST
        )
        parts = np.split(again, np.cumsum([len(mine) for mine in own])[:-1])
        stands = [float(part.sum()) - c.cost >= least for c, part in zip(found, parts, strict=True)]
        if all(stands):
            return found, noise
        for mine, kept in zip(own, stands, strict=True):
            side.unclaimed[mine] = not kept
        found = [claim for claim, kept in zip(found, stands, strict=True) if kept]
        own = [mine for mine, kept in zip(own, stands, strict=True) if kept]
    return found, None


def _beside(
    proven: list[Candidate],
    side: _Side,
    sums: SliceSums,
    score: Floats,
    noises: tuple[SliceNoise, SliceNoise],
    *,
    alpha: float,
) -> list[Candidate]:
    """Claim single leaves beside the slices that are proven; the sums are updated."""
    rows = np.flatnonzero(side.unclaimed & (score[side.live] > _FAINT))
    leaves = rows if isinstance(side.live, slice) else side.live[rows]
    named = single_leaves(
        side.change[rows],
        side.sizes.part(rows),
        noises,
        cost=sums.leaf_cost,
        claimed=len(proven),
        alpha=alpha,
    )
    claims = []
    for i, net in named.items():
        conditions = sums.cube.name(int(leaves[i]))
        side.claim(conditions)
        sums.take_out(conditions)
        claims.append(Candidate(conditions=conditions, net=net, cost=sums.leaf_cost, purity=1.0))
    return claims


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
