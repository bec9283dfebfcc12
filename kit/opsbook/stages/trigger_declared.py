"""T4 and T5: triggers that people declare, each with a snapshot of the KPI."""

from __future__ import annotations

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats
from opsbook.methods.trigger.control_limits import TRIAL_POINTS
from opsbook.methods.trigger.xmr_chart import xmr_chart
from opsbook.project.trigger import Declared
from opsbook.results.trigger_tables import DeclaredTrigger
from opsbook.stages.context import Context
from opsbook.stages.watched_kpi import watched_kpi
from opsbook.text import Period, Quantity, Statement, say

SNAPSHOT = 12
"""Periods before the declaration that make the snapshot."""


def declared(context: Context) -> tuple[DeclaredTrigger, ...]:
    """A card for each declared trigger: who decided why, the baseline, the ramp since a launch."""
    kpi = watched_kpi(context)
    return tuple(_card(card, kpi.series) for card in kpi.params.declared)


def _card(card: Declared, series: MetricSeries) -> DeclaredTrigger:
    day = card.date.first
    begun = np.array([end > day for end in series.ends], dtype=bool)
    launch = card.kind == "launch"
    after = series.where(begun).value
    before = series.where(~begun)
    if len(before.periods) > SNAPSHOT:
        before = before.between(before.periods[-SNAPSHOT], None)
    middle, low, high = _usual(before.value)
    pooled = before.pooled() if before.periods else None
    lower = upper = None
    if launch:
        _, lower, upper = _usual(after)
    n = int(np.isfinite(after).sum())
    unit = series.metric.value_unit

    def quantity(value: float | None) -> Quantity | None:
        return None if value is None else Quantity(value=value, unit=unit)

    return DeclaredTrigger(
        kind=card.kind,
        title=card.title,
        reason=card.reason,
        date=Period(start=day),
        decider=card.decider,
        baseline=quantity(pooled if pooled is not None else middle),
        baseline_low=quantity(low),
        baseline_high=quantity(high),
        baseline_n=int(np.isfinite(before.value).sum()),
        since=n,
        actual=tuple(float(v) if np.isfinite(v) else None for v in after[:60]) if launch else (),
        ramp=tuple(float(value) for value in card.ramp),
        lower=quantity(lower),
        upper=quantity(upper),
        trial=n < TRIAL_POINTS,
        statement=_told(card, after, series, n),
    )


def _usual(values: Floats) -> tuple[float | None, float | None, float | None]:
    """Centre and natural limits of some periods, as far as they can be computed."""
    if not np.isfinite(values).any():
        return None, None, None
    chart = xmr_chart(values)
    return chart.centre[-1], chart.lower[-1], chart.upper[-1]


def _told(card: Declared, after: Floats, series: MetricSeries, n: int) -> Statement:
    count = Quantity(value=n, unit="count")
    if card.kind == "strategy":
        return say("Declared by {decider}: {reason}", decider=card.decider, reason=card.reason)
    planned = min(len(card.ramp), len(after))
    both = [i for i in range(planned) if np.isfinite(after[i])]
    young = n < TRIAL_POINTS
    if not both:
        if young:
            return say(
                "Too young for a baseline of its own; periods since the launch: {n}. Its limits "
                "are provisional.",
                n=count,
            )
        return say("Periods since the launch: {n}; no ramp is planned.", n=count)
    sign = 1.0 if series.metric.better == "higher" else -1.0
    values = {
        "n": count,
        "met": Quantity(
            value=sum(sign * (after[i] - card.ramp[i]) >= 0 for i in both), unit="count"
        ),
        "planned": Quantity(value=len(both), unit="count"),
    }
    told = (
        say(
            "Too young for a baseline of its own; periods since the launch: {n}. On plan or "
            "better: {met} of {planned}."
        )
        if young
        else say("Periods since the launch: {n}. On plan or better: {met} of {planned}.")
    )
    return Statement(message=told.message, values=values)
