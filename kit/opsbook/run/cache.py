"""Which stages have to run, and why: a stage is known by the content of all that it reads."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from opsbook.results import STAGES, Stage
from opsbook.results.saved import file_name
from opsbook.run.contents import Contents, hash_of
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.record import ProjectRun, Run

RUN = "run.json"
REPORT = "report.html"
#: How a part of a stage's inputs is called; an earlier stage's result has the stage's name.
PARTS = {
    "kit": "the kit",
    "params": "the params",
    "template": "the template",
    "data": "the data",
    "day": "the day, and with it which rows lie in the future,",
}
NO_FILE = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of a stage.

    Attributes:
        stage: The stage.
        action: ``run``, ``cached``, ``left`` (not asked for), or ``maybe``: it runs if an
            earlier stage, which has to run, comes to another result.
        reason: Why.
        edited: Its files that somebody has changed since the run that wrote them.
    """

    stage: Stage
    action: Literal["run", "maybe", "cached", "left"]
    reason: str
    edited: tuple[str, ...] = ()


def saved_run(folder: Path) -> ProjectRun | None:
    """What the last run of a project has recorded, if it can be read."""
    try:
        return ProjectRun.model_validate_json((folder / RUN).read_bytes())
    except (OSError, ValidationError):
        return None


def project_inputs(job: Job, contents: Contents) -> dict[str, str]:
    """The hash of all that a project's stages have in common; no data where they may change.

    Where rows lay in the future when they were read, the day is one of them.
    """
    params = job.project.model_dump(by_alias=True)
    found = {
        "kit": contents.kit(),
        "params": hash_of([job.project.model_dump_json(by_alias=True), parameters(job)]),
    }
    if _looked_ahead(job.folder):
        found["day"] = today()
    data = contents.tables(params, job.params_file.parent)
    return found if data is None else {**found, "data": data}


def today() -> str:
    """The day on which a stage runs."""
    return dt.datetime.now().astimezone().date().isoformat()


def _looked_ahead(folder: Path) -> bool:
    """Whether the last intake found rows of days to come."""
    try:
        text = (folder / file_name("intake", ".json")).read_bytes()
        if b'"future"' not in text:  # a long file to read for so little
            return False
        return any(check["id"] == "future" for check in json.loads(text)["ledger"]["checks"])
    except (OSError, ValueError, LookupError, TypeError):
        return False


def stage_inputs(
    job: Job, stage: Stage, common: Mapping[str, str], contents: Contents
) -> dict[str, str]:
    """The hash of each part that a stage reads: params, data, template, kit, earlier results."""
    earlier = STAGES[: STAGES.index(stage)]
    results = {name: contents.file(job.folder / file_name(name, ".json")) for name in earlier}
    template = contents.template(job.templates / file_name(stage, ".ipynb"))
    return {
        **common,
        "template": template,
        **{name: content or NO_FILE for name, content in results.items()},
    }


def decide(
    job: Job,
    stage: Stage,
    inputs: Mapping[str, str],
    saved: Run | None,
    options: RunOptions,
    contents: Contents,
) -> Decision:
    """Decide whether a stage has to run.

    Args:
        job: The project.
        stage: The stage.
        inputs: What `stage_inputs` found.
        saved: What the last run has recorded of the stage.
        options: What was asked for.
        contents: The run's hashes.
    """
    edited = edited_files(job.folder, stage, saved, contents)
    if options.stages and stage not in options.stages:
        return Decision(stage=stage, action="left", reason="not asked for", edited=edited)
    reason = "--force" if options.force else _reason(job.folder, saved, inputs)
    if reason is not None:
        return Decision(stage=stage, action="run", reason=reason, edited=edited)
    if edited:
        reason = f"{' and '.join(edited)} changed by hand, kept; --force runs it anew"
        return Decision(stage=stage, action="cached", reason=reason, edited=edited)
    return Decision(stage=stage, action="cached", reason="unchanged")


