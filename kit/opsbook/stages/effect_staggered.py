"""The effect of a roll-out that reached units at different dates."""

from __future__ import annotations

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.effect.staggered_adoption import staggered_adoption
from opsbook.results.effect_measured import Staggered, StaggeredLaunch
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import in_unit, params_of, tried, units_without
from opsbook.stages.windows import launch_date
from opsbook.text import Period


def staggered(context: Context) -> Staggered | None:
    """A roll-out that reached units at different dates, or None where there is none."""
    params = params_of(context)
    if not params.launches or params.controls is None:
        return None
    focus = context.project.data.kpi.focus[params.controls.dimension]
    panel = context.tables.kpi.panel(
        context.project.metric, params.controls.dimension, context.project.data.kpi.focus
    )
    dates = {name: when.first for name, when in params.launches.items()}
    if unknown := sorted(set(dates) - set(panel)):
        raise DataError(
            f"effect.launches names '{unknown[0]}'; there are: {', '.join(panel)}.",
            "Correct the unit's name.",
        )
    dates |= {str(name): launch_date(params) for name in _as_tuple(focus)}
    without = set(units_without(context)) - set(dates)
    units = {name: one for name, one in panel.items() if name in without | set(dates)}
    periods = next(iter(units.values())).periods
    first = [
        next((i for i, day in enumerate(periods) if day >= dates[name]), None)
        if name in dates
        else None
        for name in units
    ]
    values = np.array([one.value for one in units.values()])
    found = tried(lambda: staggered_adoption(values, launched=first, controls="not_yet"))
    if found is None:
        return None
    grain = context.tables.kpi.grain
    return Staggered(
        estimate=in_unit(context, found.simple),
        grade="B",
        launches=tuple(
            StaggeredLaunch(
                launched=Period(start=periods[index], grain=grain),
                units=tuple(n for n, start in zip(units, first, strict=True) if start == index),
                estimate=in_unit(context, estimate),
            )
            for index, estimate in found.by_launch
        ),
        controls=len(without),
    )


def _as_tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
