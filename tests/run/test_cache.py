"""A stage runs again when something that it reads has changed, and only then."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.run.workspaces import opsbook, workspace

from opsbook.report.from_run import publish_job
from opsbook.run import project_run
from opsbook.run.batch import run_batch
from opsbook.run.cache import edited_files, forecast, saved_run, unchanged
from opsbook.run.contents import Contents
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.project_run import run_project
from opsbook.run.record import ProjectRun, Run
from opsbook.run.workspace import Workspace

pytestmark = pytest.mark.xdist_group("cache")
EARLY = RunOptions(stages=("intake", "trigger"))
PARAMS = "params/clinic_deaths.yaml"
FUTURE = 4_000_000_000
TABLE = "params/data/semmelweis_clinic1_monthly.csv"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A workspace whose one project has run, with two stages."""
    folder = workspace(tmp_path_factory.mktemp("ran"), "clinic_deaths")
    file = folder / "params" / "clinic_deaths.yaml"
    file.write_text(file.read_text("utf-8").split("\neffect:")[0] + "\n", encoding="utf-8")
    told = opsbook(folder, "run")
    assert told.returncode == 0, told.stderr
    return folder


@pytest.fixture(scope="module")
def run(ran):
    """Runs the project of a folder as the command does, with kernels that all tests share."""
    with kernel_folder() as kernels:

        def runs(folder: Path, options: RunOptions | None = None) -> dict[str, Run]:
            done: ProjectRun = run_project(job_of(folder), publish_job, kernels, options)
            assert not done.failed
            return {one.stage: one for one in done.runs}

        yield runs


