"""The command: what it prints, where, and with which exit code."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from pathlib import Path

import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook import __version__
from opsbook.cli import main
from opsbook.run.lock import project_lock

CLINIC = "params/clinic_deaths.yaml"
TABLE = "params/data/semmelweis_clinic1_monthly.csv"


@pytest.fixture
def refused(monkeypatch, capsys):
    """Runs the command in this process, where it starts no other one."""

    def told(folder: Path, *arguments: str) -> tuple[int, str]:
        monkeypatch.chdir(folder)
        monkeypatch.setattr("sys.argv", ["opsbook", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(str(ended.value.code)), capsys.readouterr().err

    return told


def outputs(folder: Path) -> list[Path]:
    return list((folder / "outputs").rglob("*"))


def test_it_tells_its_version_and_its_help(tmp_path):
    assert __version__ in opsbook(tmp_path, "--version").stdout
    told = opsbook(tmp_path, "--help")
    assert told.returncode == 0
    for name in ("init", "check", "run", "report", "status", "lab"):
        assert name in told.stdout


def test_outside_a_workspace_it_says_so(tmp_path):
    told = opsbook(tmp_path, "run")
    assert told.returncode == 2
    assert "is in no opsbook workspace" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("numerator: deaths", "numerator: death", "has no column 'death'"),
        ("better: lower", "better: lower\n  betterr: lower", "unknown field"),
        ("launched: 1847-05-15", "launched: 1847-15-05", "must be a date such as"),
        ("target: 4%", "target: X %", "a blank goal is no goal"),
        ("id: clinic_deaths", "id: ../clinic", "letters, digits"),
    ],
)
def test_wrong_params_end_with_code_2_and_nothing_written(tmp_path, refused, old, new, words):
    folder = workspace(tmp_path, "clinic_deaths")
    file = folder / CLINIC
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    for command in ("check", "run"):
        code, told = refused(folder, command)
        assert code == 2
        assert words in told
        assert not outputs(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [("- a list\n", "must be a mapping"), ("", "it is nothing"), ("a: [\n", "is no YAML")],
)
def test_a_file_that_is_no_mapping_ends_with_code_2(tmp_path, refused, text, words):
    folder = workspace(tmp_path)
    (folder / "params" / "p.yaml").write_text(text, encoding="utf-8")
    code, told = refused(folder, "run")
    assert (code, words in told) == (2, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("month,births,deaths\n", "has a header and no rows"),
        ("month,births,deaths\n1841-01,254,37\n1841-42,239,18\n", "1841-42"),
    ],
    ids=["empty", "wrong date"],
)
def test_data_that_cannot_be_used_end_with_code_2_and_nothing_written(tmp_path, content, words):
    folder = workspace(tmp_path, "clinic_deaths")
    (folder / TABLE).write_text(content, encoding="utf-8")
    for command in ("check", "run"):
        told = opsbook(folder, command)
        assert told.returncode == 2
        assert words in told.stderr
        assert "Traceback" not in told.stderr
        assert told.stderr.strip().count("\n\n") == 0
        assert not outputs(folder)


def test_a_project_with_faults_is_refused_and_the_others_run(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths")
    text = (folder / CLINIC).read_text(encoding="utf-8")
    params = {
        "no_column": text.replace("numerator: deaths", "numerator: death"),
        "no_yaml": "project: [",
        "no_rows": text.replace("semmelweis_clinic1_monthly.csv", "empty.csv"),
    }
    (folder / "params" / "data" / "empty.csv").write_text("month,births,deaths\n")
    for name, words in params.items():
        named = words.replace("id: clinic_deaths", f"id: {name}")
        (folder / "params" / f"{name}.yaml").write_text(named, encoding="utf-8")
    told = opsbook(folder, "run", "--stage", "intake")
    assert told.returncode == 1
    assert "has no column 'death'" in told.stderr
    assert "no_yaml.yaml is no YAML" in told.stderr
    assert "Error: no_rows: empty.csv has a header and no rows" in told.stderr
    assert (folder / "outputs" / "clinic_deaths" / "report.html").is_file()
    assert not [
        folder / "outputs" / name for name in params if (folder / "outputs" / name).exists()
    ]
    results = json.loads((folder / "outputs" / "run_results.json").read_text("utf-8"))
    refused = {project["project"]: project["refused"] for project in results["projects"]}
    assert refused["clinic_deaths"] is None
    assert "no rows" in refused["no_rows"]
    assert len(results["refused"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--set", "nonsense"], "is no FIELD=VALUE"),
        (["run", "--set", "a=["], "--set a=[ is no YAML"),
        (["run", "--set", "effect=1", "--set", "effect.periods=6"], "Set one of the two"),
        (["run", "--jobs", "0"], "--jobs"),
        (["run", "--scheduler", "htp://nowhere:1"], "no address of a Dask scheduler"),
        (["report", "nobody"], "There is no project 'nobody'; there are: clinic_deaths"),
        (["report", "clinic_deaths"], "Project 'clinic_deaths' has not run yet. Next: opsbook run"),
    ],
)
def test_a_wrong_setting_or_option_ends_with_code_2(tmp_path, arguments, words):
    told = opsbook(workspace(tmp_path, "clinic_deaths"), *arguments)
    assert (told.returncode, "Traceback" in told.stderr) == (2, False)
    assert words in told.stderr


def test_a_disk_that_takes_no_output_is_told_in_one_line(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths")
    with Path("/dev/full").open("w") as full:
        told = opsbook(folder, "status", stdout=full)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
    assert "stdout cannot be written to" in told.stderr


def test_the_workspace_sets_what_every_run_wants(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths")
    settings = folder / "opsbook.yaml"
    settings.write_text("wait: 0\n")
    with project_lock(folder / "outputs" / "clinic_deaths", 0):
        told = opsbook(folder, "run")
    assert told.returncode == 1
    assert "is being run by process" in told.stderr
    assert opsbook(folder, "run", "--dry-run", "--stage-timeout", "600").returncode == 0
    settings.write_text("jobs: 0\nstage_timeot: 5\n")
    told = opsbook(folder, "run")
    assert told.returncode == 2
    assert "line 1  jobs: " in told.stderr
    assert "line 2  stage_timeot: unknown field; did you mean 'stage_timeout'?" in told.stderr


def test_two_files_with_one_id_are_refused(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths")
    file = folder / CLINIC
    (folder / "params" / "again.yaml").write_text(file.read_text("utf-8"), encoding="utf-8")
    told = opsbook(folder, "run")
    assert told.returncode == 2
    assert "both have the project.id 'clinic_deaths'" in told.stderr


def test_check_is_content_with_every_sample():
    told = opsbook(ROOT, "check")
    assert told.returncode == 0, told.stderr
    assert "jfk_delays: ok" in told.stdout
    assert told.stdout.count(": ok") == 33


def test_a_dry_run_names_the_projects_and_writes_nothing(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths", "airports")
    told = opsbook(folder, "run", "--dry-run")
    assert told.stdout.count("airport_") == 29
    assert not outputs(folder)


def test_a_stdout_that_is_closed_is_no_fault(tmp_path):
    folder = workspace(tmp_path, "clinic_deaths")
    told = opsbook(folder, "run", "--dry-run", preexec_fn=lambda: os.close(1))
    assert (told.returncode, told.stderr) == (0, "")


def test_init_makes_a_workspace_and_overwrites_nothing(tmp_path):
    told = opsbook(tmp_path, "init", "ops")
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "ops" / "templates" / "1_trigger.ipynb").is_file()
    assert (tmp_path / "ops" / "params" / "data").is_dir()
    again = opsbook(tmp_path, "init", "ops")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert opsbook(tmp_path / "ops", "check", "params/clinic_deaths.yaml").returncode == 0


def test_status_says_that_nothing_has_run(tmp_path):
    assert "Nothing has run yet" in opsbook(workspace(tmp_path), "status").stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A batch of three: one whole, one with a stage unplugged, one with a broken notebook."""
    folder = workspace(tmp_path_factory.mktemp("ran"), "clinic_deaths")
    text = (folder / CLINIC).read_text(encoding="utf-8")
    unplugged = text.replace("id: clinic_deaths", "id: unplugged").split("\neffect:")[0]
    (folder / "params" / "unplugged.yaml").write_text(unplugged + "\n", encoding="utf-8")
    broken = text.replace("id: clinic_deaths", "id: broken").replace("1841-01,", "1700-01,")
    broken = broken.replace("{ from: 1848-01, to: 1848-12 }", "{ from: 1950-01, to: 1950-12 }")
    (folder / "params" / "broken.yaml").write_text(broken, encoding="utf-8")
    return folder, opsbook(folder, "run", "-j", "2")


