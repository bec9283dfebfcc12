"""The verdict on a change: never stronger than its evidence."""

from __future__ import annotations

from opsbook.data.cube import Floats
from opsbook.methods.effect.directed_claim import directed_claim
from opsbook.methods.effect.fake_treatment import RANK_LIMIT
from opsbook.methods.estimate import Estimate
from opsbook.results import Caution, Finding, Tone
from opsbook.results.effect import (
    GUARDRAIL_WORDS,
    Check,
    Claim,
    Comparison,
    Design,
    EffectResult,
    Forecast,
    Measurements,
    Money,
    Receipt,
    SideEffects,
    Verdict,
)
from opsbook.stages.context import Context
from opsbook.stages.effect_design import WORDS as DESIGNS
from opsbook.stages.effect_form import bare, effect_form
from opsbook.stages.effect_measures import params_of
from opsbook.stages.effect_receipt import forecast_of, way_to_target
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Quantity, Statement, Term, say, term

#: A launch that leaves less than this of its period under the change dilutes nothing.
SLIVER = 0.1
#: Checks to look at that a reader of the verdict must know of; the others stay on the card.
TOLD = ("pre_trend", "events", "confounder")
WORDS: dict[Verdict, Term] = {
    "effective": term("Effective"),
    "ineffective": term("Not effective"),
    "harmful": term("Harmful"),
    "cannot_tell": term("The data cannot tell"),
}
TONES: dict[Verdict, Tone] = {
    "effective": "good",
    "ineffective": "warn",
    "harmful": "bad",
    "cannot_tell": "unknown",
}
FORECAST_WORDS = {
    "kept": term("the forecast is kept"),
    "short": term("less than forecast"),
    "exceeded": term("more than forecast"),
    "cannot_tell": term("too uncertain to tell whether the forecast is kept"),
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
    attainment = _attainment(context, measured)
    benefit, forecast = _benefit(context, measured), _forecast(context, measured)
    result = EffectResult(
        project=context.project.project.id,
        headline=_headline(context, verdict, design, comparison, measured),
        tone=TONES[verdict],
        verdict=verdict,
        findings=_findings(context, design, comparison, measured, receipt, side_effects),
        cautions=_cautions(context, verdict, comparison, measured, receipt, checks, side_effects),
        comparison=comparison,
        naive=measured.naive,
        controlled=measured.controlled,
        guardrails=side_effects.guardrails,
        attainment=attainment,
        design=design,
        measured=measured,
        receipt=receipt,
        checks=checks,
        metrics=side_effects.metrics,
        benefit=benefit,
        forecast=forecast,
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


def _benefit(context: Context, measured: Measurements) -> Money | None:
    """The effect on all cases of the window after, in money, improvement positive."""
    params, best = params_of(context), measured.best
    cases = _cases(context, measured)
    if params.benefit is None or best is None or cases is None:
        return None
    sign = 1 if context.project.metric.better == "higher" else -1
    worth = sign * cases * params.benefit.per_case
    unit = f"money:{params.benefit.currency}"

    def money(change: float | None) -> Quantity | None:
        return None if change is None else Quantity(value=change * worth, unit=unit, digits=0)

    limits = [best.lower, best.upper] if worth > 0 else [best.upper, best.lower]
    value = money(best.effect)
    if value is None:
        return None
    return Money(value=value, lower=money(limits[0]), upper=money(limits[1]))


def _cases(context: Context, measured: Measurements) -> float | None:
    """The cases that the effect came to: the treatment arm, or the window after."""
    params, table = params_of(context), context.tables.experiment
    if measured.randomised is not None and params.experiment is not None:
        if params.experiment.statistic != "mean":
            return None
        if table is not None and table.treatment[1].size:
            return float(table.treatment[1].sum())
        return float(measured.randomised.arms[1].users)
    if measured.naive is None:
        return None
    series = context.series()
    _, after = around_launch(series, params, launch_date(params))
    counted: Floats = after.denominator[after.value == after.value]
    return float(counted.sum()) / series.scale


def _forecast(context: Context, measured: Measurements) -> Forecast | None:
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


def _headline(
    context: Context,
    verdict: Verdict,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
) -> Statement:
    metric, best = context.project.metric, measured.best
    if best is None:
        return say(
            "{verdict}: the effect on {kpi} could not be measured.",
            verdict=WORDS[verdict],
            kpi=metric.name,
        )
    if design.chosen == "before_after" and comparison is not None:
        return say(
            "{verdict}: {kpi} went from {before} to {after} ({change}); before/after only.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            before=Quantity(value=comparison.before.value, unit=metric.value_unit),
            after=Quantity(value=comparison.after.value, unit=metric.value_unit),
            change=_change(context, best.effect),
        )
    if measured.naive is None or design.grade == "A":
        return say(
            "{verdict}: {kpi} changed {effect} in the treatment arm, against the control arm.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            effect=_change(context, best.effect),
        )
    if design.grade == "B":
        return say(
            "{verdict}: {kpi} moved {effect} against the controls; the naive comparison says "
            "{naive}.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            effect=_change(context, best.effect),
            naive=_change(context, measured.naive.estimate.effect),
        )
    return say(
        "{verdict}: {kpi} stepped {effect} off its own past; the naive comparison says {naive}.",
        verdict=WORDS[verdict],
        kpi=metric.name,
        effect=_change(context, best.effect),
        naive=_change(context, measured.naive.estimate.effect),
    )


def _findings(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    side_effects: SideEffects,
) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    if measured.best is not None and design.chosen != "before_after":
        findings.append(_net(context, design, measured, measured.best))
    if measured.controlled is not None and design.grade == "B":
        findings += _placebo(context, measured)
    if measured.interrupted and measured.interrupted.ratio and design.grade == "C":
        findings.append(_ratio(measured.interrupted.ratio))
    if measured.naive is not None and comparison is not None:
        unit = context.project.metric.value_unit
        findings.append(
            Finding(
                id="naive",
                statement=say(
                    "Before/after alone: {before} to {after}, {change}.",
                    before=Quantity(value=comparison.before.value, unit=unit),
                    after=Quantity(value=comparison.after.value, unit=unit),
                    change=_change(context, measured.naive.estimate.effect),
                ),
                estimate=measured.naive.estimate,
                grade="D",
            )
        )
    findings += _receipts(context, design, receipt)
    findings += [
        Finding(
            id=f"guardrail_{i}",
            statement=say(
                "Guardrail {name}: {change} against a margin of {margin}: {status}.",
                name=rail.name,
                change=Quantity(value=rail.estimate.effect, unit=rail.change_unit, signed=True),
                margin=Quantity(value=rail.margin, unit=rail.change_unit),
                status=GUARDRAIL_WORDS[rail.status],
            ),
            estimate=rail.estimate,
            grade="B" if measured.controlled else "C" if measured.interrupted else "D",
        )
        for i, rail in enumerate(side_effects.guardrails)
    ]
    benefit = _benefit(context, measured)
    if benefit is not None:
        findings.append(
            Finding(id="benefit", statement=_worth(benefit, design), grade=design.grade)
        )
    forecast = _forecast(context, measured)
    if forecast is not None and measured.best is not None:
        findings.append(
            Finding(
                id="forecast",
                statement=say(
                    "Forecast {mode} ({low} to {high}), measured {effect}: {kept}.",
                    mode=_change(context, forecast.mode),
                    low=bare(forecast.low, context.project.metric.change_unit),
                    high=bare(forecast.high, context.project.metric.change_unit),
                    effect=_change(context, measured.best.effect),
                    kept=FORECAST_WORDS[forecast.kept],
                ),
                grade=design.grade,
            )
        )
        if forecast.planned is not None and receipt.detectable is not None:
            unit = context.project.metric.change_unit
            findings.append(
                Finding(
                    id="planned",
                    statement=say(
                        "The pilot was planned to show an effect of {planned}; this test shows "
                        "one of {seen} in 80% of cases.",
                        planned=Quantity(value=forecast.planned, unit=unit),
                        seen=Quantity(value=receipt.detectable, unit=unit),
                    ),
                )
            )
    return tuple(findings)


def _net(context: Context, design: Design, measured: Measurements, best: Estimate) -> Finding:
    """The net effect by the chosen design, with the rule it is judged by."""
    identifier = "controlled" if design.grade == "B" else "net"
    if best.p_value is None:
        return Finding(
            id=identifier,
            statement=say(
                "By {design}: {effect}; there is no noise to judge it by.",
                design=DESIGNS[design.chosen],
                effect=_change(context, best.effect),
            ),
            estimate=best,
            grade=design.grade,
        )
    wanted = (best.effect > 0) == (context.project.metric.better == "higher")
    one_sided = best.p_value / 2 if wanted else 1 - best.p_value / 2
    places: dict[str, Quantity | Term] = {
        "design": DESIGNS[design.chosen],
        "effect": _change(context, best.effect),
        "one": Quantity(value=one_sided, unit="p"),
        "two": Quantity(value=best.p_value, unit="p"),
    }
    if measured.relative is None:
        statement = say(
            "By {design}: {effect}; p {one} in the direction declared beforehand, {two} two-sided.",
            **places,
        )
    else:
        statement = say(
            "By {design}: {effect} ({relative} of the level expected without it); p {one} in "
            "the direction declared beforehand, {two} two-sided.",
            relative=Quantity(value=measured.relative, unit="relative"),
            **places,
        )
    return Finding(id=identifier, statement=statement, estimate=best, grade=design.grade)


def _placebo(context: Context, measured: Measurements) -> list[Finding]:
    """Where the effect stands among the placebos, and the scale of ratios where it differs."""
    controlled = measured.controlled
    if controlled is None:
        return []
    findings = []
    n = Quantity(value=len(controlled.placebos), unit="count")
    if controlled.rank is not None and controlled.p_value is not None:
        findings.append(
            Finding(
                id="placebo",
                statement=say(
                    "Placebo test: {further} of {n} units without the change moved as far in "
                    "that direction by themselves (rank {rank}; randomisation p {p}, two-sided). "
                    "They moved {controls} together.",
                    further=Quantity(
                        value=round(controlled.rank * len(controlled.placebos)), unit="count"
                    ),
                    n=n,
                    rank=Quantity(value=controlled.rank, digits=2),
                    p=Quantity(value=controlled.p_value, unit="p"),
                    controls=_change(context, controlled.controls_change),
                ),
                grade=controlled.grade,
            )
        )
    if controlled.scales_disagree and controlled.ratio is not None:
        findings.append(
            Finding(
                id="scales",
                statement=say(
                    "As a ratio it is {ratio} (rank {rank}): the two scales do not agree on "
                    "whether there is an effect.",
                    ratio=Quantity(value=controlled.ratio - 1, unit="relative"),
                    rank=Quantity(value=controlled.ratio_rank or 0.0, digits=2),
                ),
                grade=controlled.grade,
            )
        )
    return findings


def _ratio(ratio: Estimate) -> Finding:
    """The step as a ratio, which suits counts and durations better than a difference."""
    lower, upper = (
        Quantity(value=(limit or 0.0) - 1, unit="relative") for limit in (ratio.lower, ratio.upper)
    )
    change = Quantity(value=ratio.effect - 1, unit="relative")
    statement = say(
        "On the log scale, by the ratio of typical levels: {ratio} ({lower} to {upper}).",
        ratio=change,
        lower=lower,
        upper=upper,
    )
    if ratio.method == "count_interrupted_series":
        statement = say(
            "As counts, by their ratio: {ratio} ({lower} to {upper}).",
            ratio=change,
            lower=lower,
            upper=upper,
        )
    return Finding(id="ratio", statement=statement, grade="C")


def _receipts(context: Context, design: Design, receipt: Receipt) -> list[Finding]:
    """How often the rule says "effective" where nothing was launched."""
    found = []
    for line in receipt.lines:
        n = Quantity(value=line.n, unit="count")
        wrong = Quantity(value=line.effective, unit="share", digits=0)
        if line.where == "controls":
            statement = say(
                "Receipt, fake launches at {n} units without the change: {wrong} called effective.",
                n=n,
                wrong=wrong,
            )
        else:
            statement = say(
                "Receipt, {n} fake launches in its own past: {wrong} called effective.",
                n=n,
                wrong=wrong,
            )
        if line.power is not None and receipt.aim is not None:
            power = Quantity(value=line.power, unit="share", digits=0)
            aim = _change(context, receipt.aim)
            if line.where == "controls":
                statement = say(
                    "Receipt, fake launches at {n} units without the change: {wrong} called "
                    "effective; a true {aim} would have been shown in {power}.",
                    n=n,
                    wrong=wrong,
                    aim=aim,
                    power=power,
                )
            else:
                statement = say(
                    "Receipt, {n} fake launches in its own past: {wrong} called effective; a true "
                    "{aim} would have been shown in {power}.",
                    n=n,
                    wrong=wrong,
                    aim=aim,
                    power=power,
                )
        found.append(Finding(id=f"receipt_{line.where}", statement=statement, grade=design.grade))
    return found


def _worth(benefit: Money, design: Design) -> Statement:
    if design.grade == "A" and benefit.lower is not None and benefit.upper is not None:
        return say(
            "Worth {money} in the treatment arm (95% interval {lower} to {upper}).",
            money=benefit.value,
            lower=benefit.lower,
            upper=benefit.upper,
        )
    if benefit.lower is None or benefit.upper is None:
        return say("Worth {money} over the window after.", money=benefit.value)
    return say(
        "Worth {money} over the window after (95% interval {lower} to {upper}).",
        money=benefit.value,
        lower=benefit.lower,
        upper=benefit.upper,
    )


def _cautions(
    context: Context,
    verdict: Verdict,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    checks: tuple[Check, ...],
    side_effects: SideEffects,
) -> tuple[Caution, ...]:
    cautions = []
    naive = measured.naive
    if verdict == "cannot_tell":
        cautions.append(
            Caution(
                id="not_shown",
                statement=_why_unknown(context, measured, receipt, checks),
                settles=_settles(receipt),
            )
        )
    if naive is not None and naive.estimate.excludes_zero and verdict != "effective":
        cautions.append(
            Caution(
                id="naive_misleads",
                statement=say("The naive comparison looks like an effect; do not quote it."),
            )
        )
    if comparison is not None:
        cautions += _dilution(context, comparison)
    cautions += [
        Caution(id=f"check_{check.id}", statement=check.finding, settles=check.todo)
        for check in checks
        if check.status == "fail" or (check.status == "look" and check.id.startswith(TOLD))
    ]
    cautions += [
        Caution(
            id=f"harmed_{i}",
            statement=say("{name} got worse beyond its margin.", name=rail.name),
            settles=say("Weigh the gain against the harm before it is made standard."),
        )
        for i, rail in enumerate(side_effects.guardrails)
        if rail.status == "harmed"
    ]
    return tuple(cautions)


def _why_unknown(
    context: Context, measured: Measurements, receipt: Receipt, checks: tuple[Check, ...]
) -> Statement:
    """What keeps the verdict open."""
    if blocking := [check for check in checks if check.blocks]:
        return say(
            "A check failed that leaves no verdict standing: {check}", check=blocking[0].title
        )
    if measured.grade == "D":
        return say("A before/after comparison holds everything else that happened.")
    unit = context.project.metric.change_unit
    if receipt.aim is None or receipt.detectable is None:
        return say("The effect is no larger than what happens without a launch.")
    if receipt.detectable > abs(receipt.aim):
        return say(
            "Not shown; but an effect below {seen} would not show, and the aim is {aim}.",
            seen=Quantity(value=receipt.detectable, unit=unit),
            aim=Quantity(value=receipt.aim, unit=unit, signed=True),
        )
    return say(
        "Not shown, and an effect of {aim} is not excluded either.",
        aim=Quantity(value=receipt.aim, unit=unit, signed=True),
    )


def _settles(receipt: Receipt) -> Statement:
    """How many more periods or units would settle it, as far as that can be told."""
    periods = None
    if receipt.more_periods:
        periods = Quantity(value=receipt.more_periods, unit="count")
    units = None
    if receipt.more_units:
        units = Quantity(value=receipt.more_units, unit="count")
    if periods is not None and units is not None:
        return say(
            "Further periods after the launch: {periods}; or further units with the change: "
            "{units}.",
            periods=periods,
            units=units,
        )
    if periods is not None:
        return say("Further periods after the launch: {periods}.", periods=periods)
    if units is not None:
        return say("Further units with the change: {units}; waiting alone may not do.", units=units)
    return say("More periods after the launch, or more units with the change.")


def _dilution(context: Context, comparison: Comparison) -> list[Caution]:
    """Tell that the last period before was under the change in part, where it was."""
    series, last, launch = context.series(), comparison.before.end, comparison.launched.start
    end = series.ends[series.periods.index(last.start)]
    if (end - launch).days <= SLIVER * (end - last.start).days:
        return []
    return [
        Caution(
            id="launch_period",
            statement=say(
                "The launch fell into {period}, which counts as before: that dilutes the "
                "effect a little.",
                period=last,
            ),
            settles=say("effect.launch_period: left_out leaves that period out."),
        )
    ]


def _change(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.metric.change_unit, signed=True)
