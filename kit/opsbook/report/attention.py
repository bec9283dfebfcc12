"""Which project needs somebody, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from opsbook.results import STAGES, Failure, Stage, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.marks import harms
from opsbook.results.trigger import TriggerResult
from opsbook.text import Term, term

Need = Literal["failed", "start", "breached", "harmed", "watch", "cannot_tell", "quiet", "not_run"]
#: Who comes first. A rule that only noise may have fired stands after a tested harm.
NEEDS: dict[Need, Term] = {
    "failed": term("failed"),
    "start": term("to start"),
    "breached": term("limits breached"),
    "harmed": term("something got worse"),
    "watch": term("to watch"),
    "cannot_tell": term("cannot tell"),
    "quiet": term("quiet"),
    "not_run": term("not run"),
}


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What a project needs, and the stage that says so (None where no stage does)."""

    need: Need
    stage: Stage | None


def attention(results: Mapping[Stage, StageResult], failures: Mapping[Stage, Failure]) -> Attention:
    """Find the most pressing need of a project.

    A trigger counts until its answer is measured: once the effect is tested, that is the news.

    Args:
        results: What the project's stages saved.
        failures: What failed.
    """
    failed = set(failures) | {stage for stage, r in results.items() if r.status == "failed"}
    if failed:
        return Attention(need="failed", stage=min(failed, key=STAGES.index))
    done = {stage: result for stage, result in results.items() if result.status == "done"}
    if not done:
        return Attention(need="not_run", stage=None)
    needs = [
        (need, stage)
        for stage, result in done.items()
        if (need := _need(result, measured="effect" in done)) is not None
    ]
    order = list(NEEDS)
    if needs:
        need, stage = min(needs, key=lambda one: (order.index(one[0]), -STAGES.index(one[1])))
        return Attention(need=need, stage=stage)
    return Attention(need="quiet", stage=_news(done))


def _need(result: StageResult, *, measured: bool) -> Need | None:
    match result:
        case IntakeResult(verdict="unusable"):
            return "cannot_tell"
        case TriggerResult(verdict=str(verdict)) if not measured:
            needs = {"start": "start", "watch": "watch", "insufficient": "cannot_tell"}
            return cast("Need | None", needs.get(verdict))
        case EffectResult() if harms(result):
            return "harmed"
        case EffectResult(verdict="cannot_tell"):
            return "cannot_tell"
        case ControlResult(watch=watch) if watch is not None and watch.level != "none":
            return "breached" if watch.level == "red" else "watch"
        case _:
            return None


def _news(done: Mapping[Stage, StageResult]) -> Stage:
    """The stage with the newest answer: the last test that was made, else the last stage."""
    tests = [stage for stage in ("trigger", "effect") if stage in done]
    return cast("Stage", tests[-1]) if tests else max(done, key=STAGES.index)
