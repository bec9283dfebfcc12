"""What every measure of the effect needs: its params, its units, its naive figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from opsbook.data import MetricSeries
from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate
from opsbook.project.effect import EffectSection
from opsbook.results.effect_measured import Measured
from opsbook.stages.context import Context
from opsbook.stages.windows import around_launch, launch_date, naive_change

Found = TypeVar("Found")


def params_of(context: Context) -> EffectSection:
    """The section `effect`, which is there when the stage is due."""
    return cast("EffectSection", context.project.effect)


def in_unit(context: Context, estimate: Estimate) -> Estimate:
    """An estimate with the unit of a change of the metric."""
    return dataclasses.replace(estimate, unit=context.project.metric.change_unit)


def naive(context: Context) -> Measured:
    """Before and after, as everybody would compare them: grade D, whatever it shows."""
    params = params_of(context)
    before, after = around_launch(context.series(), params, launch_date(params))
    return Measured(estimate=in_unit(context, naive_change(before, after).estimate), grade="D")


def units_without(context: Context) -> Mapping[str, MetricSeries]:
    """The units without the change; none where the params name none."""
    params = params_of(context)
    if params.controls is None:
        return {}
    found = context.peers(params.controls)
    return {name: one for name, one in found.items() if name not in params.launches}


def tried(method: Callable[[], Found]) -> Found | None:
    """What a method finds, or None where it refuses the data: it is one view of several."""
    try:
        return method()
    except DataError:
        return None
