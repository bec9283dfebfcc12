"""Which stages are due, and what the others wait for. Told without touching any data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from opsbook.project import Project
from opsbook.results import Stage, StageResult
from opsbook.results.by_stage import MODELS
from opsbook.results.intake import IntakeResult
from opsbook.text import Statement, say

#: Stage → the earlier stages without which it cannot run. The effect test also reads the forecast
#: of the solutions, and does without it where there is none.
READS: dict[Stage, tuple[Stage, ...]] = {
    "intake": (),
    "trigger": ("intake",),
    "diagnosis": ("intake",),
    "solutions": ("diagnosis",),
    "effect": ("intake",),
    "control": ("effect",),
}


def waits_for(
    stage: Stage, project: Project, upstream: Mapping[Stage, StageResult]
) -> Statement | None:
    """Say what a stage still waits for, or None if it is due.

    Args:
        stage: The stage.
        project: The checked params.
        upstream: Results of earlier stages, whatever their status.
    """
    if stage != "intake" and getattr(project, stage) is None:
        return say(
            "Not due: nothing is planned for it yet (section '{section}' of the params).",
            section=stage,
        )
    if stage == "effect":
        return _waits_for_launch(project, upstream)
    if stage == "control" and project.control and project.control.baseline is None:
        effect = upstream.get("effect")
        if effect is None or effect.status != "done":
            return say(
                "Not due: the limits come from after the change, and no effect test is done."
            )
    return None


def not_due(stage: Stage, project: Project, reason: Statement) -> StageResult:
    """The result of a stage that is not due."""
    return MODELS[stage](stage=stage, project=project.project.id, status="not_due", headline=reason)


def _waits_for_launch(project: Project, upstream: Mapping[Stage, StageResult]) -> Statement | None:
    if project.effect is None or project.effect.launched is None:
        return say("Not due: the params give no launch date (effect.launched).")
    intake = cast("IntakeResult | None", upstream.get("intake"))
    if intake is None or intake.coverage is None:
        return None
    complete = [
        period.start
        for period, state in zip(intake.coverage.periods, intake.coverage.state, strict=True)
        if state == "complete"
    ]
    if complete and max(complete) < project.effect.launched.first:
        return say(
            "Not due: it waits for the first whole period after the launch of {launched}.",
            launched=project.effect.launched.period,
        )
    return None