pytestmark = pytest.mark.xdist_group("command")


def test_one_broken_project_ends_with_code_1_and_the_others_are_published(ran):
    folder, told = ran
    assert told.returncode == 1, told.stderr
    for name in ("clinic_deaths", "unplugged", "broken"):
        assert (folder / "outputs" / name / "report.html").is_file()
    assert "control failed: DataError" in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout.strip().endswith("index.html")


def test_the_failed_project_says_which_cell_and_why(ran):
    folder, _ = ran
    run = json.loads((folder / "outputs" / "broken" / "run.json").read_text("utf-8"))
    failure = next(stage["failure"] for stage in run["runs"] if stage["status"] == "failed")
    assert failure["error"] == "DataError"
    assert "control.baseline (1950-01 to 1950-12) holds no data" in failure["message"]
    assert "control.watch(context)" in failure["source"]
    report = (folder / "outputs" / "broken" / "report.html").read_text("utf-8")
    assert "holds no data" in report
    assert "control.watch(context)" in report


def test_an_unplugged_stage_is_not_due_and_the_report_reads_well(ran):
    folder, _ = ran
    run = json.loads((folder / "outputs" / "unplugged" / "run.json").read_text("utf-8"))
    states = {stage["stage"]: stage["status"] for stage in run["runs"]}
    assert states == {
        "intake": "done",
        "trigger": "done",
        "diagnosis": "not_due",
        "solutions": "not_due",
        "effect": "not_due",
        "control": "not_due",
    }
    report = (folder / "outputs" / "unplugged" / "report.html").read_text("utf-8")
    assert "nothing is planned for it yet" in report


