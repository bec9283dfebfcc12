"""What a report asks its reader to decide, how to go about it, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opsbook.project import Project
from opsbook.report.names import NAMES
from opsbook.report.traced import Source, own_words, traced
from opsbook.results import STAGES, Failure, Stage, StageResult
from opsbook.results.control import ControlResult, Decision
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.solutions import SolutionsResult
from opsbook.results.trigger import TriggerResult
from opsbook.text import Language, Period, Statement, say

UNUSABLE = say("Decide who repairs the data: nothing can be read from them yet.")
TRIGGER = {
    "start": say("Decide whether to start an optimisation, and who leads it."),
    "watch": say("Nothing to decide yet: look again after the next period."),
    "no_reason": say("Nothing to decide: there is no reason to start."),
    "insufficient": say("Decide whether to collect more data: these cannot tell."),
}
CAUSE = say("Decide which solutions to compare for the confirmed cause.")
NO_CAUSE = say("No cause is confirmed: decide which why to test next.")
NO_WHY = say("No cause is named yet: decide who asks why, and what would prove the answer.")
NO_OPTION = say("No option passes the gates: decide which gate to loosen, or look for others.")
DECIDED = say("The choice is made: carry it out, and note the launch date in the params.")
EFFECT = {
    "effective": say("Decide whether to make the change standard, and who watches it."),
    "ineffective": say("The change does not bring what was aimed at: decide what to try next."),
    "harmful": say("Decide whether to take the change back."),
    "cannot_tell": say("Decide whether to go on measuring; nothing is made standard yet."),
}
HARMED = say("Weigh the gain against the harm before the change is made standard.")


@dataclass(frozen=True, kw_only=True)
class ToDecide:
    """The question to the reader.

    Attributes:
        text: What to decide.
        steps: How to go about it.
        by: Until when; None if nothing names a date.
        who: Who answers for it, as the params name them.
    """

    text: str
    steps: tuple[str, ...]
    by: str | None
    who: str


@dataclass(frozen=True, kw_only=True)
class _Question:
    stage: Stage
    asked: Statement
    path: str = "headline"
    steps: tuple[tuple[str, Statement], ...] = ()


def to_decide(
    project: Project,
    results: Mapping[Stage, StageResult],
    failures: Mapping[Stage, Failure],
    language: Language,
    sources: Mapping[Stage, Source],
) -> ToDecide | None:
    """Find the decision that a project waits for: that of its last stage with an answer.

    Args:
        project: The checked params.
        results: What was saved.
        failures: What failed; that is mended before anything is decided.
        language: The reader's language.
        sources: Where each stage's result is saved.

    Returns:
        The decision, or None if no stage has run.
    """
    question = _question(project, results, failures)
    if question is None:
        return None
    source = sources[question.stage]
    control = results.get("control")
    owner = project.control.owner if project.control and question.stage == "control" else ""
    return ToDecide(
        text=traced(question.asked, language, source.at(question.path)),
        steps=tuple(traced(step, language, source.at(path)) for path, step in question.steps),
        by=_until(project, control, language, sources["control"]),
        who=owner or project.project.team.lead or project.project.owner,
    )


def _question(
    project: Project, results: Mapping[Stage, StageResult], failures: Mapping[Stage, Failure]
) -> _Question | None:
    if failures:
        stage = min(failures, key=STAGES.index)
        asked = say("Repair what failed first: {stage}.", stage=NAMES[stage])
        return _Question(stage=stage, asked=asked)
    done = [result for stage in STAGES if (result := results.get(stage)) and _is_done(result)]
    if done and isinstance(done[0], IntakeResult) and done[0].verdict == "unusable":
        return _Question(stage="intake", asked=UNUSABLE)
    for result in reversed(done):
        if (question := _asked_by(result, project)) is not None:
            return question
    return None


def _asked_by(result: StageResult, project: Project) -> _Question | None:
    asked: Statement | None = None
    match result:
        case ControlResult(decision=Decision() as decision):
            return _after_the_test(result, decision, project)
        case EffectResult(verdict=str(verdict)):
            harmed = any(rail.status == "harmed" for rail in result.guardrails)
            asked = HARMED if harmed and verdict == "effective" else EFFECT[verdict]
        case SolutionsResult(decision=None, choice=choice) if choice is not None:
            titles = choice.titles
            asked = say("Decide on what comes first by the figures: {options}.", options=titles)
            asked = asked if titles else NO_OPTION
        case SolutionsResult():
            asked = DECIDED if result.decision else NO_OPTION
        case DiagnosisResult(whys=whys):
            rows = whys.rows if whys else ()
            confirmed = any(why.status == "confirmed" for why in rows)
            asked = CAUSE if confirmed else NO_CAUSE if rows else NO_WHY
        case TriggerResult(verdict=str(verdict)):
            asked = TRIGGER[verdict]
    return None if asked is None else _Question(stage=result.stage, asked=asked)


def _after_the_test(result: ControlResult, decision: Decision, project: Project) -> _Question:
    """The saved decision; a breach of the new limits comes before it."""
    if result.watch is not None and result.watch.level == "red":
        asked = say("The new limits are breached: decide whether to start the next loop.")
        file = say("Its params are drafted: {file}", file=f"{project.project.id}.next.yaml")
        drafted = (("next_params", file),) if result.next_params else ()
        return _Question(stage="control", asked=asked, steps=drafted)
    steps = tuple((f"decision.extension.{i}", step) for i, step in enumerate(decision.extension))
    if decision.action == "roll_back" and decision.rollback is not None:
        steps = (("decision.rollback", decision.rollback),)
    elif decision.hypotheses:
        first = say("Next hypothesis: {claim}", claim=decision.hypotheses[0].claim)
        steps = (("decision.hypotheses.0", first),)
    return _Question(stage="control", asked=decision.reason, path="decision.reason", steps=steps)


def _is_done(result: StageResult) -> bool:
    return result.status == "done"


def _until(
    project: Project, control: StageResult | None, language: Language, source: Source
) -> str | None:
    if isinstance(control, ControlResult) and control.decision and control.decision.reviews:
        first = Period(start=control.decision.reviews[0])
        until = say("by {date}, the first review", date=first)
        return traced(until, language, source.at("decision.reviews"))
    goal = project.project.goal
    if goal is None or goal.by is None:
        return None
    by = own_words(language.period(goal.by.period))
    before, after = language.text("by {date}, the goal's date").split("{date}")
    return before + by + after
