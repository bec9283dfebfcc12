"""Chart choice: let the data say whether counting alone explains their unrest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from opsbook.errors import DataError
from opsbook.methods.trigger.laney_p_chart import standardised
from opsbook.methods.trigger.series import as_counts, as_one_series

Kind = Literal["share", "rate", "value"]
Reason = Literal[
    "one_value_per_period",
    "too_few_periods",
    "no_variation",
    "overdispersed",
    "underdispersed",
    "counting_explains",
]
FEWEST = 4
"""Fewer neighbouring pairs than this test nothing."""


@dataclass(frozen=True, kw_only=True)
class ChartChoice:
    """The chart that suits the data, and why.

    Attributes:
        chart: Name of the chart's method.
        reason: Key of the sentence that explains the choice.
        dispersion: Variance between neighbouring periods over the variance that counting alone
            gives; 1 when cases are independent. None where it was not tested.
        p_value: Two-sided p-value of "counting alone explains it"; None where not tested.
        n: Periods with data.
    """

    chart: Literal["xmr_chart", "p_chart", "laney_p_chart", "u_chart", "laney_u_chart"]
    reason: Reason
    dispersion: float | None
    p_value: float | None
    n: int


def chart_choice(
    values: ArrayLike,
    sizes: ArrayLike | None = None,
    *,
    kind: Kind,
    alpha: float = 0.05,
) -> ChartChoice:
    """Choose between p and p′ (shares), u and u′ (rates), or take XmR (values).

    Tests the mean square of successive differences of the standardised rates, which a shift or a
    slow drift hardly moves, against its scaled chi-square distribution under pure counting. Very
    rare events (fewer than about one a period) make that approximation rough.

    Args:
        values: Events per period (``share``, ``rate``), or the values themselves (``value``),
            shape (n,); NaN marks a gap.
        sizes: Trials (``share``) or exposure (``rate``) per period, shape (n,).
        kind: What the values are.
        alpha: Two-sided level of the test.

    Raises:
        DataError: If sizes are missing for counts, or the counts are impossible.

    References:
        von Neumann et al. (1941), Annals of Mathematical Statistics 12, 153-162.

    Examples:
        >>> choice = chart_choice([100, 300, 100, 300, 110, 290], [1000] * 6, kind="share")
        >>> choice.chart, choice.reason
        ('laney_p_chart', 'overdispersed')
    """
    if kind == "value":
        n = int((~np.isnan(as_one_series(values))).sum())
        return ChartChoice(
            chart="xmr_chart", reason="one_value_per_period", dispersion=None, p_value=None, n=n
        )
    if sizes is None:
        raise DataError(
            f"A chart of kind '{kind}' needs the size of each period.",
            "Give trials for shares, exposure for rates.",
        )
    as_one_series(values, "events")
    share = kind == "share"
    events, base = as_counts(values, sizes, "trials" if share else "exposure", at_most_size=share)
    present = ~np.isnan(events)
    n = int(present.sum())
    rate = events[present].sum() / base[present].sum() if n else np.nan
    variance = rate * (1 - rate) if share else rate
    z = standardised(events / base, np.full(len(base), rate), np.sqrt(variance / base))
    squares = np.diff(z) ** 2
    squares = squares[~np.isnan(squares)]
    plain: Literal["p_chart", "u_chart"] = "p_chart" if share else "u_chart"
    if len(squares) < FEWEST:
        # An impossible variance of zero leaves no z at all, however many periods there are.
        reason: Reason = "no_variation" if n > FEWEST and not variance > 0 else "too_few_periods"
        return ChartChoice(chart=plain, reason=reason, dispersion=None, p_value=None, n=n)
    pairs = len(squares)
    dispersion = float(squares.mean() / 2)
    freedom = 2 * pairs**2 / (3 * pairs - 1)
    upper = float(chi2.sf(dispersion * freedom, freedom))
    p_value = min(1.0, 2 * min(upper, 1 - upper))
    if p_value >= alpha:
        return ChartChoice(
            chart=plain, reason="counting_explains", dispersion=dispersion, p_value=p_value, n=n
        )
    return ChartChoice(
        chart="laney_p_chart" if share else "laney_u_chart",
        reason="overdispersed" if dispersion > 1 else "underdispersed",
        dispersion=dispersion,
        p_value=p_value,
        n=n,
    )
