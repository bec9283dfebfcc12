"""What a reader sees first: each stage's answer, its key number, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from opsbook.project import Project
from opsbook.report.decision import ToDecide, to_decide
from opsbook.report.key_number import KeyNumber, key_number
from opsbook.report.names import NAMES, QUESTIONS
from opsbook.report.traced import Place, Source, traced
from opsbook.results import STAGES, Caution, Failure, Finding, Stage, StageResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.marks import Mark, mark
from opsbook.results.saved import file_name
from opsbook.text import Language, Statement, say

#: Stage → how the ids of the findings begin that give its answer a size and a grade.
SUPPORT: dict[Stage, tuple[str, ...]] = {
    "trigger": ("latest", "guard"),
    "solutions": ("surety", "money_"),
    "control": ("level",),
}


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """A finding in words, with its number and grade where it has them."""

    id: str
    text: str
    key: KeyNumber | None
    grade: str | None


@dataclass(frozen=True, kw_only=True)
class CautionView:
    """What the data cannot tell or what else was going on, and what would settle it."""

    text: str
    settles: str | None


@dataclass(frozen=True, kw_only=True)
class StageView:
    """One stage as a reader meets it.

    Attributes:
        harms: What was tested and found harmed, which no success may outshine.
        support: Of an answer that measures no change itself, the findings it stands on.
    """

    stage: Stage
    number: int
    name: str
    question: str
    mark: Mark
    headline: str
    key: KeyNumber | None
    harms: tuple[FindingView, ...]
    support: tuple[FindingView, ...]
    findings: tuple[FindingView, ...]
    cautions: tuple[CautionView, ...]
    failure: Failure | None
    due: bool
    saved: bool


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Stages that wait for the same, and what that is."""

    stages: tuple[StageView, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The first screen."""

    stages: tuple[StageView, ...]
    waiting: tuple[Waiting, ...]
    decision: ToDecide | None
    period: str | None
    simulated: bool


def summarise(
    project: Project,
    results: Mapping[Stage, StageResult],
    failures: Mapping[Stage, Failure],
    language: Language,
    places: Mapping[Stage, tuple[Place, ...]] | None = None,
) -> Summary:
    """Put a project's results into words, stage by stage.

    Args:
        project: The checked params.
        results: What was saved.
        failures: What failed; a failure outweighs an older result.
        language: The reader's language.
        places: What the cells of each stage show, for numbers to lead to.
    """
    sources = {
        stage: Source(
            file=file_name(stage, ".json"),
            path="",
            section=stage,
            places=(places or {}).get(stage, ()),
        )
        for stage in STAGES
    }
    intake = results.get("intake")
    stages = tuple(
        _stage(results.get(stage), failures.get(stage), language, sources[stage])
        for stage in STAGES
    )
    return Summary(
        stages=stages,
        waiting=_waiting([view for view in stages if not view.due], results, language),
        decision=to_decide(project, results, failures, language, sources),
        period=_period(intake, language, sources["intake"])
        if isinstance(intake, IntakeResult)
        else None,
        simulated=project.data.kpi.simulated,
    )


def is_due(result: StageResult | None, failure: Failure | None) -> bool:
    """Whether a stage has something to show, or could have."""
    return result is None or result.status != "not_due" or failure is not None


def best_finding(result: StageResult) -> Finding | None:
    """The measured finding with the strongest evidence; of equals the first."""
    measured = [finding for finding in result.findings if finding.estimate is not None]
    return min(measured, key=lambda finding: finding.grade or "F", default=None)


def _stage(
    result: StageResult | None, failure: Failure | None, language: Language, source: Source
) -> StageView:
    stage = cast("Stage", source.section)
    live = result if failure is None else None
    best = best_finding(live) if live else None
    findings = [_finding(finding, language, source) for finding in live.findings] if live else []
    key = next((view.key for view in findings if best and view.id == best.id), None)
    return StageView(
        stage=stage,
        number=STAGES.index(stage),
        name=language.text(NAMES[stage].term),
        question=language.text(QUESTIONS[stage].term),
        mark=mark(result, failure),
        headline=_headline(live, failure, language, source),
        key=key,
        harms=tuple(view for view in findings if view.id in _harmed(live)),
        support=() if key else _support(stage, findings),
        findings=tuple(findings),
        cautions=tuple(_open(caution, language, source) for caution in live.cautions)
        if live
        else (),
        failure=failure,
        due=is_due(result, failure),
        saved=live is not None and live.status == "done",
    )


def _support(stage: Stage, findings: list[FindingView]) -> tuple[FindingView, ...]:
    """The findings that say how much, how surely: the first of each kind."""
    kinds = SUPPORT.get(stage, ())
    first = (next((f for f in findings if f.id.startswith(kind)), None) for kind in kinds)
    return tuple(finding for finding in first if finding is not None)


def _harmed(result: StageResult | None) -> set[str]:
    """Ids of the findings about guardrails that the test found harmed."""
    if not isinstance(result, EffectResult):
        return set()
    return {f"guardrail_{i}" for i, r in enumerate(result.guardrails) if r.status == "harmed"}


def _waiting(
    views: list[StageView], results: Mapping[Stage, StageResult], language: Language
) -> tuple[Waiting, ...]:
    """Stages that are not due, those with the same reason told in one sentence."""
    found: dict[str, list[StageView]] = {}
    for view in views:
        found.setdefault(results[view.stage].headline.message, []).append(view)
    return tuple(
        Waiting(
            stages=tuple(group), reason=_joint([results[v.stage].headline for v in group], language)
        )
        for group in found.values()
    )


def _joint(statements: list[Statement], language: Language) -> str:
    """Statements that differ in their values only, as one whose values are lists."""
    first = statements[0]
    joint = {
        name: tuple(dict.fromkeys(language.value(one.values[name]) for one in statements))
        for name in first.values
    }
    return language.say(Statement(message=first.message, values=joint))


def _headline(
    result: StageResult | None, failure: Failure | None, language: Language, source: Source
) -> str:
    if failure is not None:
        return failure.message
    if result is None:
        return language.text("This stage has not been run.")
    return traced(result.headline, language, source.at("headline"))


def _finding(finding: Finding, language: Language, source: Source) -> FindingView:
    key, here = None, source.at(f"findings.{finding.id}")
    if finding.estimate is not None:
        key = key_number(
            finding.estimate, finding.grade, language, here.at(f"{here.path}.estimate")
        )
    text = traced(finding.statement, language, here)
    return FindingView(id=finding.id, text=text, key=key, grade=finding.grade)


def _open(caution: Caution, language: Language, source: Source) -> CautionView:
    here = source.at(f"cautions.{caution.id}")
    settles = None
    if caution.settles is not None:
        settles = traced(caution.settles, language, here.at(f"{here.path}.settles"))
    return CautionView(text=traced(caution.statement, language, here), settles=settles)


def _period(intake: IntakeResult, language: Language, source: Source) -> str | None:
    if intake.coverage is None or not intake.coverage.periods:
        return None
    first, last = intake.coverage.span
    whole = say("{first} to {last}", first=first, last=last)
    return traced(whole, language, source.at("coverage.periods"))
