"""Which projects to run; everything a person wrote is checked before anything runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from opsbook.errors import OpsbookError, ParamsError
from opsbook.project import Fault, ParamsFile, Project, read_params
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
    """

    project: Project
    params_file: Path
    overrides: Mapping[str, Any]
    folder: Path
    templates: Path
    report_template: Path


def no_columns(_job: Job) -> Sequence[Fault]:
    """For a plan that opens no table."""
    return ()


def stop(error: OpsbookError) -> NoReturn:
    """For a plan that is whole or none."""
    raise error


def plan(
    workspace: Workspace,
    files: Sequence[Path],
    overrides: Mapping[str, Any] | None = None,
    *,
    columns: Callable[[Job], Sequence[Fault]] = no_columns,
    refuse: Callable[[OpsbookError], object] = stop,
) -> list[Job]:
    """All projects of some params files, each checked by itself.

    Args:
        workspace: The user's folder.
        files: Params files; all of the workspace if there are none.
        overrides: Fields to replace in every project, nested.
        columns: Finds the columns that a project names and its table does not have, as `Columns`.
        refuse: Told all faults of a file, whose faulty projects are left out; stops if left out.

    Raises:
        ParamsError: With all faults of a file, or for an id that two files share.
    """
    jobs: dict[str, Job] = {}
    shared: set[str] = set()
    for file in files or workspace.params_files():
        try:
            params = read_params(file)
        except ParamsError as error:
            refuse(error)
            continue
        faults: list[Fault] = []
        for reading in params.readings(overrides):
            found = list(reading.faults)
            if reading.project is not None:
                job = _job(workspace, params, reading.project, overrides or {})
                found += columns(job)
                if not found and (other := jobs.setdefault(job.folder.name, job)) is not job:
                    shared.add(job.folder.name)
                    refuse(_shared(job, other))
            faults += found
        if faults:
            refuse(params.error(faults))
    return [job for name, job in jobs.items() if name not in shared]


def project_named(workspace: Workspace, name: str) -> Job:
    """The project of this name, whatever is wrong with others.

    Raises:
        ParamsError: If there is none.
    """
    jobs = {job.folder.name: job for job in plan(workspace, (), refuse=lambda _error: None)}
    if name not in jobs:
        there = ", ".join(jobs) or "none"
        raise ParamsError(f"There is no project '{name}' without faults; there are: {there}.")
    return jobs[name]


class Columns:
    """Finds columns that the params name and the tables do not have; opens each table once.

    Args:
        fits: Whether a project is known to fit, so that its table need not be opened.
    """

    def __init__(self, fits: Callable[[Job], bool] = lambda _job: False) -> None:
        self._fits = fits
        self._seen: dict[str, Sequence[Fault]] = {}

    def __call__(self, job: Job) -> Sequence[Fault]:
        """The faults of a project."""
        kpi = job.project.data.kpi.model_dump_json(exclude={"filter", "focus", "labels"})
        table = f"{job.params_file.parent} {kpi} {sorted(job.project.columns.items())}"
        if table not in self._seen:
            self._seen[table] = () if self._fits(job) else _column_faults(job)
        return self._seen[table]


def check(jobs: Sequence[Job]) -> dict[str, OpsbookError | None]:
    """Read every project's data, run nothing; project → what is wrong, or None."""
    from opsbook.data import load_tables  # noqa: PLC0415 - heavy

    found: dict[str, OpsbookError | None] = {}
    with tempfile.TemporaryDirectory(prefix="opsbook-") as sums:  # many projects, one table
        for job in jobs:
            try:
                load_tables(job.project, job.params_file.parent, cache=Path(sums))
            except OpsbookError as error:
                found[job.project.project.id] = error
            else:
                found[job.project.project.id] = None
    return found


def _job(
    workspace: Workspace, params: ParamsFile, project: Project, overrides: Mapping[str, Any]
) -> Job:
    identifier = project.project.id
    chosen: dict[str, Any] = dict(overrides)
    if params.has_rows:
        chosen["project"] = {**chosen.get("project", {}), "id": identifier}
    return Job(
        project=project,
        params_file=params.file,
        overrides=chosen,
        folder=workspace.output(identifier),
        templates=workspace.templates,
        report_template=workspace.report_template,
    )


def _shared(job: Job, other: Job) -> ParamsError:
    return ParamsError(
        f"{job.params_file} and {other.params_file} both have the project.id "
        f"'{job.project.project.id}'.",
        "Give one of them another id: it is also the name of the output folder.",
    )


def _column_faults(job: Job) -> Sequence[Fault]:
    from opsbook.data import column_faults  # noqa: PLC0415 - heavy, and often not needed

    try:
        return column_faults(job.project, job.params_file.parent)
    except OpsbookError as error:
        return (Fault(path=("data", "kpi"), message=str(error)),)
