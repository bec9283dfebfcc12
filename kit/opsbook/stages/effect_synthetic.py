"""The effect against a mixture of the units without the change, where that design is chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from opsbook.methods.effect.synthetic_control import SyntheticControl, synthetic_control
from opsbook.methods.effect.synthetic_difference_in_differences import (
    SyntheticDifferenceInDifferences,
    synthetic_difference_in_differences,
)
from opsbook.results.effect_measured import Controlled, CrossCheck, PlaceboUnit
from opsbook.stages.context import Context
from opsbook.stages.effect_controlled import history_panel
from opsbook.stages.effect_measures import in_unit, tried, units_without


def synthetic(context: Context, name: str, difference: Controlled | None) -> Controlled | None:
    """The chosen synthetic design in place of the plain difference, which becomes a cross-check.

    Its p-value is that of its rank among its own placebos, in its direction, doubled. None where
    the design refuses the panel, or has no placebos.
    """
    units = {"": context.series(), **units_without(context)}
    above, below, after = history_panel(context, units)
    method: Callable[..., SyntheticControl | SyntheticDifferenceInDifferences] = synthetic_control
    if name == "synthetic_difference_in_differences":
        method = synthetic_difference_in_differences
    found = tried(lambda: method(above, below, treated=0, after=after))
    if found is None or found.placebo is None or difference is None:
        return None
    placebo, names = found.placebo, list(units)
    both_sides = min(1.0, 2 * placebo.p_value_one_sided)
    estimate = in_unit(context, dataclasses.replace(found.estimate, p_value=both_sides))
    return difference.model_copy(
        update={
            "estimate": estimate,
            "placebos": tuple(
                PlaceboUnit(unit=names[place], effect=effect)
                for place, effect in zip(placebo.controls, placebo.placebos, strict=True)
            ),
            "rank": placebo.rank,
            "p_value": placebo.estimate.p_value,
            "ratio": None,
            "ratio_rank": None,
            "ratio_p_value": None,
            "scales_disagree": False,
            "relative": None,
            "fit": found.fit_ratio if isinstance(found, SyntheticControl) else None,
            "cross_checks": (
                CrossCheck(estimate=difference.estimate),
                *(
                    check
                    for check in difference.cross_checks
                    if check.estimate.method != estimate.method
                ),
            ),
        }
    )
