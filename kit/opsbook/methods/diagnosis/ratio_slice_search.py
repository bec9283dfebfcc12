"""Which slices of a table explain the change of a ratio?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.change_claims import Direction
from opsbook.methods.diagnosis.rate_claims import rate_claims
from opsbook.methods.diagnosis.slice_claims import chance, refuse_settings
from opsbook.methods.diagnosis.slice_cube import Conditions, SliceCube, slice_cube
from opsbook.methods.diagnosis.slice_rates import SliceRates, drift_over_periods
from opsbook.methods.diagnosis.slice_sums import Candidate


@dataclass(frozen=True, kw_only=True)
class RatioSlice:
    """A slice whose ratio moved, beside the rest of the table.

    Attributes:
        conditions: (dimension, code) pairs that name the slice; none for the grand total.
        direction: Whether the ratio fell or rose.
        actual: Its ratio.
        expected: Its expected ratio; None where its expected denominator is 0.
        denominator: What its ratio rests on.
        expected_denominator: What its expected ratio rests on.
        rest_actual: Ratio of everything outside it; None where nothing is.
        rest_expected: Expected ratio of everything outside it; None where nothing is.
        purity: Share of its leaves' votes that agree with the change, 0 to 1.
        evidence: Log-likelihood ratio against drift, less the cost of naming the slice.
        p_value: Bound on the probability that chance alone finds a slice as strong.
    """

    conditions: Conditions
    direction: Direction
    actual: float | None
    expected: float | None
    denominator: float
    expected_denominator: float
    rest_actual: float | None
    rest_expected: float | None
    purity: float
    evidence: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class RatioSliceSearch:
    """The slices that explain the change of a ratio, strongest first.

    Attributes:
        method: Name of the method, the same as its module and its params value.
        slices: The claimed slices; empty where nothing stands out from the drift.
        everywhere: Whether the change is one of the grand total: no slice is to blame.
        drift: Intraclass correlation of what ratios do by themselves.
        actual: Overall ratio.
        expected: Expected overall ratio.
        leaves: Number of leaves with a denominator.
        alpha: False discovery rate that the claims keep to.
    """

    method: str
    slices: tuple[RatioSlice, ...]
    everywhere: bool
    drift: float
    actual: float
    expected: float
    leaves: int
    alpha: float


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """The rows of a table in earlier periods.

    Attributes:
        numerator: Successes or amounts, shape (n_periods, n), in the order of time.
        denominator: Trials or amounts, same shape.
        length: How many such periods the numbers now are the sum of, where that is known.
    """

    numerator: ArrayLike
    denominator: ArrayLike
    length: int | None = None


def ratio_slice_search(
    codes: ArrayLike,
    numerator: ArrayLike,
    denominator: ArrayLike,
    expected_numerator: ArrayLike,
    expected_denominator: ArrayLike,
    *,
    history: History | None = None,
    alpha: float = 0.05,
    purity: float = 0.6,
) -> RatioSliceSearch:
    """Find the few slices of a multi-dimensional table whose ratio left its expectation.

    Each leaf's counts are weighed: any lower (higher) rate against the former one, as far as
    it is known and rates drift by themselves. Strong leaves count with the logarithm of their
    strength, so that breadth decides and not the largest leaf; a slice may also be weighed as
    if it were one leaf. Its leaves, each against its own past alone, must confirm it; where
    earlier periods tell how much they drift, that evidence counts in full, so that one shop of
    four is named as well as one of forty. The slice with the most evidence left after the cost of
    naming it is taken; it climbs to a parent while what the parent adds moved too, on most of its
    values and the same way, in terms of odds; then it is taken out.
    Where everything moved, slices that moved further are looked for beyond that.

    Assumes that trials within a leaf are independent up to a common drift. Ratios that are no
    shares (numerator above denominator) are compared as numerator / (numerator + k *
    denominator), with the spread calibrated on the leaves that moved the other way.

    Args:
        codes: Values of each row's dimensions as whole numbers from 0, shape (n, dimensions);
            rows with the same codes are added up.
        numerator: Successes or amounts now, shape (n,), not negative.
        denominator: Trials or amounts now, shape (n,), not negative.
        expected_numerator: The same before, or forecast, shape (n,).
        expected_denominator: The same before, or forecast, shape (n,).
        history: The rows' own past, which tells how rates drift by themselves; used for shares
            only.
        alpha: False discovery rate of the claimed slices, in (0, 1).
        purity: Least share of a slice's votes that must agree with the change, in [0.5, 1].

    Returns:
        The slices, each with its remainder, or "everywhere", or none.

    Raises:
        DataError: If the shapes differ, a number is negative or not finite, codes are not
            whole numbers from 0, a denominator is 0 everywhere, or alpha or purity is out of
            range.

    References:
        Own combination of known parts; for the problem see Kulldorff (1997), A spatial scan
        statistic, Commun. Stat. 26, 1481-1496.

    Examples:
        >>> codes = [[shop, channel] for shop in range(6) for channel in range(4)]
        >>> late = [5 + 20 * (shop == 2) for shop, _ in codes]
        >>> found = ratio_slice_search(codes, late, [100] * 24, [5] * 24, [100] * 24)
        >>> [(s.conditions, s.actual, s.rest_actual) for s in found.slices]
        [(((0, 2),), 0.25, 0.05)]
    """
    cube = slice_cube(codes)
    refuse_settings(alpha, purity)
    amounts = SliceRates(
        hits=_amounts(cube, numerator, "numerator"),
        trials=_amounts(cube, denominator, "denominator"),
        hits_before=_amounts(cube, expected_numerator, "expected_numerator"),
        trials_before=_amounts(cube, expected_denominator, "expected_denominator"),
    )
    for name, values in (
        ("denominator", amounts.trials),
        ("expected_denominator", amounts.trials_before),
    ):
        if not values.any():
            raise DataError(f"'{name}' is 0 everywhere.", "Check the column and the filter.")
    rates, overall = amounts.as_shares()
    usual = None
    if history is not None and rates.trials is amounts.trials:
        hits, trials = (_past(cube, x) for x in (history.numerator, history.denominator))
        usual = drift_over_periods(hits, trials, history.length)
    claims, drift = rate_claims(cube, rates, overall, usual, alpha=alpha, purity=purity)
    found = [_describe(cube, amounts, claim, direction) for claim, direction in claims]
    found.sort(key=lambda s: (-round(s.evidence, 6), s.conditions))
    return RatioSliceSearch(
        method="ratio_slice_search",
        slices=tuple(found),
        everywhere=any(not s.conditions for s in found),
        drift=drift,
        actual=float(amounts.hits.sum() / amounts.trials.sum()),
        expected=float(amounts.hits_before.sum() / amounts.trials_before.sum()),
        leaves=int(np.count_nonzero(amounts.trials)),
        alpha=alpha,
    )


def _amounts(cube: SliceCube, values: ArrayLike, name: str) -> NDArray[np.float64]:
    totals = cube.total_named(values, name)
    least = float(np.min(np.asarray(values, float)))
    if least < 0:
        raise DataError(
            f"'{name}' holds the negative value {least:g}.",
            "A ratio is searched over counts or amounts from 0.",
        )
    return totals


def _past(cube: SliceCube, periods: ArrayLike) -> NDArray[np.float64]:
    table = np.atleast_2d(np.asarray(periods, float))
    return np.array([_amounts(cube, values, "history") for values in table])


def _describe(
    cube: SliceCube, amounts: SliceRates, claim: Candidate, direction: Direction
) -> RatioSlice:
    inside = cube.members(claim.conditions)
    here, rest = amounts.pooled(inside), amounts.pooled(~inside)
    return RatioSlice(
        conditions=claim.conditions,
        direction=direction,
        actual=_quotient(here.hits, here.trials),
        expected=_quotient(here.hits_before, here.trials_before),
        denominator=float(here.trials[0]),
        expected_denominator=float(here.trials_before[0]),
        rest_actual=_quotient(rest.hits, rest.trials),
        rest_expected=_quotient(rest.hits_before, rest.trials_before),
        purity=claim.purity,
        evidence=claim.net,
        p_value=chance(claim.net),
    )


def _quotient(above: NDArray[np.float64], below: NDArray[np.float64]) -> float | None:
    return float(above[0] / below[0]) if below[0] > 0 else None
