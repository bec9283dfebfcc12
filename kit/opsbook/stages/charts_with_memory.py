"""EWMA and CUSUM charts as records: those that remember, and so see small shifts that last."""

from __future__ import annotations

import numpy as np

from opsbook.data import MetricSeries
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.cusum_chart import cusum_chart
from opsbook.methods.trigger.ewma_chart import ewma_chart
from opsbook.methods.trigger.xmr_chart import XmrChart, xmr_chart
from opsbook.project.trigger import ChartName
from opsbook.results.trigger import ControlChart
from opsbook.text import Period, Quantity, Statement, say

WEIGHT, WIDTH = 0.2, 2.7
SLACK, DECISION = 0.5, 5.0
Numbers = list[float | None]


class _Drawn:
    """What is drawn, stage after stage."""

    def __init__(self) -> None:
        self.plotted: Numbers = []
        self.low: Numbers = []
        self.lower: Numbers = []
        self.upper: Numbers = []
        self.outside: set[int] = set()
        self.onset: int | None = None


def with_memory(series: MetricSeries, baseline: Baseline, kind: ChartName) -> ControlChart | None:
    """Draw the chart; None where the periods that set its limits have no spread.

    Centre and sigma are those of the XmR chart, stage by stage, so that locked, staged and
    screened limits work alike.

    Args:
        series: The metric over consecutive periods, its season taken off.
        baseline: Which periods set centre and sigma.
        kind: ``ewma_chart`` or ``cusum_chart``.

    Raises:
        DataError: If the baseline sets no limits.
    """
    plain = xmr_chart(series.value, baseline=baseline)
    centres = [centre for centre in plain.centre if centre is not None]
    if not centres or all(sigma is None for sigma in plain.sigma):
        return None
    sums = kind == "cusum_chart"
    drawn = _sums(series, plain) if sums else _means(series, plain)
    periods = tuple(Period(start=day, grain=series.grain) for day in series.periods)
    onset = None if drawn.onset is None else periods[drawn.onset]
    return ControlChart(
        chart=kind,
        reason=_of_sums(onset) if sums else _of_means(),
        periods=periods,
        centre=0.0 if sums else centres[-1],
        centre_line=(0.0,) * len(periods) if sums else plain.centre,
        lower=tuple(drawn.lower),
        upper=tuple(drawn.upper),
        outside=tuple(periods[i] for i in sorted(drawn.outside)),
        trial=plain.trial,
        screened=tuple(periods[i] for i in plain.screened),
        stages=tuple(periods[i] for i in plain.stages[1:]),
        plotted=tuple(drawn.plotted),
        plotted_low=tuple(drawn.low),
        onset=onset,
    )


def _stages(plain: XmrChart) -> list[tuple[int, int]]:
    n = len(plain.values)
    return list(zip(plain.stages, (*plain.stages[1:], n), strict=True))


def _means(series: MetricSeries, plain: XmrChart) -> _Drawn:
    drawn = _Drawn()
    for start, end in _stages(plain):
        centre, sigma = plain.centre[start], plain.sigma[start]
        if centre is None or sigma is None:
            for part in (drawn.plotted, drawn.lower, drawn.upper):
                part.extend([None] * (end - start))
            continue
        values = series.value[start:end]
        chart = ewma_chart(values, weight=WEIGHT, width=WIDTH, centre=centre, sigma=sigma)
        drawn.plotted += chart.values
        drawn.lower += chart.lower
        drawn.upper += chart.upper
        drawn.outside |= {start + i for i in chart.outside}
    return drawn


def _sums(series: MetricSeries, plain: XmrChart) -> _Drawn:
    drawn = _Drawn()
    for start, end in _stages(plain):
        centre, sigma = plain.centre[start], plain.sigma[start]
        chart = cusum_chart(
            series.value[start:end] if sigma is not None else np.full(end - start, np.nan),
            slack=SLACK,
            decision=DECISION,
            centre=centre,
            sigma=sigma,
        )
        limit = chart.threshold
        drawn.plotted += chart.rising
        drawn.low += [None if fall is None else -fall for fall in chart.falling]
        drawn.lower += [None if limit is None else -limit] * (end - start)
        drawn.upper += [limit] * (end - start)
        drawn.outside |= {start + i for i in (*chart.alarms_up, *chart.alarms_down)}
        drawn.onset = drawn.onset if chart.onset is None else start + chart.onset
    return drawn


def _of_means() -> Statement:
    return say(
        "EWMA chart, because the params name it: a mean in which the newest period weighs "
        "{weight}, so that a small shift that lasts shows.",
        weight=Quantity(value=WEIGHT, unit="share", digits=0),
    )


def _of_sums(onset: Period | None) -> Statement:
    if onset is None:
        return say(
            "CUSUM chart, because the params name it: deviations beyond half a sigma, added up; "
            "no sum passes its limit."
        )
    return say(
        "CUSUM chart, because the params name it: deviations beyond half a sigma, added up; the "
        "shift that it alarms for most likely began at {onset}.",
        onset=onset,
    )
