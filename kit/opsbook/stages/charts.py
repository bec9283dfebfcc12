"""The control chart that suits a series, as a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats
from opsbook.methods.trigger.chart_choice import ChartChoice, chart_choice
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.control_limits import ControlChart as Computed
from opsbook.methods.trigger.laney_p_chart import laney_p_chart
from opsbook.methods.trigger.laney_u_chart import laney_u_chart
from opsbook.methods.trigger.p_chart import p_chart
from opsbook.methods.trigger.seasonal_adjustment import Means
from opsbook.methods.trigger.target_assurance import target_assurance
from opsbook.methods.trigger.u_chart import u_chart
from opsbook.methods.trigger.xmr_chart import xmr_chart
from opsbook.project.trigger import ChartName
from opsbook.results.trigger import ControlChart, NoChart
from opsbook.stages.charts_with_memory import with_memory
from opsbook.text import Period, Quantity, Statement, Term, say, term

FEWEST_PERIODS = 4
COUNT_CHARTS = {
    "p_chart": p_chart,
    "laney_p_chart": laney_p_chart,
    "u_chart": u_chart,
    "laney_u_chart": laney_u_chart,
}


def chart(
    series: MetricSeries,
    baseline: Baseline,
    *,
    wanted: ChartName = "auto",
    seasonal: Floats | None = None,
    repeats: Sequence[Term] = (),
) -> ControlChart | NoChart | None:
    """Draw the limits that the data call for, or None where there are too few periods.

    Nor where most periods are as the one before: how far neighbours differ is then no measure of
    the noise, and an XmR chart would call every ordinary period an alarm.

    Args:
        series: The metric over consecutive periods.
        baseline: Which periods set the limits.
        wanted: The chart that a person chose; ``auto`` lets the data choose.
        seasonal: The season of each period, taken off before the limits are computed and put
            back on them; None for none.
        repeats: What the season is of: weekday, month.

    Raises:
        DataError: If the counts are impossible (more events than trials).
    """
    season = np.zeros(len(series.value)) if seasonal is None else seasonal
    plain = _without(series, season)
    choice = _choice(plain)
    if choice.n < FEWEST_PERIODS:
        return None
    if wanted in {"ewma_chart", "cusum_chart"}:
        drawn = with_memory(plain, baseline, wanted)
        taken = _taken_off(repeats) if season.any() else None
        return None if drawn is None else drawn.model_copy(update={"season": taken})
    name = choice.chart if wanted == "auto" else wanted
    if name == "xmr_chart" and _mostly_still(plain.value):
        return NoChart(reason=STILL)
    computed = _computed(plain, name, baseline)
    known = [value for value in computed.centre if value is not None]
    if not known:
        return None
    periods = tuple(Period(start=day, grain=series.grain) for day in series.periods)
    target = series.metric.target
    return ControlChart(
        chart=computed.method,
        reason=_reason(choice) if name == choice.chart else NAMED[name],
        periods=periods,
        centre=known[-1],
        lower=_plus(computed.lower, season),
        upper=_plus(computed.upper, season),
        outside=tuple(periods[i] for i in computed.outside),
        trial=computed.trial,
        season=_put_back(repeats) if season.any() else None,
        screened=tuple(periods[i] for i in computed.screened),
        stages=tuple(periods[i] for i in computed.stages[1:]),
        assurance=None
        if target is None
        else target_assurance(computed, target, better=series.metric.better),
        centre_line=_plus(computed.centre, season),
    )


#: Why a chart is drawn that the data would not call for.
NAMED: dict[str, Statement] = {
    "xmr_chart": say(
        "XmR chart, because the params name it: its limits come from how far neighbouring periods "
        "differ."
    ),
    "p_chart": say("p chart, because the params name it: its limits come from counting alone."),
    "u_chart": say("u chart, because the params name it: its limits come from counting alone."),
    "laney_p_chart": say(
        "p′ chart (Laney), because the params name it: its limits come from counting and from how "
        "far neighbouring periods differ besides."
    ),
    "laney_u_chart": say(
        "u′ chart (Laney), because the params name it: its limits come from counting and from how "
        "far neighbouring periods differ besides."
    ),
}


STILL = say(
    "No control chart: in most periods the value is the same as in the one before, so that how far "
    "neighbours differ does not measure the noise. Longer periods would."
)


def _mostly_still(values: Floats) -> bool:
    """Whether the values vary, but most of them are as the one before."""
    known = values[np.isfinite(values)]
    return bool(np.ptp(known) > 0 and np.median(np.abs(np.diff(known))) == 0)


def _taken_off(repeats: Sequence[Term]) -> Statement:
    if len(repeats) > 1:
        return say(
            "The season is taken off first ({first}; {second}).",
            first=repeats[0],
            second=repeats[1],
        )
    return say("The season is taken off first ({first}).", first=repeats[0])


def _put_back(repeats: Sequence[Term]) -> Statement:
    if len(repeats) > 1:
        return say(
            "Limits follow the season ({first}; {second}): it is taken off first and put back.",
            first=repeats[0],
            second=repeats[1],
        )
    return say(
        "Limits follow the season ({first}): it is taken off first and put back.", first=repeats[0]
    )


#: What repeats: periods of the cycle, and how the season was estimated.
SEASONS: dict[tuple[int, Means], Term] = {
    (7, "effects"): term("means by weekday"),
    (7, "stl"): term("by weekday, changing slowly: STL"),
    (364, "effects"): term("means by day of the year"),
    (364, "stl"): term("by day of the year, changing slowly: STL"),
    (52, "effects"): term("means by week of the year"),
    (52, "stl"): term("by week of the year, changing slowly: STL"),
    (12, "effects"): term("means by month"),
    (12, "stl"): term("by month, changing slowly: STL"),
    (4, "effects"): term("means by quarter"),
    (4, "stl"): term("by quarter, changing slowly: STL"),
}


def _without(series: MetricSeries, season: Floats) -> MetricSeries:
    """The series less its season, as counts too; a count is kept within what is possible."""
    if not season.any():
        return series
    value = series.value - season
    if series.metric.kind == "share":
        value = np.clip(value, 0.0, 1.0)
    elif series.is_ratio:
        value = np.maximum(value, 0.0)
    return replace(series, value=value, numerator=value * series.denominator / series.scale)


def _choice(series: MetricSeries) -> ChartChoice:
    if not series.is_ratio or not _counts(series):
        return chart_choice(series.value, kind="value")
    if series.metric.kind == "share":
        return chart_choice(series.numerator, series.denominator, kind="share")
    return chart_choice(series.numerator, series.denominator / series.scale, kind="rate")


def _counts(series: MetricSeries) -> bool:
    """Whether the numerator can be a count: from zero, and for a share within the denominator."""
    above, below = series.numerator, series.denominator
    fits = not (above < 0).any() and not (below < 0).any()
    return fits and (series.metric.kind != "share" or not (above > below * (1 + 1e-12)).any())


def _computed(series: MetricSeries, name: str, baseline: Baseline) -> Computed:
    draw = COUNT_CHARTS.get(name)
    if draw is None:
        return xmr_chart(series.value, baseline=baseline)
    size = series.denominator / (series.scale if series.metric.kind == "rate" else 1.0)
    numerator = np.minimum(series.numerator, size) if "p_chart" in name else series.numerator
    return draw(numerator, size, baseline=baseline)


def _plus(limits: tuple[float | None, ...], season: Floats) -> tuple[float | None, ...]:
    return tuple(
        None if limit is None else limit + float(shift)
        for limit, shift in zip(limits, season, strict=True)
    )


def _reason(choice: ChartChoice) -> Statement:
    rate = choice.chart in {"u_chart", "laney_u_chart"}
    if choice.dispersion is None:
        if choice.reason == "one_value_per_period":
            return say("XmR chart: one value per period.")
        if choice.reason == "no_variation":
            return (
                say("u chart: the counts do not vary at all.")
                if rate
                else say("p chart: the counts do not vary at all.")
            )
        return (
            say("u chart: too few periods to test for overdispersion.")
            if rate
            else say("p chart: too few periods to test for overdispersion.")
        )
    return _tested(choice, rate=rate)


def _tested(choice: ChartChoice, *, rate: bool) -> Statement:
    values = {
        "times": Quantity(value=choice.dispersion or 0.0, digits=1),
        "p": Quantity(value=choice.p_value or 0.0, unit="p"),
    }
    if choice.reason == "counting_explains":
        told = (
            say(
                "u chart: counting alone explains how neighbouring periods differ (variance "
                "{times} times what counting gives, p {p})."
            )
            if rate
            else say(
                "p chart: counting alone explains how neighbouring periods differ (variance "
                "{times} times what counting gives, p {p})."
            )
        )
    elif choice.reason == "underdispersed":
        told = (
            say(
                "u′ chart (Laney): neighbouring periods differ only {times} times as much in "
                "variance as counting gives (p {p}), so limits from counting would be too wide."
            )
            if rate
            else say(
                "p′ chart (Laney): neighbouring periods differ only {times} times as much in "
                "variance as counting gives (p {p}), so limits from counting would be too wide."
            )
        )
    else:
        told = (
            say(
                "u′ chart (Laney): neighbouring periods differ {times} times as much in variance "
                "as counting alone explains (p {p}), so limits from counting would cry wolf."
            )
            if rate
            else say(
                "p′ chart (Laney): neighbouring periods differ {times} times as much in variance "
                "as counting alone explains (p {p}), so limits from counting would cry wolf."
            )
        )
    return Statement(message=told.message, values=values)
