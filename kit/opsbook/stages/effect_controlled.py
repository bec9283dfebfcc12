"""The effect against units without the change, by the designs that compare with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats, pool
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.placebo_rank import PlaceboRank, placebo_rank
from opsbook.methods.effect.synthetic_control import synthetic_control
from opsbook.methods.effect.synthetic_difference_in_differences import (
    synthetic_difference_in_differences,
)
from opsbook.methods.estimate import Estimate
from opsbook.results.effect_measured import Controlled, CrossCheck, PlaceboUnit
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import in_unit, params_of, tried, units_without
from opsbook.stages.windows import around_launch, launch_date, stacked


def controlled(context: Context) -> Controlled | None:
    """The change beyond the controls' change, ranked among launches that never happened.

    None where there are fewer than two controls.
    """
    params = params_of(context)
    panel = units_without(context)
    if len(panel) < 2:
        return None
    launch = launch_date(params)
    units = {"": context.series(), **panel}
    above, below, after = stacked(units, params, launch)
    difference = difference_in_differences(above, below, treated=0, after=after)
    placebo = tried(lambda: placebo_rank(above, below, treated=0, after=after))
    logs = None
    if difference.ratio is not None:
        logs = tried(lambda: placebo_rank(above, below, treated=0, after=after, scale="log"))
    names = list(panel)
    first, last = (side.periods for side in around_launch(context.series(), params, launch))
    return Controlled(
        estimate=in_unit(context, difference.estimate),
        grade="B",
        controls=pool(panel).between(first[0], last[-1]).record(),
        controls_change=difference.control_change,
        placebos=tuple(
            PlaceboUnit(unit=names[position - 1], effect=effect)
            for position, effect in zip(placebo.controls, placebo.placebos, strict=True)
        )
        if placebo
        else (),
        rank=placebo.rank if placebo else None,
        p_value=placebo.estimate.p_value if placebo else None,
        ratio=None if difference.ratio is None else difference.ratio.effect,
        ratio_rank=None if logs is None else logs.rank,
        ratio_p_value=None if difference.ratio is None else difference.ratio.p_value,
        scales_disagree=_disagree(difference.estimate, placebo, difference.ratio, logs),
        relative=difference.relative,
        cross_checks=_cross_checks(context, units),
    )


def _cross_checks(context: Context, units: Mapping[str, MetricSeries]) -> tuple[CrossCheck, ...]:
    """The synthetic designs, matched on twice the periods of the window before."""
    above, below, after = history_panel(context, units)
    found = []
    matched = tried(lambda: synthetic_control(above, below, treated=0, after=after))
    if matched is not None:
        found.append(CrossCheck(estimate=in_unit(context, matched.estimate), fit=matched.fit_ratio))
    weighted = tried(
        lambda: synthetic_difference_in_differences(above, below, treated=0, after=after)
    )
    if weighted is not None:
        found.append(CrossCheck(estimate=in_unit(context, weighted.estimate)))
    return tuple(found)


def history_panel(
    context: Context, units: Mapping[str, MetricSeries]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Units × periods, with twice the window before: a match needs more past than a mean."""
    params = params_of(context)
    longer = params
    if params.before is None:
        before, _ = around_launch(next(iter(units.values())), params, launch_date(params))
        longer = params.model_copy(update={"periods": 2 * len(before.periods)})
        after = around_launch(next(iter(units.values())), params, launch_date(params))[1]
        above, below, mask = stacked(units, longer, launch_date(params))
        keep = np.cumsum(mask) <= len(after.periods)
        return above[:, keep], below[:, keep], mask[keep]
    return stacked(units, params, launch_date(params))


def _disagree(
    points: Estimate,
    rank: PlaceboRank | None,
    ratio: Estimate | None,
    ratio_rank: PlaceboRank | None,
) -> bool:
    """Whether one scale shows a change in its direction and the other does not."""
    if ratio is None or rank is None or ratio_rank is None:
        return False

    def shown(estimate: Estimate, placebo: PlaceboRank) -> bool:
        return (
            estimate.p_value is not None and estimate.p_value / 2 <= 0.05 and placebo.rank <= 0.05
        )

    return (points.effect > 0) != (ratio.effect > 1) or shown(points, rank) != shown(
        ratio, ratio_rank
    )
