"""What is done, not due and failed, from what the runs have saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from opsbook.errors import ParamsError
from opsbook.results import STAGES, Stage
from opsbook.run.cache import Decision, forecast, saved_run
from opsbook.run.contents import Contents
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.record import ProjectRun
from opsbook.run.workspace import Workspace

MARKS = {
    "done": "done",
    "cached": "done",
    "failed": "FAILED",
    "skipped": "skipped",
    "not_due": "not due",
    "interrupted": "stopped",
}
STALE = "stale"
NOT_BROKEN = ("done", "not due")


def saved_runs(workspace: Workspace) -> list[ProjectRun]:
    """The last run of every project, by project id; an unreadable run.json is left out."""
    runs = []
    for file in sorted(workspace.outputs.glob("*/run.json")):
        try:
            runs.append(ProjectRun.model_validate_json(file.read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            continue
    return runs


def recorded(workspace: Workspace, projects: Sequence[str]) -> list[ProjectRun]:
    """The last runs of some projects; of all that have run if none is named.

    Raises:
        ParamsError: If one is not there, or has not run yet.
    """
    runs = {run.project: run for run in saved_runs(workspace)}
    for name in projects:
        if name not in runs:
            known = {job.folder.name for job in plan(workspace, (), refuse=lambda _error: None)}
            if name in known:
                raise ParamsError(f"Project '{name}' has not run yet.", "Next: opsbook run")
            there = ", ".join(sorted(known | runs.keys()))
            raise ParamsError(f"There is no project '{name}'; there are: {there}.")
    return [runs[name] for name in projects or runs]


def table(workspace: Workspace) -> str:
    """One line per project: the state of each stage, and when it last ran.

    A stage is stale if the next run would run it anew.
    """
    runs = saved_runs(workspace)
    if not runs:
        return f"Nothing has run yet in {workspace.root}. Next: opsbook run"
    stale = _stale(workspace)
    width = max(len(run.project) for run in runs)
    lines = [" ".join(["project".ljust(width), *(stage.ljust(9) for stage in STAGES), "last run"])]
    for run in runs:
        states = {stage.stage: MARKS[stage.status] for stage in run.runs}
        changed = stale.get(run.project, set())
        states |= {s: STALE for s, state in states.items() if state in NOT_BROKEN and s in changed}
        cells = [states.get(stage, "–").ljust(9) for stage in STAGES]
        lines.append(" ".join([run.project.ljust(width), *cells, run.started]))
    return "\n".join(lines)


def dry_run(jobs: Sequence[Job], options: RunOptions, contents: Contents) -> Iterator[str]:
    """What a run would do, one line per stage."""
    for job in jobs:
        yield f"{job.project.project.id}:"
        saved = saved_run(job.folder)
        runs = saved.runs if saved else ()
        waiting = {run.stage: run.reason for run in runs if run.status == "not_due"}
        for decision in forecast(job, options, contents):
            yield f"  {decision.stage.ljust(9)} {_foretold(job, decision, waiting)}"


def _foretold(job: Job, decision: Decision, waiting: Mapping[Stage, str]) -> str:
    """What becomes of a stage, and why."""
    action, stage, reason = decision.action, decision.stage, decision.reason
    if action != "left" and getattr(job.project, stage) is None:
        return "not due: the params have no such section"
    if action == "cached" and stage in waiting:
        return f"not due: {waiting[stage]}"
    if action == "run" and decision.edited:
        reason += f" (a copy of {' and '.join(decision.edited)}, changed by hand, is kept)"
    return f"{'runs' if action in {'run', 'maybe'} else action}: {reason}"


def last_failed(jobs: Sequence[Job]) -> list[Job]:
    """The projects whose last run failed or was interrupted."""
    found = []
    for job in jobs:
        run = saved_run(job.folder)
        if run is not None and (run.failed or any(r.status == "interrupted" for r in run.runs)):
            found.append(job)
    return found


def _stale(workspace: Workspace) -> Mapping[str, set[Stage]]:
    """Project → stages that the next run would run; a project with faults has none."""
    contents, found = Contents(), {}
    for job in plan(workspace, (), refuse=lambda _error: None):
        decisions = forecast(job, RunOptions(), contents)
        found[job.project.project.id] = {d.stage for d in decisions if d.action == "run"}
    return found