def forecast(job: Job, options: RunOptions, contents: Contents) -> list[Decision]:
    """What a run would do with each stage of a project, as far as can be told before it."""
    saved = saved_run(job.folder)
    runs = {} if saved is None else {run.stage: run for run in saved.runs}
    common = project_inputs(job, contents)
    found: list[Decision] = []
    for stage in STAGES:
        inputs = stage_inputs(job, stage, common, contents)
        decision = decide(job, stage, inputs, runs.get(stage), options, contents)
        before = [d.stage for d in found if d.action in {"run", "maybe"}]
        if decision.action == "cached" and before:
            reason = f"if the result of {before[0]} changes"
            decision = Decision(stage=stage, action="maybe", reason=reason, edited=decision.edited)
        found.append(decision)
    return found


def report_inputs(job: Job, runs: Mapping[Stage, Run], contents: Contents) -> str:
    """The hash of everything that a project's report shows."""
    names = [file_name(stage, suffix) for stage in STAGES for suffix in (".ipynb", ".json")]
    failures = {
        stage: run.failure.model_dump(mode="json") for stage, run in runs.items() if run.failure
    }
    return hash_of(
        [
            contents.kit(report=True),
            contents.folder(job.report_template),
            job.project.model_dump_json(by_alias=True),
            {name: contents.file(job.folder / name) for name in names},
            failures,
        ]
    )


def unchanged(job: Job, options: RunOptions, contents: Contents) -> ProjectRun | None:
    """What the last run has recorded, where nothing has to run or to be published again."""
    saved = saved_run(job.folder)
    if saved is None or saved.report_failure or not (job.folder / REPORT).is_file():
        return None
    decisions = forecast(job, options, contents)
    if any(decision.action in {"run", "maybe"} for decision in decisions):
        return None
    runs = {run.stage: run for run in saved.runs}
    if saved.report_inputs != report_inputs(job, runs, contents):
        return None
    asked = tuple(from_cache(runs[d.stage], d) for d in decisions if d.action == "cached")
    return saved.model_copy(update={"runs": asked, "seconds": 0.0, "store_failure": None})


def kernel_needed(job: Job, options: RunOptions, contents: Contents) -> bool:
    """Whether a notebook may have to run; a stage without its section has none."""
    return any(
        decision.action in {"run", "maybe"} and getattr(job.project, decision.stage) is not None
        for decision in forecast(job, options, contents)
    )


def data_fit(job: Job, contents: Contents) -> bool:
    """Whether an earlier run has read just these data by just these params."""
    saved = saved_run(job.folder)
    common = project_inputs(job, contents)
    return saved is not None and "data" in common and saved.checked == hash_of(common)


def from_cache(run: Run, decision: Decision) -> Run:
    """A stage's record where it did not have to run."""
    due = run.status != "not_due"
    return run.model_copy(
        update={
            "status": "cached" if due else "not_due",
            "reason": decision.reason if due else run.reason,
            "seconds": 0.0,
            "by_hand": decision.edited,
        }
    )


def edited_files(
    folder: Path, stage: Stage, saved: Run | None, contents: Contents
) -> tuple[str, ...]:
    """A stage's files that are there and are not as a run left them."""
    if saved is None:
        names = (file_name(stage, suffix) for suffix in (".ipynb", ".json"))
        return tuple(name for name in names if (folder / name).is_file())
    if saved.status == "interrupted":
        return ()
    now = {name: contents.file(folder / name) for name in saved.files}
    return tuple(n for n, content in now.items() if content not in {None, saved.files[n]})


def parameters(job: Job) -> dict[str, Any]:
    """What a project's notebooks get as their parameters."""
    return {
        "params_file": os.path.relpath(job.params_file, job.folder),
        "overrides": dict(job.overrides),
        "run_dir": ".",
    }


def _reason(folder: Path, saved: Run | None, inputs: Mapping[str, str]) -> str | None:
    """Why a stage has to run, or None if it has not."""
    if saved is None:
        return "it has not run yet"
    if saved.status in {"failed", "skipped", "interrupted"}:
        return f"it {'' if saved.status == 'failed' else 'was '}{saved.status} last time"
    if "data" not in inputs:
        return "its data come from a database, which may have changed"
    changed = [name for name in inputs if saved.inputs.get(name) != inputs[name]]
    if changed:
        words = [PARTS.get(name, f"the result of {name}") for name in changed]
        return f"{' and '.join(words)} changed"
    gone = [name for name in saved.files if not (folder / name).is_file()]
    return f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone" if gone else None
