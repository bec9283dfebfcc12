"""Each unit that got the change, at its own launch, against the units that never did."""

from __future__ import annotations

from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.results.effect_measured import UnitEffect
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import in_unit, params_of, tried, units_without
from opsbook.stages.windows import launch_date, stacked
from opsbook.text import Period


def unit_effects(context: Context) -> tuple[UnitEffect, ...]:
    """The overview of a change that several units got; empty for a single one.

    Each unit is one against the units without the change; chance among the units is held down.
    """
    params = params_of(context)
    if params.controls is None:
        return ()
    dimension, focus = params.controls.dimension, context.project.data.kpi.focus
    own = focus[dimension]
    launches = {
        **{str(unit): launch_date(params) for unit in (own if isinstance(own, tuple) else (own,))},
        **{unit: when.first for unit, when in params.launches.items()},
    }
    controls = units_without(context)
    if len(launches) < 2 or len(controls) < 2:
        return ()
    panel = context.tables.kpi.panel(context.project.metric, dimension, focus)
    same = params.model_copy(update={"before": None, "after": None})
    found = []
    for unit, launch in launches.items():
        given = params if launch == launch_date(params) else same
        cells = tried(lambda: stacked({"": panel[unit], **controls}, given, launch))  # noqa: B023 - called at once
        if cells is None:
            continue
        above, below, after = cells
        change = tried(
            lambda: difference_in_differences(above, below, treated=0, after=after)  # noqa: B023 - called at once
        )
        if change is not None:
            found.append((unit, launch, change))
    adjusted = benjamini_hochberg([change.estimate.p_value for _, _, change in found])
    return tuple(
        UnitEffect(
            unit=unit,
            launched=Period(start=launch),
            change=change.treated_change,
            controls_change=change.control_change,
            estimate=in_unit(context, change.estimate),
            adjusted=adjusted.adjusted[place],
            shown=adjusted.rejected[place],
        )
        for place, (unit, launch, change) in enumerate(found)
    )
