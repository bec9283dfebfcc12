"""What one section of the params says of another: each fault at its own place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from pydantic_core import InitErrorDetails, PydanticCustomError

from opsbook.project.trigger import COUNTS

if TYPE_CHECKING:
    from opsbook.project.model import Project

Path = tuple[str | int, ...]


def wrong_references(project: Project) -> Iterator[InitErrorDetails]:
    """Names that stand nowhere else, columns in two roles, targets that cannot be."""
    yield from _targets_out_of_range(project)
    yield from _chart_that_does_not_fit(project)
    yield from _columns_in_two_roles(project)
    dimensions = project.data.kpi.dimensions
    for path, name in _dimensions_used(project):
        if name not in dimensions:
            yield _reference(path, name, "data.kpi.dimensions", dimensions)
    yield from _evidence_of_whys(project)
    yield from _limits_from_before(project)
    yield from _further_metrics_of_the_arms(project)
    if project.diagnosis and project.solutions:
        whys = [why.id for why in project.diagnosis.whys]
        for i, option in enumerate(project.solutions.options):
            if option.cause is not None and option.cause not in whys:
                path = ("solutions", "options", i, "cause")
                yield _reference(path, option.cause, "diagnosis.whys", whys)


def _further_metrics_of_the_arms(project: Project) -> Iterator[InitErrorDetails]:
    experiment = project.effect.experiment if project.effect else None
    if project.effect is None or experiment is None:
        return
    there = [metric.name for metric in (*project.metric.guardrails, *project.effect.also)]
    for name in sorted(experiment.measured - set(there)):
        at = ("effect", "experiment", "further")
        yield _reference(at, name, "metric.guardrails and effect.also", there)


def _limits_from_before(project: Project) -> Iterator[InitErrorDetails]:
    """Limits that hold part of the time before the change hide a relapse."""
    launched = project.effect.launched if project.effect else None
    baseline = project.control.baseline if project.control else None
    if launched is not None and baseline is not None and baseline.end.last < launched.first:
        told = f"ends {baseline.end.root}, before the launch of {launched.root}"
    elif launched is not None and baseline is not None and baseline.start.last < launched.first:
        told = f"begins {baseline.start.root}, before the launch of {launched.root}"
    else:
        return
    yield _fault(("control", "baseline"), f"{told}; take periods after it", to="effect.launched")


def _evidence_of_whys(project: Project) -> Iterator[InitErrorDetails]:
    if project.diagnosis is None:
        return
    causes = project.diagnosis.causes
    events = [event.title for event in project.data.events]
    for i, why in enumerate(project.diagnosis.whys):
        for j, evidence in enumerate(why.evidence):
            at = ("diagnosis", "whys", i, "evidence", j)
            if evidence.kind == "cause" and evidence.cause not in causes:
                yield _reference((*at, "cause"), evidence.cause, "diagnosis.causes", causes)
            if evidence.kind == "correlates_with_event" and evidence.event not in events:
                yield _reference((*at, "event"), evidence.event, "data.events", events)


def _targets_out_of_range(project: Project) -> Iterator[InitErrorDetails]:
    if project.trigger is None or project.watched.kind not in {"share", "rate"}:
        return
    most = 1.0 if project.watched.kind == "share" else float("inf")
    limits = "between 0 and 1" if project.watched.kind == "share" else "at 0 or above"
    for i, target in enumerate(project.trigger.targets):
        if not 0 <= target.value <= most:
            told = f"the target of a {project.watched.kind} lies {limits} (got {target.value:g})"
            yield _fault(("trigger", "targets", i), told, to="metric.kind")


def _chart_that_does_not_fit(project: Project) -> Iterator[InitErrorDetails]:
    chart, kind = project.trigger.limits.chart if project.trigger else "auto", project.watched.kind
    needed = COUNTS.get(chart, kind)
    if needed != kind:
        told = f"a {chart} is drawn of a {needed}, and the metric is a {kind}"
        yield _fault(("trigger", "limits", "chart"), told, to="metric.kind")


def _columns_in_two_roles(project: Project) -> Iterator[InitErrorDetails]:
    """A column is a date, a dimension or a figure; its name may not differ by case only."""
    kpi, to = project.data.kpi, "data.kpi.dimensions"
    roles = {kpi.period.column.casefold(): "data.kpi.period.column"}
    seen = set[str]()
    for i, name in enumerate(kpi.dimensions):
        if name.casefold() in seen:
            yield _fault(
                ("data", "kpi", "dimensions", i), f"'{name}' is there twice", to="data.kpi.path"
            )
        seen.add(name.casefold())
        roles[name.casefold()] = f"data.kpi.dimensions.{i}"
    figures = {f"{p}.{f}": c for p, m in project.metrics.items() for f, c in m.columns.items()}
    if project.diagnosis:
        figures |= {f"diagnosis.{field}": c for field, c in project.diagnosis.columns.items()}
    spelled: dict[str, str] = {}
    for field, name in figures.items():
        path = tuple(int(part) if part.isdigit() else part for part in field.split("."))
        if name.casefold() in roles:
            told = f"'{name}' is also {roles[name.casefold()]}; a column that is summed can be"
            yield _fault(path, f"{told} nothing else", to=to)
        if spelled.setdefault(name.casefold(), name) != name:
            told = f"'{name}' and '{spelled[name.casefold()]}' differ by capitals only; rename"
            yield _fault(path, f"{told} one in the table", to=to)


def _dimensions_used(project: Project) -> list[tuple[Path, str]]:
    used: list[tuple[Path, str]] = [
        (("data", "kpi", "focus", name), name) for name in project.data.kpi.focus
    ]
    if project.diagnosis:
        used += [(("diagnosis", *path), name) for path, name in project.diagnosis.dimensions]
        if project.diagnosis.peers:
            used.append((("diagnosis", "peers", "dimension"), project.diagnosis.peers.dimension))
    if project.effect and project.effect.controls:
        used.append((("effect", "controls", "dimension"), project.effect.controls.dimension))
    return used


def _reference(path: Path, name: str, to: str, there: Collection[str]) -> InitErrorDetails:
    told = f"is '{name}', which is not in {to} ({', '.join(there) or 'none'})"
    return _fault(path, told, to=to)


def _fault(path: Path, told: str, *, to: str) -> InitErrorDetails:
    """A fault at its own place, which pydantic would else put at the top of the file."""
    kind = PydanticCustomError("reference", "{told}", {"told": told, "to": to})
    return InitErrorDetails(type=kind, loc=path, input=None)
