"""Which slices may be claimed, so that false claims stay rare?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.slice_cube import Conditions
from opsbook.methods.diagnosis.slice_sums import Candidate, SliceSums

MOST_CLAIMS = 64
_BEYOND_DOUBT = 40.0  # a slice with this much evidence is named however strong the first is


@dataclass(frozen=True, kw_only=True)
class ClaimRules:
    """What a slice must show before it is claimed.

    Attributes:
        alpha: False discovery rate, in (0, 1).
        purity: Least share of a slice's votes that agree with the change, in [0, 1].
        unmoved: Pass over a slice of which more than this share of the parts along a dimension
            is proven unmoved, at the same alpha.
        material: Least evidence of a further slice, as a share of the first one's.
        least: Least evidence of any slice.
    """

    alpha: float
    purity: float
    unmoved: float
    material: float = 0.0
    least: float = 0.0


def slice_claims(
    sums: SliceSums,
    rules: ClaimRules,
    *,
    claimed: Sequence[Candidate] = (),
    confirm: Callable[[Candidate, NDArray[np.bool_]], bool] | None = None,
    prove: Callable[[Candidate, NDArray[np.bool_]], float] | None = None,
    widen: Callable[[Conditions, NDArray[np.bool_]], Conditions] | None = None,
    open_leaves: NDArray[np.bool_] | None = None,
) -> list[Candidate]:
    """Claim slices greedily, the one with the most evidence first, until none is proven.

    A slice is taken when its net score reaches log(1 / (alpha * k)), where k counts the claims
    with itself: the step-up rule for e-values, which holds the false discovery rate at alpha
    under any dependence. Then it is taken out, so that only what it leaves unexplained counts.
    Where the rest of a slice moves the same way as those inside it that are claimed already, it
    takes their place.

    Args:
        sums: Scores over all slices; the claimed ones are taken out of it.
        rules: What a slice must show.
        claimed: What is claimed already, and taken out of the sums.
        confirm: Hears another witness to a slice, given the leaves that no claim has taken yet;
            where it disagrees, the slice is passed over.
        prove: A net score of another kind, which counts where a slice's own one is positive and
            falls short of the proof.
        widen: Widens a slice, given the leaves that no claim has taken yet, or leaves it.
        open_leaves: Those leaves to begin with, all where None; updated in place.

    References:
        Wang & Ramdas (2022), J. R. Stat. Soc. B 84, 822-852. doi:10.1111/rssb.12489
    """
    claims, least = list(claimed), rules.least
    unclaimed = np.ones(sums.cube.n_leaves, bool) if open_leaves is None else open_leaves
    count = len(claimed)
    while count < MOST_CLAIMS:
        candidate = sums.best(rules.purity, refuted=log(1.0 / rules.alpha), most=rules.unmoved)
        bar = max(least, log(1.0 / (rules.alpha * (count + 1))))
        net = candidate.net
        if net < bar:
            if prove is None or net < least or net <= 0.0:
                break
            net = prove(candidate, unclaimed)
            if net < bar:
                sums.pass_over(candidate.conditions)
                continue
        if confirm is not None and not confirm(candidate, unclaimed):
            sums.pass_over(candidate.conditions)
            continue
        count += 1
        short = sums.shortened(candidate.conditions, unclaimed)
        candidate = replace(candidate, conditions=short)
        least = max(least, rules.material * min(candidate.net, _BEYOND_DOUBT))
        candidate = replace(candidate, net=net)
        if widen is not None:
            candidate = replace(candidate, conditions=widen(candidate.conditions, unclaimed))
        if candidate.conditions:
            wide = set(candidate.conditions)
            claims = [claim for claim in claims if not wide <= set(claim.conditions)]
        claims.append(candidate)
        sums.take_out(candidate.conditions)
        if widen is not None:
            unclaimed &= ~sums.cube.members(candidate.conditions)
        if not candidate.conditions:
            break
    return claims


def refuse_settings(alpha: float, purity: float) -> None:
    """Refuse a false discovery rate or a purity that no search can keep to."""
    if not 0 < alpha < 1 or not 0.5 <= purity <= 1:
        raise DataError(
            f"alpha is {alpha} and purity is {purity}.",
            "Choose alpha between 0 and 1, and purity from 0.5 to 1.",
        )


def chance(net: float) -> float:
    """Bound the probability that chance alone finds a slice with this net score."""
    return min(1.0, exp(-net))
