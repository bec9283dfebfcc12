"""The receipt of a controlled design: what its rule finds where no unit was treated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.directed_claim import UNWANTED, WANTED, Claim
from opsbook.methods.estimate import Estimate

POWER = 0.8
RANK_LIMIT = 0.05


@dataclass(frozen=True, kw_only=True)
class FakeTreatment:
    """How often a controlled comparison would have been wrong, and how often right.

    Attributes:
        effects: Effect of each control, had it been the treated one, in the metric's unit.
        claims: What would have been claimed of each.
        needed: The improvement, without sign, that each would just have shown; it can be
            negative where there is a false alarm.
        power: Share that would have shown the aim; None without an aim.
        detectable: The smallest improvement that `POWER` of them would have shown.
    """

    effects: tuple[float, ...]
    claims: tuple[Claim, ...]
    needed: tuple[float, ...]
    power: float | None
    detectable: float


def fake_treatment(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    after: ArrayLike,
    better_is_higher: bool,
    aim: float | None = None,
) -> FakeTreatment:
    """Count the false alarms and the power of the verdict's rule over untreated units.

    Each unit in turn plays the treated one of a difference in differences against the others.
    An improvement is claimed where the one-sided test against the others passes and at most 5 %
    of the others went as far. A true effect would have moved the unit's change by its size, so
    that the power needs no second fit.

    Args:
        numerators: Untreated units only, shape (units, periods), see
            `difference_in_differences`.
        denominators: Same shape, or None for plain values.
        after: Boolean, shape (periods,).
        better_is_higher: Which way the metric is better.
        aim: The change to be shown, signed; its size is used in the wanted direction.

    Returns:
        Effects, claims and shares.

    Raises:
        DataError: If fewer than three units are there, or their changes do not differ.

    Examples:
        >>> panel = [[1, 5], [1, 2], [1, 1], [1, 3], [1, 2], [1, 3]]
        >>> fake_treatment(panel, after=[False, True], better_is_higher=True).claims[1]
        'nothing'
    """
    above = np.asarray(numerators, dtype=float)
    below = None if denominators is None else np.asarray(denominators, dtype=float)
    units = above.shape[0]
    if units < 3:
        raise DataError(
            f"{units} untreated units cannot play the treated one.", "Three are needed at least."
        )
    sign = 1.0 if better_is_higher else -1.0
    found = [
        difference_in_differences(above, below, treated=unit, after=after).estimate
        for unit in range(units)
    ]
    if any(each.p_value is None for each in found):
        raise DataError("The units' changes do not differ.", "Check the columns of the metric.")
    gain = np.array([each.effect for each in found]) * sign
    error = np.array([one_against_many_error(each) for each in found])
    reach = float(special.stdtrit(units - 2, 1 - WANTED))
    needed = np.maximum(reach * error - gain, _beyond(gain) - gain)
    harmed = -gain >= np.maximum(
        float(special.stdtrit(units - 2, 1 - UNWANTED)) * error, _beyond(-gain)
    )
    claims: list[Claim] = [
        "improved" if need <= 0 else "worsened" if worse else "nothing"
        for need, worse in zip(needed, harmed, strict=True)
    ]
    return FakeTreatment(
        effects=tuple((gain * sign).tolist()),
        claims=tuple(claims),
        needed=tuple(needed.tolist()),
        power=None if aim is None else float(np.mean(abs(aim) >= needed)),
        detectable=max(float(np.quantile(needed, POWER, method="inverted_cdf")), 0.0),
    )


def needed_improvement(estimate: Estimate, *, better_is_higher: bool) -> float:
    """The improvement, without sign, that would just have passed the one-sided test.

    Args:
        estimate: A fake launch, made by `difference_in_differences`.
        better_is_higher: Which way the metric is better.

    Returns:
        What is needed beyond the fake launch's own effect; negative at a false alarm.

    Examples:
        >>> one = Estimate(method="m", effect=0.0, lower=-2.1, upper=2.1, p_value=1.0, n=22)
        >>> round(needed_improvement(one, better_is_higher=True), 2)
        1.74
    """
    reach = float(special.stdtrit(estimate.n - 2, 1 - WANTED))
    sign = 1 if better_is_higher else -1
    return reach * one_against_many_error(estimate) - estimate.effect * sign


def further_units(*, controls: int, seen: float, aim: float) -> int | None:
    """Tell how many more treated units would show the aim.

    The error of a comparison of k treated units with N controls shrinks with 1/k + 1/N. Assumes
    that further units scatter as the controls do.

    Args:
        controls: Number of controls.
        seen: The smallest effect that one treated unit shows.
        aim: The change to be shown; the sign is ignored.

    Returns:
        Further units, 0 if one suffices, or None if no number up to that of the controls does.

    Examples:
        >>> further_units(controls=20, seen=3.0, aim=2.5), further_units(controls=3, seen=9, aim=1)
        (1, None)
    """
    for units in range(1, controls + 1):
        if seen * math.sqrt((1 / units + 1 / controls) / (1 + 1 / controls)) <= abs(aim):
            return units - 1
    return None


def further_periods(errors: Sequence[float], *, seen: float, aim: float) -> int | None:
    """Tell how many more periods after the launch would show the aim.

    Args:
        errors: Standard error of the comparison with 0, 1, 2 … further periods, as it was in
            the past.
        seen: The smallest effect that the periods so far show.
        aim: The change to be shown; the sign is ignored.

    Returns:
        Further periods, or None if the errors given never become small enough.

    Examples:
        >>> further_periods([2.0, 1.5, 1.0], seen=6.0, aim=3.0)
        2
    """
    for more, error in enumerate(errors):
        if seen * error / errors[0] <= abs(aim):
            return more
    return None


def _beyond(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each unit's gain must reach for no more than 5 % of the others to stand as high."""
    limits = []
    for unit in range(gain.size):
        others = np.sort(np.delete(gain, unit))[::-1]
        allowed = math.floor(RANK_LIMIT * others.size + 1e-9)
        limits.append(np.nextafter(others[allowed], np.inf))
    return np.array(limits)


def one_against_many_error(estimate: Estimate) -> float:
    """Standard error of a one-against-many estimate, from its interval.

    Args:
        estimate: Made by `difference_in_differences`.

    Returns:
        The error in the estimate's unit; infinite where there is no interval.

    Examples:
        >>> one = Estimate(method="m", effect=0.0, lower=-2.1, upper=2.1, p_value=1.0, n=22)
        >>> round(one_against_many_error(one), 2)
        1.01
    """
    if estimate.lower is None or estimate.upper is None:
        return math.inf
    reach = float(special.stdtrit(estimate.n - 2, (1 + estimate.confidence) / 2))
    return (estimate.upper - estimate.lower) / 2 / reach
