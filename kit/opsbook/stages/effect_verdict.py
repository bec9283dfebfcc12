"""The verdict on a change: never stronger than its evidence."""

from __future__ import annotations

from opsbook.methods.effect.directed_claim import directed_claim
from opsbook.methods.effect.fake_treatment import RANK_LIMIT
from opsbook.results import Tone
from opsbook.results.effect import (
    Check,
    Claim,
    Comparison,
    Design,
    EffectResult,
    Receipt,
    SideEffects,
    Verdict,
)
from opsbook.results.effect_measured import Measurements
from opsbook.stages import effect_benefit, effect_forecast
from opsbook.stages.context import Context
from opsbook.stages.effect_cautions import cautions
from opsbook.stages.effect_findings import findings
from opsbook.stages.effect_form import effect_form
from opsbook.stages.effect_headline import WORDS, headline
from opsbook.stages.effect_receipt import way_to_target

TONES: dict[Verdict, Tone] = {
    "effective": "good",
    "ineffective": "warn",
    "harmful": "bad",
    "cannot_tell": "unknown",
}


def conclude(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    checks: tuple[Check, ...],
    side_effects: SideEffects,
) -> EffectResult:
    """Weigh the estimate against its rule, the checks and the receipt."""
    verdict = verdict_of(context, design, measured, receipt, checks)
    result = EffectResult(
        project=context.project.project.id,
        headline=headline(context, verdict, design, comparison, measured),
        tone=TONES[verdict],
        verdict=verdict,
        findings=findings(context, design, comparison, measured, receipt, side_effects),
        cautions=cautions(context, verdict, comparison, measured, receipt, checks, side_effects),
        comparison=comparison,
        naive=measured.naive,
        controlled=measured.controlled,
        guardrails=side_effects.guardrails,
        attainment=_attainment(context, measured),
        design=design,
        measured=measured,
        receipt=receipt,
        checks=checks,
        metrics=side_effects.metrics,
        benefit=effect_benefit.benefit(context, measured),
        forecast=effect_forecast.forecast(context, measured),
        provenance=context.provenance,
    )
    return result.model_copy(update={"forms": (effect_form(context, result, WORDS[verdict]),)})


def claim_of(context: Context, design: Design, measured: Measurements) -> Claim:
    """What the estimate itself shows, before checks and aim have their say.

    One-sided in the declared direction, two-sided against it; a difference in differences must
    also stand out among the placebos. A bare before/after comparison shows nothing.
    """
    if measured.best is None or design.chosen == "before_after":
        return "nothing"
    claim = directed_claim(measured.best, better=context.project.metric.better)
    if design.chosen == "difference_in_differences" and measured.controlled is not None:
        rank = measured.controlled.rank
        if rank is None or rank > RANK_LIMIT:
            return "nothing"
    return claim


def verdict_of(
    context: Context,
    design: Design,
    measured: Measurements,
    receipt: Receipt,
    checks: tuple[Check, ...],
) -> Verdict:
    """Effective or harmful where shown; ineffective where the aim is excluded; else unknown."""
    best = measured.best
    if best is None or any(check.blocks for check in checks):
        return "cannot_tell"
    claim = claim_of(context, design, measured)
    if claim == "improved":
        return "effective"
    if claim == "worsened":
        return "harmful"
    aim, seen = receipt.aim, receipt.detectable
    if aim is None or seen is None or design.chosen == "before_after" or seen > abs(aim):
        return "cannot_tell"
    limit = best.upper if aim > 0 else best.lower
    if limit is None:
        return "cannot_tell"
    excluded = limit < aim if aim > 0 else limit > aim
    return "ineffective" if excluded else "cannot_tell"


def _attainment(context: Context, measured: Measurements) -> float | None:
    """Share of the way from the level before to the target that the net effect went."""
    way = way_to_target(context, measured)
    return None if way is None or measured.best is None else measured.best.effect / way
