"""How wide is the slice that moved: do its neighbours under the same parent move, too?"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, SliceCube

_REMAINDER_EVIDENCE, _REMAINDER_MOVE, _SIBLINGS = 2.0, 0.3, 0.7
_STILL = _REMAINDER_MOVE / 2.0  # what moved by less of a slice's change stood still


class Move(NamedTuple):
    """How slices moved, one entry each.

    Attributes:
        extent: How far in the direction looked for; negative for the other.
        weight: How much its extent counts for among others.
        evidence: Log-likelihood ratio for a move in the direction looked for.
    """

    extent: NDArray[np.float64]
    weight: NDArray[np.float64]
    evidence: NDArray[np.float64]


class Moves(Protocol):
    """Amounts of leaves that add up, and how their sums moved."""

    @property
    def leaves(self) -> tuple[Floats, ...]:
        """The amounts, each of shape (n_leaves,)."""

    def move(self, sums: tuple[Floats, ...]) -> Move:
        """Tell how slices moved, given the sums of their leaves' amounts."""


def wider_slice(
    conditions: Conditions, unclaimed: NDArray[np.bool_], *, cube: SliceCube, moves: Moves
) -> Conditions:
    """Drop conditions one by one while what the wider slice adds moved too.

    It must have moved by 0.3 of the slice's own change and more, the same way, with evidence of
    its own, and on most of the values that are added.

    Args:
        conditions: The slice.
        unclaimed: Leaves that no claim has taken yet, shape (n_leaves,).
        cube: The leaves.
        moves: Their amounts.
    """
    while conditions:
        inside = cube.members(conditions)
        own = float(_moved(moves, inside & unclaimed).extent[0])
        wider: list[tuple[float, Conditions]] = []
        for dropped in conditions:
            parent = tuple(c for c in conditions if c != dropped)
            added = cube.members(parent) & ~inside & unclaimed
            rest = _moved(moves, added)
            strength = float(rest.evidence[0])
            if strength < _REMAINDER_EVIDENCE or rest.extent[0] <= _REMAINDER_MOVE * own:
                continue
            values = moves.move(
                tuple(cube.total_along(dropped[0], added, x[added]) for x in moves.leaves)
            )
            moved = values.extent > _STILL * own
            if values.weight[moved].sum() >= _SIBLINGS * values.weight.sum():
                wider.append((strength, parent))
        if not wider:
            break
        conditions = max(wider)[1]
    return conditions


def narrower_slice(
    conditions: Conditions, unclaimed: NDArray[np.bool_], *, cube: SliceCube, moves: Moves
) -> Conditions:
    """Add conditions one by one while all but one value of a dimension stood still.

    Where a rate is near its end, leaves that stood still cannot show it one by one, and the
    slice seems to be wider than it is. All others together must have moved by less than 0.15
    of that value's change, without evidence of their own.

    Args:
        conditions: The slice.
        unclaimed: Leaves that no claim has taken yet, shape (n_leaves,).
        cube: The leaves.
        moves: Their amounts.
    """
    while True:
        inside = cube.members(conditions) & unclaimed
        fixed = {d for d, _ in conditions}
        narrower: list[tuple[float, Conditions]] = []
        for free in (d for d in cube.dimensions if d not in fixed):
            parts = tuple(cube.total_along(free, inside, x[inside]) for x in moves.leaves)
            own = moves.move(parts)
            rest = moves.move(tuple(x.sum() - x for x in parts))
            alone = (
                (own.evidence >= _REMAINDER_EVIDENCE + np.log(len(own.evidence)))
                & (rest.weight > 0)
                & (rest.evidence < _REMAINDER_EVIDENCE)
                & (rest.extent <= _STILL * own.extent)
            )
            if alone.any():
                code = int(np.argmax(np.where(alone, own.evidence, -np.inf)))
                added = tuple(sorted((*conditions, (free, code))))
                narrower.append((float(own.evidence[code]), added))
        if not narrower:
            return conditions
        conditions = max(narrower)[1]


def _moved(moves: Moves, leaves: NDArray[np.bool_]) -> Move:
    return moves.move(tuple(x[leaves].sum(keepdims=True) for x in moves.leaves))