@pytest.fixture
def folder(ran, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(ran, copy)
    return copy


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def set_times(folder: Path, seconds: int) -> None:
    for path in folder.rglob("*.*"):
        os.utime(path, (seconds, seconds))


def replace_in_the_past(folder: Path) -> None:
    set_times(folder, FUTURE)
    replace(folder / TABLE, ",36\n", ",35\n")


def job_of(folder: Path) -> Job:
    (job,) = plan(Workspace(root=folder), [])
    return job


def actions(folder: Path, options: RunOptions = EARLY) -> dict[str, tuple[str, str]]:
    found = forecast(job_of(folder), options, Contents())
    return {d.stage: (d.action, d.reason) for d in found if d.stage in EARLY.stages}


def test_nothing_has_to_run_twice(folder):
    assert {action for action, _ in actions(folder).values()} == {"cached"}
    assert unchanged(job_of(folder), RunOptions(), Contents()) is not None


def test_an_unchanged_run_starts_no_kernel_and_writes_no_report(folder):
    report = folder / "outputs" / "clinic_deaths" / "report.html"
    before = report.stat()
    told = opsbook(folder, "run")
    assert told.returncode == 0
    assert "2 cached, 4 not due" in told.stderr
    assert report.stat().st_ino == before.st_ino
    run = json.loads((folder / "outputs" / "run_results.json").read_text("utf-8"))
    statuses = {stage["status"] for stage in run["projects"][0]["runs"]}
    assert statuses == {"cached", "not_due"}


@pytest.mark.parametrize(
    ("change", "intake", "trigger"),
    [
        ("params", "the params changed", "the params changed"),
        ("data", "the data changed", "the data changed"),
        ("template", "unchanged", "the template changed"),
        ("module", "the template changed", "the template changed"),
        ("comment", "unchanged", "unchanged"),
        ("times", "unchanged", "unchanged"),
        ("a clock set back", "unchanged", "unchanged"),
        ("a clock set back, and data", "the data changed", "the data changed"),
        ("result", "0_intake.json is gone", "the result of intake changed"),
        ("notebook", "unchanged", "1_trigger.ipynb is gone"),
    ],
)
def test_the_reason_names_what_changed(folder, change, intake, trigger):
    outputs = folder / "outputs" / "clinic_deaths"
    {
        "params": lambda: replace(folder / PARAMS, "target: 4%", "target: 5%"),
        "data": lambda: replace(folder / TABLE, ",36\n", ",35\n"),
        "template": lambda: replace(folder / "templates" / "1_trigger.ipynb", "#", "# "),
        "module": lambda: (folder / "templates" / "ours.py").write_text("answer = 42\n"),
        "comment": lambda: replace(folder / PARAMS, "project:", "# looked at\nproject:"),
        "times": lambda: set_times(folder, 0),
        "a clock set back": lambda: set_times(folder, FUTURE),
        "a clock set back, and data": lambda: replace_in_the_past(folder),
        "result": (outputs / "0_intake.json").unlink,
        "notebook": (outputs / "1_trigger.ipynb").unlink,
    }[change]()
    assert {s: reason for s, (_, reason) in actions(folder).items()} == {
        "intake": intake,
        "trigger": trigger,
    }


def test_rows_that_lie_in_the_future_are_looked_at_again_on_another_day(folder, run, monkeypatch):
    replace(folder / TABLE, "1849-03-01,", "2149-03-01,")
    assert run(folder)["intake"].status == "done"
    assert {action for action, _ in actions(folder).values()} == {"cached"}
    monkeypatch.setattr("opsbook.run.cache.today", lambda: "2149-03-02")
    assert {reason for _, reason in actions(folder).values()} == {
        "the day, and with it which rows lie in the future, changed"
    }


def test_another_kit_runs_everything_again(folder, monkeypatch):
    monkeypatch.setattr(Contents, "kit", lambda *_, **__: "another")
    assert {reason for _, reason in actions(folder).values()} == {"the kit changed"}


def test_a_stage_runs_after_one_that_runs_only_if_its_result_changes(folder, run):
    file = folder / "templates" / "0_intake.ipynb"
    file.write_text(file.read_text("utf-8").replace("#", "# ", 1))
    assert actions(folder)["trigger"] == ("maybe", "if the result of intake changes")
    ran = run(folder)
    assert (ran["intake"].status, ran["trigger"].status) == ("done", "cached")
    log = (folder / "outputs" / "clinic_deaths" / "run.log").read_text("utf-8")
    last = log.rpartition("intake: runs: the template changed")[2]
    assert "trigger: from the cache: unchanged" in last


def test_force_and_stage_and_from(folder):
    forced = actions(folder, RunOptions(force=True, stages=("trigger",)))
    assert forced == {"intake": ("left", "not asked for"), "trigger": ("run", "--force")}
    assert opsbook(folder, "run", "--stage", "intake", "--from", "trigger").returncode == 2
    told = opsbook(folder, "run", "--dry-run", "--from", "trigger", "--force")
    assert "intake    left: not asked for" in told.stdout
    assert "diagnosis not due: the params have no such section" in told.stdout
    assert "trigger   runs: --force" in told.stdout


def test_a_run_of_one_stage_keeps_what_is_recorded_of_the_others(folder, run):
    ran = run(folder, RunOptions(stages=("trigger",), force=True))
    assert list(ran) == ["trigger"]
    recorded = saved_run(folder / "outputs" / "clinic_deaths")
    assert recorded is not None
    assert len(recorded.runs) == 6
    assert {action for action, _ in actions(folder).values()} == {"cached"}


def test_a_database_may_have_changed(folder):
    job = job_of(folder)
    assert Contents().tables({"connection": "env:OPS_DB_URL"}, folder) is None
    assert Contents().tables(job.project.model_dump(), folder / "params") is not None


def test_what_somebody_changed_by_hand_is_kept_and_told(folder, run):
    outputs = folder / "outputs" / "clinic_deaths"
    notebook = outputs / "1_trigger.ipynb"
    own = notebook.read_text("utf-8").replace("#", "# My own view:", 1)
    notebook.write_text(own, encoding="utf-8")
    assert actions(folder)["trigger"] == (
        "cached",
        "1_trigger.ipynb changed by hand, kept; --force runs it anew",
    )
    told = opsbook(folder, "run")
    assert "1_trigger.ipynb changed by hand, kept" in told.stderr
    assert notebook.read_text("utf-8") == own
    assert "My own view" in (outputs / "report.html").read_text("utf-8")
    anew = run(folder, RunOptions(force=True))
    assert notebook.read_text("utf-8") != own
    assert (outputs / "1_trigger.by_hand.ipynb").read_text("utf-8") == own
    assert "kept as 1_trigger.by_hand.ipynb" in anew["trigger"].reason


def test_a_notebook_without_a_record_is_somebodys_own(folder):
    outputs = folder / "outputs" / "clinic_deaths"
    (outputs / "run.json").unlink()
    edited = edited_files(outputs, "trigger", None, Contents())
    assert edited == ("1_trigger.ipynb", "1_trigger.json")


def test_a_broken_record_or_result_is_made_anew(folder, run):
    outputs = folder / "outputs" / "clinic_deaths"
    (outputs / "run.json").write_text("{")
    (outputs / "0_intake.json").write_text("{")
    run(folder)
    assert json.loads((outputs / "0_intake.json").read_text("utf-8"))["status"] == "done"


def test_the_report_alone_is_made_again_where_it_is_gone(folder):
    report = folder / "outputs" / "clinic_deaths" / "report.html"
    report.unlink()
    told = opsbook(folder, "run")
    assert "2 cached" in told.stderr
    assert report.is_file()


def test_failed_runs_the_failed_projects_alone(folder):
    told = opsbook(folder, "run", "--failed", "--dry-run")
    assert told.stdout == ""
    assert told.stderr == "The last run of no project has failed.\n"
    file = folder / "outputs" / "clinic_deaths" / "run.json"
    file.write_text(file.read_text("utf-8").replace('"done"', '"failed"', 1))
    told = opsbook(folder, "run", "--failed", "--dry-run")
    assert "intake    runs: it failed last time" in told.stdout


def test_status_tells_what_is_stale(folder):
    table = folder / TABLE
    table.write_text(table.read_text("utf-8").replace(",36\n", ",35\n", 1))
    assert opsbook(folder, "status").stdout.count("stale") >= 2


def test_a_stage_killed_in_the_middle_runs_again_and_the_one_before_does_not(folder, monkeypatch):
    def killed(_job, stage, *_args, **_kwargs):
        raise KeyboardInterrupt(stage)

    report = folder / "outputs" / "clinic_deaths" / "report.html"
    before = report.read_bytes()
    monkeypatch.setattr(project_run, "execute", killed)
    job = job_of(folder)
    with pytest.raises(KeyboardInterrupt, match="trigger"):
        run_batch(
            [job],
            lambda job, _runs: job.folder,
            options=RunOptions(stages=("trigger",), force=True),
        )
    assert report.read_bytes() == before
    found = actions(folder)
    assert found["intake"] == ("cached", "unchanged")
    assert found["trigger"] == ("run", "it was interrupted last time")


def test_files_of_one_run_are_read_once(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    file.write_text("1")
    contents = Contents()
    first = contents.file(file)
    reads: list[object] = []
    monkeypatch.setattr("hashlib.file_digest", lambda *_: reads.append(1))
    assert contents.file(file) == first
    assert reads == []
    assert contents.file(tmp_path / "none") is None


def test_a_file_that_was_written_again_in_between_is_read_again(tmp_path):
    file, contents = tmp_path / "a.csv", Contents()
    file.write_text("1")
    first = contents.file(file)
    file.write_text("2")
    os.utime(file, ns=(0, 0))  # at another time, however coarse the clock
    assert contents.file(file) != first
