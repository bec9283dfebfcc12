"""What was promised, held against what was measured."""

from __future__ import annotations

from opsbook.results.effect import Forecast
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_receipt import forecast_of
from opsbook.text import term

FORECAST_WORDS = {
    "kept": term("the forecast is kept"),
    "short": term("less than forecast"),
    "exceeded": term("more than forecast"),
    "cannot_tell": term("too uncertain to tell whether the forecast is kept"),
}


def forecast(context: Context, measured: Measurements) -> Forecast | None:
    """The promise of the options carried out, held against the interval."""
    promised, best = forecast_of(context), measured.best
    if promised is None or best is None:
        return None
    low, high = promised.low, promised.high
    better_high = context.project.metric.better == "higher"
    kept = Forecast(
        options=promised.options,
        low=low,
        mode=promised.mode,
        high=high,
        kept="cannot_tell",
        planned=promised.minimum_detectable_effect,
    )
    if best.lower is None or best.upper is None:
        return kept
    if best.lower > high or best.upper < low:
        beyond = (best.lower > high) == better_high
        return kept.model_copy(update={"kept": "exceeded" if beyond else "short"})
    shown = best.excludes_zero and low <= best.effect <= high
    return kept.model_copy(update={"kept": "kept" if shown else "cannot_tell"})
