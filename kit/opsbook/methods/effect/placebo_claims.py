"""The receipt of a design that is judged by its rank among placebos."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.effect.directed_claim import UNWANTED, WANTED, Claim
from opsbook.methods.effect.fake_treatment import POWER, FakeTreatment


def placebo_claims(
    placebos: ArrayLike, *, better_is_higher: bool, aim: float | None = None
) -> FakeTreatment:
    """Count what the rank among placebos would have claimed of the placebos themselves.

    Each untreated unit's effect is ranked among those of the others, by the rule of the treated
    one: an improvement is claimed where its one-sided p-value, itself counted in, is at most 5 %,
    a worsening where it is at most 2.5 %. A true effect moves a unit's own placebo by its size.
    Assumes that the placebos were found as the effect was, each against the other controls.

    Args:
        placebos: Effect of each untreated unit, had it been the treated one, in the metric's unit.
        better_is_higher: Which way the metric is better.
        aim: The change to be shown, signed; its size is used in the wanted direction.

    Returns:
        Effects, claims and shares.

    Raises:
        DataError: If there are fewer than 20 placebos: then no rank is low enough for a claim.

    References:
        Abadie, Diamond & Hainmueller (2010), JASA 105, 493-505. doi:10.1198/jasa.2009.ap08746

    Examples:
        >>> claims = placebo_claims(range(40), better_is_higher=True).claims
        >>> [place for place, claim in enumerate(claims) if claim == "improved"]
        [38, 39]
    """
    effects = np.asarray(placebos, dtype=float)
    allowed = int(WANTED * effects.size + 1e-9) - 1
    if allowed < 0:
        raise DataError(
            f"{effects.size} placebos cannot give a p-value of {WANTED:.0%}.",
            f"{round(1 / WANTED)} units without the change are needed, or another design.",
        )
    gain = effects if better_is_higher else -effects
    ahead = (gain[:, None] <= gain).sum(axis=1) - 1
    behind = (gain[:, None] >= gain).sum(axis=1) - 1
    claims: list[Claim] = [
        "improved"
        if (1 + better) / effects.size <= WANTED + 1e-9
        # The same rule against the wanted direction, at its stricter level.
        else "worsened"
        if (1 + worse) / effects.size <= UNWANTED + 1e-9
        else "nothing"
        for better, worse in zip(ahead, behind, strict=True)
    ]
    ranked = np.sort(gain)[::-1]
    # A unit among the leaders has one of them less to pass.
    needed = np.where(gain >= ranked[allowed], ranked[allowed + 1], ranked[allowed]) - gain
    return FakeTreatment(
        effects=tuple(effects.tolist()),
        claims=tuple(claims),
        needed=tuple(needed.tolist()),
        power=None if aim is None else float(np.mean(abs(aim) > needed)),
        detectable=max(float(np.quantile(needed, POWER, method="inverted_cdf")), 0.0),
    )
