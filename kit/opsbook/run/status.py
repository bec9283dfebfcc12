"""What is done, not due and failed, from what the runs have saved."""

from __future__ import annotations

from pydantic import ValidationError

from opsbook.results import STAGES
from opsbook.run.record import ProjectRun
from opsbook.run.workspace import Workspace

MARKS = {
    "done": "done",
    "cached": "done",
    "failed": "FAILED",
    "skipped": "skipped",
    "not_due": "not due",
}


def saved_runs(workspace: Workspace) -> list[ProjectRun]:
    """The last run of every project, by project id; an unreadable run.json is left out."""
    runs = []
    for file in sorted(workspace.outputs.glob("*/run.json")):
        try:
            runs.append(ProjectRun.model_validate_json(file.read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            continue
    return runs


def table(workspace: Workspace) -> str:
    """One line per project: the state of each stage, and when it last ran."""
    runs = saved_runs(workspace)
    if not runs:
        return f"Nothing has run yet in {workspace.root}. Next: opsbook run"
    width = max(len(run.project) for run in runs)
    lines = [" ".join(["project".ljust(width), *(stage.ljust(9) for stage in STAGES), "last run"])]
    for run in runs:
        states = {stage.stage: MARKS[stage.status] for stage in run.runs}
        cells = [states.get(stage, "–").ljust(9) for stage in STAGES]
        lines.append(" ".join([run.project.ljust(width), *cells, run.started]))
    return "\n".join(lines)
