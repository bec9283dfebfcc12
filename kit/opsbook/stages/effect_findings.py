"""What the effect test found, one sentence a finding, each with its number and its grade."""

from __future__ import annotations

from opsbook.methods.estimate import Estimate
from opsbook.results import Finding
from opsbook.results.effect import (
    GUARDRAIL_WORDS,
    Comparison,
    Design,
    GuardrailCheck,
    Receipt,
    SideEffects,
)
from opsbook.results.effect_measured import Measurements
from opsbook.stages import effect_benefit, effect_forecast
from opsbook.stages.context import Context
from opsbook.stages.effect_design import WORDS as DESIGNS
from opsbook.stages.effect_form import bare
from opsbook.stages.effect_headline import change
from opsbook.text import Quantity, Statement, Term, say


def findings(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    side_effects: SideEffects,
) -> tuple[Finding, ...]:
    """The net effect, placebos, the naive figure, the receipt, guardrails, worth and forecast."""
    told: list[Finding] = []
    if measured.best is not None and design.chosen != "before_after":
        told.append(_net(context, design, measured, measured.best))
    if measured.controlled is not None and design.grade == "B":
        told += _placebo(context, measured)
    if measured.interrupted and measured.interrupted.ratio and design.grade == "C":
        told.append(_ratio(measured.interrupted.ratio))
    slope = measured.interrupted.slope if measured.interrupted else None
    if slope is not None and design.grade == "C":
        told.append(
            Finding(
                id="slope",
                statement=say(
                    "Change of its trend per period: {slope} ({lower} to {upper}).",
                    slope=change(context, slope.effect),
                    lower=bare(slope.lower or 0.0, context.project.metric.change_unit),
                    upper=bare(slope.upper or 0.0, context.project.metric.change_unit),
                ),
                estimate=slope,
                grade="C",
            )
        )
    if measured.naive is not None and comparison is not None:
        unit = context.project.metric.value_unit
        told.append(
            Finding(
                id="naive",
                statement=say(
                    "Before/after alone: {before} to {after}, {change}.",
                    before=Quantity(value=comparison.before.value, unit=unit),
                    after=Quantity(value=comparison.after.value, unit=unit),
                    change=change(context, measured.naive.estimate.effect),
                ),
                estimate=measured.naive.estimate,
                grade="D",
            )
        )
    told += _receipts(context, design, receipt)
    told += [
        Finding(
            id=f"guardrail_{i}",
            statement=_guardrail(rail),
            estimate=rail.estimate,
            grade=rail.grade,
        )
        for i, rail in enumerate(side_effects.guardrails)
    ]
    benefit = effect_benefit.benefit(context, measured)
    if benefit is not None:
        told.append(
            Finding(
                id="benefit", statement=effect_benefit.worth(benefit, design), grade=design.grade
            )
        )
    forecast = effect_forecast.forecast(context, measured)
    if forecast is not None and measured.best is not None:
        told.append(
            Finding(
                id="forecast",
                statement=say(
                    "Forecast {mode} ({low} to {high}), measured {effect}: {kept}.",
                    mode=change(context, forecast.mode),
                    low=bare(forecast.low, context.project.metric.change_unit),
                    high=bare(forecast.high, context.project.metric.change_unit),
                    effect=change(context, measured.best.effect),
                    kept=effect_forecast.FORECAST_WORDS[forecast.kept],
                ),
                grade=design.grade,
            )
        )
        if forecast.planned is not None and receipt.detectable is not None:
            unit = context.project.metric.change_unit
            told.append(
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
    return tuple(told)


def _guardrail(rail: GuardrailCheck) -> Statement:
    if rail.estimate is None:
        return say("Guardrail {name}: not measured in the arms of the experiment.", name=rail.name)
    return say(
        "Guardrail {name}: {change} against a margin of {margin}: {status}.",
        name=rail.name,
        change=Quantity(value=rail.estimate.effect, unit=rail.change_unit, signed=True),
        margin=Quantity(value=rail.margin, unit=rail.change_unit),
        status=GUARDRAIL_WORDS[rail.status],
    )


def _net(context: Context, design: Design, measured: Measurements, best: Estimate) -> Finding:
    """The net effect by the chosen design, with the rule it is judged by."""
    identifier = "controlled" if design.grade == "B" else "net"
    if best.p_value is None:
        return Finding(
            id=identifier,
            statement=say(
                "By {design}: {effect}; there is no noise to judge it by.",
                design=DESIGNS[design.chosen],
                effect=change(context, best.effect),
            ),
            estimate=best,
            grade=design.grade,
        )
    wanted = (best.effect > 0) == (context.project.metric.better == "higher")
    one_sided = best.p_value / 2 if wanted else 1 - best.p_value / 2
    places: dict[str, Quantity | Term] = {
        "design": DESIGNS[design.chosen],
        "effect": change(context, best.effect),
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
                    controls=change(context, controlled.controls_change),
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
        wrong = Quantity(value=round(line.effective * line.n), unit="count")
        if line.where == "controls":
            statement = say(
                "Receipt: of {n} fake launches at units without the change, {wrong} were called "
                "effective.",
                n=n,
                wrong=wrong,
            )
        else:
            statement = say(
                "Receipt: of {n} fake launches in its own past, {wrong} were called effective.",
                n=n,
                wrong=wrong,
            )
        if line.power is not None and receipt.aim is not None:
            power = Quantity(value=round(line.power * line.n), unit="count")
            aim = change(context, receipt.aim)
            if line.where == "controls":
                statement = say(
                    "Receipt: of {n} fake launches at units without the change, {wrong} were "
                    "called effective; with a true {aim}, {power} would have been.",
                    n=n,
                    wrong=wrong,
                    aim=aim,
                    power=power,
                )
            else:
                statement = say(
                    "Receipt: of {n} fake launches in its own past, {wrong} were called effective; "
                    "with a true {aim}, {power} would have been.",
                    n=n,
                    wrong=wrong,
                    aim=aim,
                    power=power,
                )
        found.append(Finding(id=f"receipt_{line.where}", statement=statement, grade=design.grade))
    return found
