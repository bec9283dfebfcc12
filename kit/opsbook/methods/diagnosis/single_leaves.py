"""Which single leaves fell, too, once it is proven that something did?"""

from __future__ import annotations

from math import log

import numpy as np

from opsbook.methods.diagnosis.slice_cube import Floats
from opsbook.methods.diagnosis.slice_noise import LeafSizes, SliceNoise

_EXTRAPOLATED = 5.0  # times that a tail beyond the leaves it was fitted to may be underrated


def single_leaves(
    change: Floats,
    sizes: LeafSizes,
    noises: tuple[SliceNoise, ...],
    *,
    cost: float,
    claimed: int,
    alpha: float,
) -> dict[int, float]:
    """Name the leaves that noise alone hardly ever takes as far, beside slices that are proven.

    A likelihood ratio stakes on every extent of a change alike, so that a leaf has to go further
    for it than its tail probability asks. That keeps false claims rare where nothing else is
    proven; beside proven slices, the false discovery rate may be held by the tail probabilities
    themselves, with a margin for their being extrapolated.

    Assumes that leaves scatter independently. As tails of noise may be heavier than they seem,
    the leaves have to stand apart from the rest, too: where they are noise, the gap behind the k
    furthest of them is exponential with a mean of 1 / k, in logarithms of tail probabilities.

    Args:
        change: Relative changes of the leaves in question, shape (n,); falls are negative.
        sizes: Their sizes.
        noises: Distributions of noise, of which the one counts that reaches further.
        cost: What naming a single leaf costs: the logarithm of the number of choices.
        claimed: Number of slices that are proven.
        alpha: False discovery rate, in (0, 1).

    Returns:
        Index of each leaf named, and minus the logarithm of its tail probability less the cost.

    References:
        Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57, 289-300.
        Rényi (1953), Acta Math. Acad. Sci. Hung. 4, 191-231, on the gaps.
    """
    if not claimed or not len(change):
        return {}
    rarity = -np.maximum.reduce([noise.log_tail(change, sizes) for noise in noises])
    order = np.argsort(-rarity, kind="stable")
    furthest = rarity[order]
    rank = np.arange(1, len(order) + 1)
    net = furthest - cost - log(_EXTRAPOLATED)
    proven = net >= -np.log(alpha * (claimed + rank))
    apart = rank * -np.diff(furthest, append=0.0) >= log(1.0 / alpha)
    named = np.flatnonzero(proven & apart)
    last = int(named[-1]) + 1 if len(named) else 0
    return dict(zip(order[:last].tolist(), net[:last].tolist(), strict=True))
