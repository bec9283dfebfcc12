"""One project from its first stage to its report; one broken stage never stops the rest."""

from __future__ import annotations

import datetime as dt
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from opsbook import __version__
from opsbook.errors import OpsbookError, RunError
from opsbook.installed import LIBRARIES, version
from opsbook.results import STAGES, Stage, StageResult
from opsbook.results.by_stage import MODELS, read_result, write_result
from opsbook.results.saved import file_name, write_whole
from opsbook.run.by_hand import set_aside
from opsbook.run.cache import (
    REPORT,
    RUN,
    Decision,
    data_fit,
    decide,
    from_cache,
    project_inputs,
    report_inputs,
    saved_run,
    stage_inputs,
    today,
)
from opsbook.run.contents import Contents, hash_of
from opsbook.run.execute import execute
from opsbook.run.leftovers import clear_leftovers
from opsbook.run.lock import project_lock
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.record import Failure, ProjectRun, Run
from opsbook.run.redact import redactor
from opsbook.run.run_log import RunLog
from opsbook.run.sending import not_in_step, sent
from opsbook.run.store import Store
from opsbook.run.unwritable import refuse_a_full_disk, stop_if_unwritable
from opsbook.stages.due import READS, not_due, waits_for
from opsbook.stages.registration import register_waiting
from opsbook.text import Language, Statement, say

#: The folder of the sums that notebooks keep, beside the projects' outputs.
SUMS = "sums.cache"
Publish = Callable[[Job, tuple[Run, ...]], Path]
NOTEBOOKS = ("papermill", "nbclient", "nbconvert", "ipykernel", "jupyterlab")


def run_project(
    job: Job, publish: Publish, kernels: Path, options: RunOptions | None = None
) -> ProjectRun:
    """Run the stages of a project that are due and not in the cache, then publish its report.

    Killed at any instant, the next run goes on from the last stage that was finished; the files
    of the run before stay until each is replaced whole.

    Args:
        job: The project.
        publish: Writes the report from the outputs.
        kernels: The run's folder for kernels, from `kernel_folder`.
        options: What is asked for.

    Returns:
        What was done; run.json keeps how each file came about.

    Raises:
        ParamsError: If params and data do not fit each other; then nothing is written.
        DataError: If the data cannot be read; then nothing is written.
        UnwritableError: If the outputs cannot be written to.
        RunError: If another run of the project does not end.
    """
    options = options or RunOptions()
    contents = Contents()
    redact = redactor(job.project.model_dump(by_alias=True))
    try:
        check_data(job, contents)
        with project_lock(job.folder, options.lock_seconds):
            clear_leftovers(job.folder)
            clear_leftovers(job.folder.parent / SUMS)
            store, fault = _store(options, job.folder)
            done = _ProjectRun(job, kernels, options, contents, redact).run(publish)
            if fault is not None:
                return not_in_step(job.folder, done, redact(fault))
            return done if store is None else sent(store, job.folder, done, redact)
    except OpsbookError as error:
        stop_if_unwritable(job.folder, error)
        raise type(error)(redact(error.problem), redact(error.fix)) from error


def _store(options: RunOptions, folder: Path) -> tuple[Store | None, str | None]:
    """The store, once the folder is in step with it; and what prevents that."""
    if options.store is None:
        return None, None
    try:
        store = Store(options.store)
        store.fetch(folder)
    except RunError as error:
        stop_if_unwritable(folder, error)
        return None, str(error)
    return store, None


def check_data(job: Job, contents: Contents) -> None:
    """Read a project's data before anything is run or written, unless they have been read before.

    Raises:
        DataError: If they cannot be read.
    """
    if not data_fit(job, contents):
        from opsbook.data import load_tables  # noqa: PLC0415 - heavy, and often not needed

        load_tables(job.project, job.params_file.parent, cache=job.folder.parent / SUMS)