def test_the_machine_reads_run_results(ran):
    folder, _ = ran
    results = json.loads((folder / "outputs" / "run_results.json").read_text("utf-8"))
    assert {project["project"] for project in results["projects"]} == {
        "clinic_deaths",
        "unplugged",
        "broken",
    }


def test_a_record_says_from_what_with_what_where_and_with_how_much_it_was_made(ran):
    folder, _ = ran
    run = json.loads((folder / "outputs" / "clinic_deaths" / "run.json").read_text("utf-8"))
    results = json.loads((folder / "outputs" / "run_results.json").read_text("utf-8"))
    (again,) = [one for one in results["projects"] if one["project"] == "clinic_deaths"]
    assert run["host"] == platform.node()
    assert run["versions"].keys() >= {"opsbook", "python", "papermill", "pandas", "statsmodels"}
    for record in (run, again):
        done = {one["stage"]: one for one in record["runs"] if one["status"] == "done"}
        assert done.keys() == {"intake", "trigger", "effect", "control"}
        assert record["peak_mb"] == max(one["peak_mb"] for one in done.values()) > 20
        assert 0 < sum(one["seconds"] for one in done.values()) <= record["seconds"]
        effect = done["effect"]
        hashed = {"kit", "params", "data", "template", "intake", "trigger"}
        assert effect["inputs"].keys() >= hashed
        assert effect["files"].keys() == {"4_effect.ipynb", "4_effect.json"}
        for name, content in effect["files"].items():
            file = folder / "outputs" / "clinic_deaths" / name
            assert content == hashlib.sha256(file.read_bytes()).hexdigest()


def test_status_tells_what_is_done_and_what_failed(ran):
    folder, _ = ran
    told = opsbook(folder, "status").stdout
    assert "FAILED" in told
    assert "not due" in told


def test_outputs_name_no_path_of_this_machine(ran):
    folder, _ = ran
    for file in (folder / "outputs").rglob("*"):
        if file.suffix in {".json", ".ipynb", ".html"}:
            assert str(folder) not in file.read_text("utf-8"), file


def test_nothing_half_written_is_left(ran):
    folder, _ = ran
    assert not [file for file in outputs(folder) if file.name.startswith(".")]


def test_the_executed_notebook_runs_again_where_it_lies(ran):
    folder, _ = ran
    notebook = json.loads(
        (folder / "outputs" / "clinic_deaths" / "1_trigger.ipynb").read_text("utf-8")
    )
    injected = next(
        cell
        for cell in notebook["cells"]
        if "injected-parameters" in cell["metadata"].get("tags", [])
    )
    assert 'params_file = "../../params/clinic_deaths.yaml"' in "".join(injected["source"])
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_report_alone_rewrites_it_in_another_language(ran):
    folder, _ = ran
    told = opsbook(folder, "report", "clinic_deaths", "--lang", "zh")
    assert told.returncode == 0, told.stderr
    report = (folder / "outputs" / "clinic_deaths" / "report.html").read_text("utf-8")
    assert 'lang="zh-Hans"' in report


def test_a_report_is_of_the_params_that_ran_whatever_they_are_now(ran):
    folder, _ = ran
    file = folder / CLINIC
    text = file.read_text("utf-8")
    file.write_text(text.replace("project:", "project: [", 1), encoding="utf-8")
    told = opsbook(folder, "report", "clinic_deaths")
    file.write_text(text, encoding="utf-8")
    assert told.returncode == 0, told.stderr


def test_a_record_of_another_version_stops_neither_the_index_nor_the_other_reports(ran):
    folder, _ = ran
    file = folder / "outputs" / "unplugged" / "run.json"
    text = file.read_text("utf-8")
    for changed in (text.replace('"metric"', '"measure"', 1), '{"version": 9}', "["):
        file.write_text(changed, encoding="utf-8")
        told = opsbook(folder, "report", "clinic_deaths")
        assert told.returncode == 0, told.stderr
    file.write_text(text.replace('"metric"', '"measure"', 1), encoding="utf-8")
    told = opsbook(folder, "report", "unplugged")
    file.write_text(text, encoding="utf-8")
    assert told.returncode == 2
    assert "was run by another version of opsbook" in told.stderr


def test_a_piece_of_the_report_template_that_is_gone_is_named(ran):
    folder, _ = ran
    piece = folder / "templates" / "report" / "index.html.j2"
    text = piece.read_text("utf-8")
    piece.unlink()
    told = opsbook(folder, "report", "clinic_deaths")
    piece.write_text(text, encoding="utf-8")
    assert (told.returncode, "Traceback" in told.stderr) == (2, False), told.stderr
    assert "index.html.j2" in told.stderr
