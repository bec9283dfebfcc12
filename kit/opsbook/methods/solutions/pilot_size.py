"""What a planned pilot can show, and how long it must run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import nct, norm
from scipy.stats import t as student

from opsbook.errors import DataError

DAYS_IN_WEEK = 7

FEWEST = 4.0
"""Two cases in each group: fewer show nothing."""


@dataclass(frozen=True, kw_only=True)
class PilotPlan:
    """A pilot beside a control group.

    Attributes:
        daily_volume: Cases per day in pilot and control together: visitors, orders, calls.
        share: Share of them in the pilot, between 0 and 1.
        days: How long it is planned to run.
    """

    daily_volume: float
    share: float
    days: float


@dataclass(frozen=True, kw_only=True)
class PilotSize:
    """What the pilot can show; kept with the forecast, for the effect to be held against.

    Attributes:
        forecast: The effect that is expected, pilot minus control, in the metric's unit.
        minimum_detectable_effect: The smallest effect, of the forecast's sign, that the planned
            pilot finds with the wanted power; None if not even the largest possible one.
        power_of_plan: Probability that the planned pilot finds the forecast.
        enough: Whether the planned pilot is long enough for the forecast.
        days_needed: Days until the forecast is found with the wanted power, in whole weeks.
        cases_needed: Cases needed for it in pilot and control together, before rounding to weeks.
        n_pilot: Cases in the pilot as planned.
        n_control: Cases in the control group as planned.
        power: The wanted power.
        confidence: The confidence of the two-sided test.
    """

    forecast: float
    minimum_detectable_effect: float | None
    power_of_plan: float
    enough: bool
    days_needed: int
    cases_needed: float
    n_pilot: float
    n_control: float
    power: float
    confidence: float


def pilot_size(
    plan: PilotPlan,
    *,
    forecast: float,
    baseline: float | None = None,
    sd: float | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    design_effect: float = 1.0,
) -> PilotSize:
    """Tell the smallest effect a pilot can show and how long it must run for the forecast one.

    A rate (give ``baseline``) is tested by two proportions, an average (give ``sd``) by
    Student's t. What most often fails: cases that are not independent, as of one customer,
    clerk or store; then each brings less, by the design effect, 1 + (cases per cluster - 1) x
    correlation within it.

    Args:
        plan: Volume, share and days of the pilot.
        forecast: The expected effect, pilot minus control, in the metric's unit; not zero.
        baseline: For a rate: its value without the change, between 0 and 1.
        sd: For an average: the standard deviation of a single case.
        power: Wanted probability of finding the forecast if it is true.
        confidence: Confidence of the two-sided test.
        design_effect: By how much dependence between cases inflates the variance, 1 or more.

    Returns:
        Minimum detectable effect, power and the days needed.

    Raises:
        DataError: If not exactly one of baseline and sd is given, a number lies outside its
            range, the forecast is zero, or it carries the rate out of 0..1.

    References:
        Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 4
        (without continuity correction). Cohen (1988), Statistical Power Analysis, chapter 2.

    Examples:
        >>> plan = PilotPlan(daily_volume=100, share=0.5, days=14)
        >>> size = pilot_size(plan, forecast=0.05, baseline=0.15)
        >>> round(size.cases_needed / 2, 1), size.days_needed, size.enough
        (905.4, 21, False)
    """
    _check(plan, forecast, baseline, sd, power, confidence, design_effect)
    if baseline is not None:
        power_at = _power_of_rates(baseline, plan.share, confidence)
        largest = 1 - baseline if forecast > 0 else baseline
    else:
        power_at = _power_of_means(sd or 0.0, plan.share, confidence)
        largest = math.inf
    effective = plan.daily_volume * plan.days / design_effect
    needed = _first(
        lambda cases: power_at(abs(forecast), forecast > 0, cases), power, FEWEST, math.inf
    )
    smallest = _first(lambda size: power_at(size, forecast > 0, effective), power, 0.0, largest)
    days = math.inf if needed is None else needed * design_effect / plan.daily_volume
    if needed is None or not math.isfinite(days):
        raise DataError(
            f"No pilot of practicable length finds an effect of {forecast:g}.",
            "Check the forecast and its unit.",
        )
    planned = power_at(abs(forecast), forecast > 0, effective)
    return PilotSize(
        forecast=forecast,
        minimum_detectable_effect=None if smallest is None else math.copysign(smallest, forecast),
        power_of_plan=planned,
        enough=planned >= power,
        days_needed=DAYS_IN_WEEK * math.ceil(round(days / DAYS_IN_WEEK, 9)),
        cases_needed=needed * design_effect,
        n_pilot=plan.daily_volume * plan.days * plan.share,
        n_control=plan.daily_volume * plan.days * (1 - plan.share),
        power=power,
        confidence=confidence,
    )


PowerAt = Callable[[float, bool, float], float]
"""Power at an effect's size, whether it is upwards, and the effective number of cases."""


