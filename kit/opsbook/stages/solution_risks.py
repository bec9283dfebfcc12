"""What may go wrong with the options, the most urgent first."""

from __future__ import annotations

from opsbook.methods.solutions.failure_mode_effects import (
    FailureMode,
    RatedFailure,
    failure_mode_effects,
)
from opsbook.project.solutions import Option, Risk
from opsbook.results.plan import OptionExposure, RiskRow, RiskView
from opsbook.results.scoring import Gates
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import exposure, params_of
from opsbook.text import term

GAPS = {
    "indicator": term("indicator"),
    "threshold": term("threshold"),
    "plan": term("plan"),
    "owner": term("owner"),
}


def risks(context: Context, gates: Gates) -> RiskView:
    """All risks of the options that passed: those rated by action priority lead."""
    options = [option for option in params_of(context).options if option.id in gates.open]
    pairs = [(option, risk) for option in options for risk in option.risks]
    modes = [_mode(option, risk) for option, risk in pairs if risk.severity is not None]
    rated = {found.mode.name: found for found in failure_mode_effects(modes)} if modes else {}
    place = {name: i for i, name in enumerate(rated)}
    pairs.sort(
        key=lambda pair: (
            place.get(_name(*pair), len(place)),
            -pair[1].probability * pair[1].impact,
        )
    )
    return RiskView(
        rows=tuple(_row(option, risk, rated.get(_name(option, risk))) for option, risk in pairs),
        exposures=tuple(
            OptionExposure(title=option.title, before=found.before, after=found.after)
            for option in options
            if option.risks
            for found in [exposure(option)]
        ),
    )


def _name(option: Option, risk: Risk) -> str:
    return f"{option.id}: {risk.title}"


def _mode(option: Option, risk: Risk) -> FailureMode:
    return FailureMode(
        name=_name(option, risk),
        severity=risk.severity or 1,
        occurrence=risk.occurrence or 1,
        detection=risk.detection or 1,
        indicator=risk.indicator,
        threshold=risk.threshold,
        warns_when=risk.warns_when,
        observed=risk.observed,
        plan=risk.plan,
        owner=risk.owner,
    )


def _row(option: Option, risk: Risk, rated: RatedFailure | None) -> RiskRow:
    return RiskRow(
        option=option.title,
        title=risk.title,
        probability=risk.probability,
        impact=risk.impact,
        probability_before=risk.before.probability if risk.before else None,
        impact_before=risk.before.impact if risk.before else None,
        priority=rated.priority if rated else None,
        ratings=(rated.mode.severity, rated.mode.occurrence, rated.mode.detection)
        if rated
        else None,
        risk_priority_number=rated.risk_priority_number if rated else None,
        indicator=risk.indicator,
        threshold=risk.threshold,
        warns_when=risk.warns_when,
        observed=risk.observed,
        warning=_warning(risk),
        plan=risk.plan,
        owner=risk.owner,
        gaps=tuple(GAPS[name] for name in rated.gaps) if rated else (),
    )


def _warning(risk: Risk) -> bool | None:
    if risk.observed is None or risk.threshold is None:
        return None
    above = risk.warns_when == "above"
    return risk.observed >= risk.threshold if above else risk.observed <= risk.threshold
