"""How wide is the slice that moved: do its neighbours under the same parent move, too?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, SliceCube
from opsbook.methods.diagnosis.slice_rates import SliceRates

_REMAINDER_EVIDENCE, _REMAINDER_FALL, _SIBLINGS = 2.0, 0.3, 0.7


def wider_slice(
    conditions: Conditions,
    unclaimed: NDArray[np.bool_],
    *,
    cube: SliceCube,
    rates: SliceRates,
    fell: bool,
    weigh: Callable[[SliceRates], Floats],
) -> Conditions:
    """Drop conditions one by one while what the wider slice adds moved too.

    It must have moved by 0.3 of the slice's own change and more, the same way, with evidence of
    its own, and on most of the values that are added.

    Args:
        conditions: The slice.
        unclaimed: Leaves that no claim has taken yet, shape (n_leaves,).
        cube: The leaves.
        rates: Their counts.
        fell: Whether the slice fell (else it rose).
        weigh: Log-likelihood ratio of counts for a change in this direction.
    """
    sign = 1.0 if fell else -1.0
    while conditions:
        inside = cube.members(conditions)
        own = sign * (rates.pooled(inside & unclaimed).fall() or 0.0)
        wider: list[tuple[float, Conditions]] = []
        for dropped in conditions:
            parent = tuple(c for c in conditions if c != dropped)
            added = cube.members(parent) & ~inside & unclaimed
            rest = rates.pooled(added)
            strength = float(weigh(rest)[0])
            if strength < _REMAINDER_EVIDENCE:
                continue
            if sign * (rest.fall() or 0.0) <= _REMAINDER_FALL * own:
                continue
            if _share_that_moved(cube, rates, added, dropped[0], sign, own) >= _SIBLINGS:
                wider.append((strength, parent))
        if not wider:
            break
        conditions = max(wider)[1]
    return conditions


def _share_that_moved(
    cube: SliceCube,
    rates: SliceRates,
    added: NDArray[np.bool_],
    dimension: int,
    sign: float,
    own: float,
) -> float:
    """Share of a dimension's values that moved clearly, by the root of their trials."""
    moved = total = 0.0
    for code in range(cube.cardinalities[dimension]):
        here = rates.pooled(added & cube.members(((dimension, code),)))
        weight = float(np.sqrt(here.trials[0]))
        total += weight
        if sign * (here.fall() or 0.0) > _REMAINDER_FALL / 2.0 * own:
            moved += weight
    return moved / total if total else 0.0
