"""The control chart that suits a series, as a record."""

from __future__ import annotations

from opsbook.data import MetricSeries
from opsbook.methods.trigger.chart_choice import ChartChoice, chart_choice
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.control_limits import ControlChart as Computed
from opsbook.methods.trigger.laney_p_chart import laney_p_chart
from opsbook.methods.trigger.p_chart import p_chart
from opsbook.methods.trigger.xmr_chart import xmr_chart
from opsbook.results.trigger import ControlChart
from opsbook.text import Period, Quantity, Statement, say

FEWEST_PERIODS = 4


def chart(series: MetricSeries, baseline: Baseline) -> ControlChart | None:
    """Draw the limits that the data call for, or None where there are too few periods.

    Args:
        series: The metric over consecutive periods.
        baseline: Which periods set the limits.

    Raises:
        DataError: If the counts are impossible (more events than trials).
    """
    choice = chart_choice(series.value, kind="value")
    if series.metric.kind == "share":
        choice = chart_choice(series.numerator, series.denominator, kind="share")
    if choice.n < FEWEST_PERIODS:
        return None
    computed = _computed(series, choice, baseline)
    centre = next((value for value in computed.centre if value is not None), None)
    if centre is None:
        return None
    periods = tuple(Period(start=day, grain=series.grain) for day in series.periods)
    return ControlChart(
        chart=computed.method,
        reason=_reason(choice),
        periods=periods,
        centre=centre,
        lower=computed.lower,
        upper=computed.upper,
        outside=tuple(periods[i] for i in computed.outside),
        trial=computed.trial,
    )


def _computed(series: MetricSeries, choice: ChartChoice, baseline: Baseline) -> Computed:
    if choice.chart == "p_chart":
        return p_chart(series.numerator, series.denominator, baseline=baseline)
    if choice.chart == "laney_p_chart":
        return laney_p_chart(series.numerator, series.denominator, baseline=baseline)
    return xmr_chart(series.value, baseline=baseline)


def _reason(choice: ChartChoice) -> Statement:
    if choice.dispersion is None:
        return {
            "one_value_per_period": say("XmR chart: one value per period."),
            "no_variation": say("p chart: the counts do not vary at all."),
        }.get(choice.reason, say("p chart: too few periods to test for overdispersion."))
    times = Quantity(value=choice.dispersion, digits=1)
    p_value = Quantity(value=choice.p_value or 0.0, unit="p")
    if choice.reason == "counting_explains":
        return say(
            "p chart: counting alone explains how neighbouring periods differ (variance {times} "
            "times what counting gives, p = {p}).",
            times=times,
            p=p_value,
        )
    return say(
        "p′ chart (Laney): neighbouring periods differ {times} times as much in variance as "
        "counting alone explains (p {p}), so limits from counting would cry wolf.",
        times=times,
        p=p_value,
    )
