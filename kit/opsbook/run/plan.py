"""Which projects to run; everything a person wrote is checked before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opsbook.errors import OpsbookError, ParamsError
from opsbook.project import ParamsFile, Project, read_params
from opsbook.run.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Job:
    """One project to run.

    Attributes:
        project: The checked params.
        params_file: Where they were read from.
        overrides: What the notebooks pass to get the same params.
        folder: Where its outputs go.
        templates: Where its notebooks come from.
        report_template: The nbconvert template of its report.
        params: The params file as read, for the lines of its faults.
    """

    project: Project
    params_file: Path
    overrides: Mapping[str, Any]
    folder: Path
    templates: Path
    report_template: Path
    params: ParamsFile = field(repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the params file's text behind where the job goes to another process."""
        return {**self.__dict__, "params": None}


def plan(
    workspace: Workspace, files: Sequence[Path], overrides: Mapping[str, Any] | None = None
) -> list[Job]:
    """All projects of some params files, each checked by itself.

    Args:
        workspace: The user's folder.
        files: Params files; all of the workspace if there are none.
        overrides: Fields to replace in every project, nested.

    Raises:
        ParamsError: With all faults of a file, or for an id that two files share.
    """
    jobs: dict[str, Job] = {}
    for file in files or workspace.params_files():
        params = read_params(file)
        for project in params.projects(overrides):
            identifier = project.project.id
            if identifier in jobs:
                raise ParamsError(
                    f"{file} and {jobs[identifier].params_file} both have the project.id "
                    f"'{identifier}'.",
                    "Give one of them another id: it is also the name of the output folder.",
                )
            chosen: dict[str, Any] = dict(overrides or {})
            if len(params.rows) > 1 or params.rows[0]:
                chosen["project"] = {**chosen.get("project", {}), "id": identifier}
            jobs[identifier] = Job(
                project=project,
                params_file=file,
                overrides=chosen,
                folder=workspace.output(identifier),
                templates=workspace.templates,
                report_template=workspace.report_template,
                params=params,
            )
    return list(jobs.values())


def check_columns(jobs: Sequence[Job], fits: Callable[[Job], bool] = lambda _job: False) -> None:
    """Check that the tables have the columns that the params name; each table is opened once.

    Args:
        jobs: The projects.
        fits: Whether a project is known to fit, so that its table need not be opened.

    Raises:
        ParamsError: With all faults of a file.
        DataError: If a table cannot be opened.
    """
    seen: set[str] = set()
    for job in jobs:
        kpi = job.project.data.kpi.model_dump_json(exclude={"filter", "focus", "labels"})
        table = f"{job.params_file.parent} {kpi} {sorted(job.project.columns.values())}"
        if table in seen or fits(job):
            continue
        from opsbook.data import column_faults  # noqa: PLC0415 - heavy, and often not needed

        if faults := column_faults(job.project, job.params_file.parent):
            raise job.params.error(faults)
        seen.add(table)


def check(jobs: Sequence[Job]) -> dict[str, OpsbookError | None]:
    """Read every project's data, run nothing; project → what is wrong, or None."""
    from opsbook.data import load_tables  # noqa: PLC0415 - heavy

    found: dict[str, OpsbookError | None] = {}
    for job in jobs:
        try:
            load_tables(job.project, job.params_file.parent)
        except OpsbookError as error:
            found[job.project.project.id] = error
        else:
            found[job.project.project.id] = None
    return found
