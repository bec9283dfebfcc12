"""Which slices may be claimed, given how the rates of their leaves changed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.change_claims import Direction
from opsbook.methods.diagnosis.slice_claims import ClaimRules, slice_claims
from opsbook.methods.diagnosis.slice_cube import Conditions, Floats, SliceCube
from opsbook.methods.diagnosis.slice_rates import MOST_UNSEEN_DRIFT, SliceRates
from opsbook.methods.diagnosis.slice_sums import Candidate, SliceSums
from opsbook.methods.diagnosis.wider_slice import Move, narrower_slice, wider_slice

_KNEE = 5.0  # evidence of a leaf up to here counts in full, beyond with its logarithm
_LOWEST, _VOTE = -5.0, 5.0
_PER_CONDITION = 1.5
_HALF_A_MISS = 0.25  # more in either period, against as many trials in the other
_MATERIAL = 0.6  # least evidence of a further slice, as a share of the first one's

_UNMOVED = 0.3  # a slice with more unmoved parts is shorter to say by those that moved


def rate_claims(
    cube: SliceCube,
    rates: SliceRates,
    overall: float,
    usual: float | None,
    *,
    alpha: float,
    purity: float,
) -> tuple[list[tuple[Candidate, Direction]], float]:
    """Claim falls and rises; where the grand total is claimed, look for slices beyond it too.

    Args:
        cube: The leaves.
        rates: Their counts, as shares.
        overall: Overall rate before.
        usual: How much rates drift by their own past; None where it is not known.
        alpha: False discovery rate, in (0, 1).
        purity: Least share of a slice's votes that agree with the change.

    Returns:
        The claims and their directions, and the drift they stand out from.
    """
    claims, drift = _both_ways(cube, rates, overall, usual, alpha=alpha, purity=purity)
    if any(not claim.conditions for claim, _ in claims):
        beyond = rates.without_common_shift()
        scatter = beyond.scatter()
        if scatter is not None:
            level = float(beyond.hits_before.sum() / beyond.trials_before.sum())
            further, _ = _both_ways(cube, beyond, level, scatter, alpha=alpha, purity=purity)
            claims += [(claim, direction) for claim, direction in further if claim.conditions]
    return claims, drift


def _both_ways(
    cube: SliceCube,
    rates: SliceRates,
    overall: float,
    usual: float | None,
    *,
    alpha: float,
    purity: float,
) -> tuple[list[tuple[Candidate, Direction]], float]:
    """Claim slices first in the direction that the total went, then in the other."""
    down = rates.pooled(np.ones(cube.n_leaves, bool)).falls()[0] >= 0
    directions: tuple[Direction, Direction] = ("fell", "rose") if down else ("rose", "fell")
    claims: list[tuple[Candidate, Direction]] = []
    unclaimed = np.ones(cube.n_leaves, bool)
    drifts = []
    prior = rates.prior_weight(overall)
    for direction in directions:
        fell = direction == "fell"
        told = [d for d in (usual, rates.drift(fell)) if d is not None]
        drift = min(told, default=MOST_UNSEEN_DRIFT)
        by_their_past = usual is not None and drift == usual
        drifts.append(drift)
        weigh = partial(SliceRates.evidence, fell=fell, overall=overall, drift=drift, prior=prior)
        pool = _RatePool(
            leaves=tuple(np.where(unclaimed, x, 0.0) for x in rates.amounts()),
            weigh=weigh,
        )
        moves = _RateMoves(
            leaves=(rates.trials, *rates.stratified(drift), *rates.odds_against()),
            sign=1.0 if fell else -1.0,
        )
        sums = SliceSums(
            cube,
            np.where(unclaimed, _bent(weigh(rates)), 0.0),
            vote=_VOTE,
            per_condition=_PER_CONDITION,
            pool=pool,
        )
        rules = ClaimRules(
            alpha=alpha,
            purity=purity,
            unmoved=_UNMOVED,
            material=_MATERIAL,
            least=_MATERIAL * max((c.net for c, _ in claims), default=0.0),
        )
        found = slice_claims(
            sums,
            rules,
            confirm=partial(_confirmed, cube=cube, moves=moves),
            prove=partial(_proof, cube=cube, moves=moves) if by_their_past else None,
            widen=partial(_fitted, cube=cube, moves=moves),
            open_leaves=unclaimed,
        )
        claims.extend((claim, direction) for claim in found)
    return claims, drifts[0]


def _confirmed(
    claim: Candidate, unclaimed: NDArray[np.bool_], *, cube: SliceCube, moves: _RateMoves
) -> bool:
    """Ask the leaves of a slice once more, each against its own past alone.

    A leaf of few trials leans on the overall rate before; where that is not the slice's own
    rate, its leaves seem to have moved, all to the same side.
    """
    told = _proof(claim, unclaimed, cube=cube, moves=moves)
    return told >= -_PER_CONDITION * len(claim.conditions)


def _proof(
    claim: Candidate, unclaimed: NDArray[np.bool_], *, cube: SliceCube, moves: _RateMoves
) -> float:
    """What the leaves of a slice say together, each against its own past, less the name's cost.

    In full, where the scores of leaves are bent: that guards against a drift which the other
    leaves tell badly, and is not called for where their own past tells it.
    """
    inside = cube.members(claim.conditions) & unclaimed
    told = moves.move(tuple(x[inside].sum(keepdims=True) for x in moves.leaves))
    return float(told.evidence[0]) - claim.cost


def _fitted(
    conditions: Conditions, unclaimed: NDArray[np.bool_], *, cube: SliceCube, moves: _RateMoves
) -> Conditions:
    """Name the slice as narrowly and as widely as its parts moved."""
    narrow = narrower_slice(conditions, unclaimed, cube=cube, moves=moves)
    return wider_slice(narrow, unclaimed, cube=cube, moves=moves)


@dataclass(frozen=True, kw_only=True, eq=False)
class _RatePool:
    """Counts of leaves, added up and weighed as if they were one leaf."""

    leaves: tuple[NDArray[np.float64], ...]
    weigh: Callable[[SliceRates], Floats]

    def evidence(self, sums: tuple[Floats, ...]) -> Floats:
        return _bent(self.weigh(_as_rates(sums)))

    def unmoved(self, parts: tuple[Floats, ...], _refuted: float) -> NDArray[np.bool_]:
        return self.evidence(parts) < 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _RateMoves:
    """How leaves moved against their own past: trials, falls, their variance, odds in parts.

    How far is told by the odds: near its end a rate has few points left to move by.
    """

    leaves: tuple[NDArray[np.float64], ...]
    sign: float

    def move(self, sums: tuple[Floats, ...]) -> Move:
        trials, fall, variance, fallen, risen = sums
        told = np.square(fall) / np.maximum(variance, 1e-300) / 2.0
        return Move(
            extent=self.sign * np.log((fallen + _HALF_A_MISS) / (risen + _HALF_A_MISS)),
            weight=np.sqrt(np.maximum(trials, 0.0)),
            evidence=np.asarray(self.sign * np.sign(fall) * told),
        )


def _as_rates(sums: tuple[Floats, ...]) -> SliceRates:
    hits, trials, hits_before, trials_before = (np.maximum(x, 0.0) for x in sums)
    return SliceRates(
        hits=np.minimum(hits, trials),
        trials=trials,
        hits_before=np.minimum(hits_before, trials_before),
        trials_before=trials_before,
    )


def _bent(evidence: Floats) -> NDArray[np.float64]:
    """Let strong evidence count with its logarithm."""
    much = _KNEE * np.log1p(evidence.clip(0.0) / _KNEE)
    return np.where(evidence > 0, much, evidence.clip(_LOWEST))