class _ProjectRun:
    """The state of one project while it runs: what is recorded, and what to do now."""

    def __init__(
        self,
        job: Job,
        kernels: Path,
        options: RunOptions,
        contents: Contents,
        redact: Callable[[str], str],
    ) -> None:
        self._job = job
        self._kernels = kernels
        self._options = options
        self._contents = contents
        self._redact = redact
        self._log = RunLog(job.folder, self._redact)
        self._common = project_inputs(job, self._contents)
        self._before = saved_run(job.folder)
        self._recorded = {run.stage: run for run in self._before.runs} if self._before else {}
        self._results: dict[Stage, StageResult] = {}
        self._clock = time.perf_counter()
        self._started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

    def run(self, publish: Publish) -> ProjectRun:
        told = [run for run in map(self._stage, STAGES) if run is not None]
        ran = any(run.status != "cached" and run.seconds for run in told)
        return self._publish(publish, tuple(told), ran=ran)

    def _stage(self, stage: Stage) -> Run | None:
        """Run a stage or take it from the cache; None if it is not asked for."""
        job, saved = self._job, self._recorded.get(stage)
        inputs = stage_inputs(job, stage, self._common, self._contents)
        decision = decide(job, stage, inputs, saved, self._options, self._contents)
        try:
            if decision.action == "run":
                return self._anew(stage, inputs, decision)
            if decision.action == "left":
                return None
            self._log(f"{stage}: from the cache: {decision.reason}")
            return None if saved is None else from_cache(saved, decision)
        finally:
            result = _readable(job.folder, stage)
            if result is not None:
                self._results[stage] = result

    def _anew(self, stage: Stage, inputs: Mapping[str, str], decision: Decision) -> Run:
        refuse_a_full_disk(self._job.folder)
        self._log(f"{stage}: runs: {decision.reason}")
        kept = set_aside(self._job.folder, decision.edited)
        if kept:
            self._log(f"{stage}: changed by hand, kept as {', '.join(kept)}")
        # Should the run be killed, the next one knows that these files are nobody's own work.
        self._record(self._run_of(stage, status="interrupted"))
        run = self._due(stage)
        stop_if_unwritable(self._job.folder, run)
        files = {
            name: content
            for name in (file_name(stage, ".ipynb"), file_name(stage, ".json"))
            if (content := self._contents.file(self._job.folder / name)) is not None
        }
        reason = run.reason or f"ran: {decision.reason}"
        if kept:
            reason = f"{reason}; changed by hand before, kept as {', '.join(kept)}"
        inputs = {**inputs, "day": today()}
        run = run.model_copy(update={"inputs": inputs, "files": files, "reason": reason})
        self._record(run)
        self._log(f"{stage}: {run.status} in {run.seconds:.2f} s; {run.reason}")
        return run.model_copy(update={"by_hand": decision.edited})

    def _due(self, stage: Stage) -> Run:
        """A stage from what is there now: not due, skipped, or executed."""
        job, results = self._job, self._results
        broken = [n for n in READS[stage] if n in results and results[n].status == "failed"]
        reason = waits_for(stage, job.project, results)
        if reason is not None:
            register_waiting(stage, job.project, job.folder)
            write_result(job.folder, not_due(stage, job.project, reason))
            _forget_notebook(job, stage)
            return self._run_of(stage, status="not_due", reason=Language("en").say(reason))
        if broken:
            headline = say("Skipped: it needs the stage '{stage}', which failed.", stage=broken[0])
            _write_failed(job, stage, headline)
            _forget_notebook(job, stage)
            return self._run_of(stage, status="skipped", reason=f"needs {broken[0]}")
        run = self._executed(stage)
        if run.failure is not None:
            stop_if_unwritable(job.folder, run)
            error, message = run.failure.error, run.failure.message
            _write_failed(
                job, stage, say("Failed: {error}: {message}", error=error, message=message)
            )
        return run

    def _executed(self, stage: Stage) -> Run:
        try:
            return execute(
                self._job, stage, self._kernels, options=self._limits(), redact=self._redact
            )
        except OpsbookError as error:
            stop_if_unwritable(self._job.folder, error)
            message = self._redact(str(error))
            failure = Failure(
                stage=stage, error=type(error).__name__, message=message, retry="opsbook run"
            )
            return self._run_of(stage, status="failed", reason=message, failure=failure)

    def _limits(self) -> RunOptions:
        """The options, with no more time for a notebook than its project has left."""
        whole = self._options.project_seconds
        if whole is None:
            return self._options
        left = max(whole - (time.perf_counter() - self._clock), 0.001)
        stage = min(left, self._options.stage_seconds or left)
        return self._options.model_copy(update={"stage_seconds": stage})

    def _publish(self, publish: Publish, told: tuple[Run, ...], *, ran: bool) -> ProjectRun:
        """Write the report if something that it shows has changed, and the record."""
        job, before = self._job, self._before
        inputs = report_inputs(job, self._recorded, self._contents)
        fault = None
        done = not ran and before is not None and before.report_inputs == inputs
        if not done or not (job.folder / REPORT).is_file():
            try:
                publish(job, tuple(self._recorded.values()))
                self._log("report: published")
            except Exception as error:  # noqa: BLE001 - told with the project, the others go on
                stop_if_unwritable(job.folder, error)
                kind = "" if isinstance(error, OpsbookError) else f"{type(error).__name__}: "
                inputs, fault = "", self._redact(f"{kind}{error}")
                self._log(f"report: {fault}")
        else:
            self._log("report: nothing that it shows has changed")
        report = REPORT if (job.folder / REPORT).is_file() else None
        saved = self._now(
            report=report,
            report_failure=fault,
            report_inputs=inputs,
            checked=hash_of(self._common),
            seconds=round(time.perf_counter() - self._clock, 3),
        )
        self._write(saved)
        return saved.model_copy(update={"runs": told})

    def _record(self, run: Run) -> None:
        """Write down what became of a stage before anything else happens."""
        self._recorded[run.stage] = run
        before = self._before
        self._write(
            self._now(
                report=before.report if before else None,
                report_inputs=before.report_inputs if before else "",
            )
        )

    def _now(self, **fields: object) -> ProjectRun:
        job = self._job
        values: dict[str, object] = {
            "project": job.project.project.id,
            "title": job.project.project.title,
            "params_file": job.params_file.name,
            "params": job.project.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "versions": {"opsbook": __version__, "python": platform.python_version()}
            | {name: version(name) for name in (*NOTEBOOKS, *LIBRARIES)},
            "started": self._started,
            "seconds": 0.0,
            "peak_mb": max((r.peak_mb for r in self._recorded.values() if r.peak_mb), default=None),
            "runs": tuple(self._recorded[s] for s in STAGES if s in self._recorded),
            "host": platform.node(),
        }
        return ProjectRun.model_validate({**values, **fields})

    def _write(self, run: ProjectRun) -> None:
        write_whole(self._job.folder / RUN, run.model_dump_json(indent=1) + "\n")

    def _run_of(self, stage: Stage, **fields: object) -> Run:
        return Run.model_validate(
            {"project": self._job.project.project.id, "stage": stage, **fields}
        )


def _readable(folder: Path, stage: Stage) -> StageResult | None:
    """A stage's result; one that somebody has broken counts as none."""
    try:
        return read_result(folder, stage)
    except OpsbookError:
        return None


def _write_failed(job: Job, stage: Stage, headline: Statement) -> None:
    write_result(
        job.folder,
        MODELS[stage](
            stage=stage,
            project=job.project.project.id,
            status="failed",
            tone="bad",
            headline=headline,
        ),
    )


def _forget_notebook(job: Job, stage: Stage) -> None:
    """Remove a notebook of an earlier run that this run's result no longer stands on."""
    (job.folder / file_name(stage, ".ipynb")).unlink(missing_ok=True)
