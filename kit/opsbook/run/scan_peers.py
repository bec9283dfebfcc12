"""What a KPI's like say of it: the funnel of store sizes, and the alarms that chance brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from opsbook.errors import OpsbookError
from opsbook.methods.trigger.combined_verdict import combined_verdict
from opsbook.methods.trigger.funnel_limits import (
    FEWEST,
    FunnelLimits,
    funnel_limits,
    funnel_lines,
)
from opsbook.methods.trigger.rule_replay import FalseStarts, false_starts
from opsbook.methods.trigger.series import Better, Bools, Floats
from opsbook.methods.trigger.shrinkage import shrinkage
from opsbook.results.scan import Funnel
from opsbook.stages.watched_kpi import WatchedKpi
from opsbook.text import Period

STEPS = 40
"""Sizes at which the lines of a funnel are drawn."""
YEAR = 52
"""Periods watched over which the chance of being in alarm is simulated, at most."""


@dataclass(frozen=True, kw_only=True)
class Newest:
    """What the funnel needs of one store: the counts of its newest period."""

    name: str
    kpi: str
    unit: str
    as_of: Period
    like: Hashable
    kind: Literal["share", "rate"]
    better: Better
    events: float
    size: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One store among the others of the same metric.

    Attributes:
        size: Cases in its newest period.
        estimate: Its newest value, drawn towards the others' as far as its size is small.
        beyond: Whether it lies beyond the funnel on the worse side; None if that is not known.
    """

    size: float | None
    estimate: float | None
    beyond: bool | None


def newest(name: str, kpi: WatchedKpi) -> Newest | None:
    """The newest counts of a share or rate; None for another metric."""
    metric, series = kpi.series.metric, kpi.series
    if metric.kind not in {"share", "rate"}:
        return None
    return Newest(
        name=name,
        kpi=metric.name,
        unit=metric.value_unit,
        as_of=kpi.period(len(series.periods) - 1),
        like=(metric.name, metric.numerator, metric.denominator, series.periods[-1]),
        kind="share" if metric.kind == "share" else "rate",
        better=metric.better,
        events=float(series.numerator[-1]),
        size=float(series.denominator[-1]) / series.scale,
    )


def standings(stores: Sequence[Newest]) -> tuple[dict[str, Standing], tuple[Funnel, ...]]:
    """Each store's newest value against all stores of the same metric, its size allowed for."""
    like: dict[Hashable, list[Newest]] = defaultdict(list)
    for store in stores:
        like[store.like].append(store)
    found: dict[str, Standing] = {}
    funnels: list[Funnel] = []
    for some in like.values():
        if len(some) < FEWEST:
            continue
        events = np.array([one.events for one in some])
        sizes = np.array([one.size for one in some])
        try:
            drawn = shrinkage(events, sizes, kind=some[0].kind)
            funnel = funnel_limits(events, sizes, kind=some[0].kind)
        except OpsbookError:
            continue  # impossible counts: each row's own check says what it can
        sign = 1.0 if some[0].better == "lower" else -1.0
        outside = set(funnel.outside)
        for i, (one, z) in enumerate(zip(some, funnel.z, strict=True)):
            found[one.name] = Standing(
                size=funnel.size[i],
                estimate=drawn.estimate[i],
                beyond=None if z is None else i in outside and sign * z > 0,
            )
        if funnel.centre is not None:
            funnels.append(_drawn(some, funnel, funnel.centre))
    return found, tuple(funnels)


def _drawn(stores: Sequence[Newest], funnel: FunnelLimits, centre: float) -> Funnel:
    known = [size for size in funnel.size if size]
    sizes = np.geomspace(min(known), max(known), STEPS if max(known) > min(known) else 1)
    warning, alarm = funnel_lines(funnel, sizes, kind=stores[0].kind)
    return Funnel(
        kpi=stores[0].kpi,
        unit=stores[0].unit,
        as_of=stores[0].as_of,
        centre=centre,
        sizes=tuple(float(size) for size in sizes),
        warning=warning,
        alarm=alarm,
        projects=tuple(store.name for store in stores),
    )


def expected_alarms(watched: Mapping[tuple[int, int], Sequence[float]]) -> float:
    """Alarms that noise alone would show at any moment.

    Args:
        watched: Periods of the baseline and periods after it → the correlation of each KPI.
    """
    total = 0.0
    for (baseline, after), correlations in watched.items():
        if after < 1:
            continue
        curve = _chance_alarms(baseline, min(after, YEAR))
        total += float(np.interp(correlations, curve.correlation, curve.share_in_alarm).sum())
    return total


@cache
def _chance_alarms(baseline: int, watched: int) -> FalseStarts:
    """How often noise of each correlation is in alarm, by the combined verdict."""

    def rule(x: Floats) -> Bools:
        return combined_verdict(x, baseline=baseline, better="higher").alarm

    return false_starts(rule, baseline=baseline, periods_per_year=watched, simulations=400)