def _power_of_rates(baseline: float, share: float, confidence: float) -> PowerAt:
    z = float(norm.ppf(0.5 + confidence / 2))

    def power_at(size: float, upwards: bool, cases: float) -> float:
        if cases < FEWEST:
            return 0.0
        changed = min(1.0, max(0.0, baseline + size if upwards else baseline - size))
        pooled = share * changed + (1 - share) * baseline
        n_pilot, n_control = cases * share, cases * (1 - share)
        under_null = math.sqrt(pooled * (1 - pooled) * (1 / n_pilot + 1 / n_control))
        variance = changed * (1 - changed) / n_pilot + baseline * (1 - baseline) / n_control
        return float(norm.cdf((size - z * under_null) / math.sqrt(variance)))

    return power_at


def _power_of_means(sd: float, share: float, confidence: float) -> PowerAt:
    def power_at(size: float, upwards: bool, cases: float) -> float:
        del upwards  # an average spreads the same way up and down
        if cases < FEWEST:
            return 0.0
        shift = size / sd * math.sqrt(cases * share * (1 - share))
        critical = float(student.ppf(0.5 + confidence / 2, cases - 2))
        return float(nct.sf(critical, cases - 2, shift))

    return power_at


def _first(
    power_at: Callable[[float], float], power: float, least: float, most: float
) -> float | None:
    """Return the least argument at which the power is reached; None if not even the most."""
    if power_at(least) >= power:
        return least
    low, high = least, min(max(least, 2.0**-40), most)
    while power_at(high) < power:
        if high >= min(most, 2.0**50):
            return None
        low, high = high, min(2 * high, most)
    return float(brentq(lambda x: power_at(x) - power, low, high, xtol=1e-15, rtol=1e-12))


def _check(
    plan: PilotPlan,
    forecast: float,
    baseline: float | None,
    sd: float | None,
    power: float,
    confidence: float,
    design_effect: float,
) -> None:
    if (baseline is None) == (sd is None):
        raise DataError(
            "A pilot needs a baseline (of a rate) or a standard deviation (of an average).",
            "Give exactly one of them.",
        )
    ranges = (
        ("daily volume", plan.daily_volume, 0.0, math.inf),
        ("share of the pilot", plan.share, 0.0, 1.0),
        ("number of days", plan.days, 0.0, math.inf),
        ("baseline", 0.5 if baseline is None else baseline, 0.0, 1.0),
        ("standard deviation", 1.0 if sd is None else sd, 0.0, math.inf),
        ("power", power, 0.5, 1.0),
        ("confidence", confidence, 0.0, 1.0),
    )
    for what, value, low, high in ranges:
        if not low < value < high:
            end = "" if high == math.inf else f" and under {high:g}"
            raise DataError(f"The {what} is {value:g}.", f"Give a number over {low:g}{end}.")
    if not 1 <= design_effect < math.inf:
        raise DataError(f"The design effect is {design_effect:g}.", "Give 1 or more.")
    if not math.isfinite(forecast) or forecast == 0:
        raise DataError(
            f"The forecast effect is {forecast:g}.", "Forecast a change, up or down, in the unit."
        )
    if baseline is not None and not 0 <= baseline + forecast <= 1:
        raise DataError(
            f"A forecast of {forecast:+g} carries the rate from {baseline:g} to "
            f"{baseline + forecast:g}.",
            "Write rates as shares: five percentage points are 0.05.",
        )
