"""Every command and every snippet of README and the guides runs.

A fenced block is run where it stands: ``bash`` as a script in a folder of the page's own, in the
order of the page; ``python`` and ``yaml`` are written to the file that a comment before the block
names, else run and checked. Such a comment, which a reader of the page does not see, says

    <!-- file: params/returns.yaml -->   write the block there
    <!-- in: the project -->             run it in a copy of templates/ and params/
    <!-- in: the kit -->                 run it in a copy of the checkout, with its own kit
    <!-- not run: the reason -->         leave it out
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import importlib
import json
import os
import pty
import random
import re
import shlex
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import papermill
import pytest
import yaml
from tests.run.workspaces import ROOT, workspace

from opsbook.cli import commands
from opsbook.data import load_tables
from opsbook.project.load import load_project
from opsbook.stages import trigger
from opsbook.stages.context import Context

OWN_STAGE = ROOT / "docs" / "your-own-stage.md"
TESTED_ELSEWHERE = {"data-sources.md", OWN_STAGE.name}  # tests/data/test_guide.py, and below
GUIDES = [p for p in sorted((ROOT / "docs").glob("*.md")) if p.name not in TESTED_ELSEWHERE]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *GUIDES]
ALL = [
    *PAGES,
    ROOT / "docs" / "data-sources.md",
    OWN_STAGE,
    ROOT / "CONTRIBUTING.md",
    ROOT / "ARCHITECTURE.md",
    *ROOT.glob("params/**/*.md"),
]
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(#[\w-]+)?\)")
RUN = ("bash", "python", "yaml")
#: What a person at the terminal answers: direction, target, launch.
ANSWERS = b"lower\n8%\n\n" * 3


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page: its kind, its text, and the comment before it."""

    kind: str
    text: str
    mark: str

    def named(self, what: str) -> str:
        return self.mark.removeprefix(f"{what}: ") if self.mark.startswith(f"{what}: ") else ""


def blocks(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(kind=m["kind"], text=m["text"], mark=m["mark"] or "") for m in found]


@pytest.fixture
def place(tmp_path):
    """A folder with an export, and a terminal's PATH with the commands of this environment."""
    draws = random.Random(8)  # noqa: S311 - made-up orders
    rows = ["day,shop,orders,returned"]
    for week in range(78):
        date = dt.date(2024, 1, 1) + dt.timedelta(weeks=week)
        rows += [
            f"{date},{shop},{draws.randint(80, 120)},{draws.randint(4, 12)}"
            for shop in ("Leeds", "York", "Bath")
        ]
    (tmp_path / "export.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, module in (("opsbook", "-m opsbook"), ("papermill", "-m papermill"), ("python", "")):
        (tools / name).write_text(f'#!/bin/sh\nexec {sys.executable} {module} "$@"\n')
        (tools / name).chmod(0o755)
    return tmp_path


def in_a_terminal(script: str, cwd: Path, place: Path, kit: Path = ROOT) -> tuple[int, str, Path]:
    """Run a script as typed: exit code, what it printed, and the folder that it ends in."""
    terminal, ours = pty.openpty()
    os.write(terminal, ANSWERS)
    end = place / "end"
    told = subprocess.run(
        ["/bin/bash", "-e", "-c", f"{script}\npwd > {shlex.quote(str(end))}"],
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{kit / 'kit'}:{kit}",
        },
        stdin=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )
    os.close(ours)
    os.close(terminal)
    return told.returncode, told.stdout, Path(end.read_text().strip()) if end.exists() else cwd


def project_copy(place: Path) -> Path:
    copy = place / "project"
    if not copy.exists():
        for name in ("templates", "params"):
            shutil.copytree(ROOT / name, copy / name)
    return copy


def in_the_kit(block: Block) -> bool:
    file = block.named("file")
    return file.startswith(("kit/", "tests/")) or block.named("in") == "the kit"


def kit_copy(place: Path) -> Path:
    """A copy of the parts of the checkout that a worked example adds to."""
    copy = place / "kit copy"
    if not copy.exists():
        for name in ("kit/opsbook", "tests", "templates", "params"):
            ignored = shutil.ignore_patterns("__pycache__", "intake", "*.gz")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored if name == "tests" else None)
        shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def follow(page: Path, place: Path) -> None:
    """Do what a page says, block by block."""
    cwd = place
    for block in blocks(page):
        assert block.kind in (*RUN, "", "text"), f"{page.name}: what is ```{block.kind}?"
        if name := block.named("file"):
            root = kit_copy(place) if in_the_kit(block) else cwd
            (root / name).write_text(block.text, encoding="utf-8")
            if name.endswith(".yaml"):
                load_project(root / name)
        elif block.kind not in RUN or block.named("not run"):
            continue
        elif block.kind == "bash":
            here, kit = cwd, ROOT
            if block.named("in") == "the project":
                here = project_copy(place)
            elif in_the_kit(block):
                here = kit = kit_copy(place)
            code, told, end = in_a_terminal(block.text, here, place, kit)
            assert code == 0, f"{page.name}:\n{block.text}\n{told}"
            cwd = end if here == cwd else cwd
        elif block.kind == "yaml":
            yaml.safe_load(block.text)
        else:
            ast.parse(block.text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_blocks_of_the_page_run_in_their_order(page, place):
    follow(page, place)


def test_the_stage_of_the_guide_is_built_and_runs_to_its_report(place):
    follow(OWN_STAGE, place)
    outputs = kit_copy(place) / "outputs" / "clinic_deaths"
    saved = json.loads((outputs / "6_handover.json").read_text(encoding="utf-8"))
    assert saved["status"] == "done"
    assert saved["findings"][0]["statement"]["values"]["met"]["value"] == 19
    report = (outputs / "report.html").read_text(encoding="utf-8")
    assert 'id="handover"' in report
    assert "So few periods cannot tell whether the target holds by itself." in report


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_in_the_text_is_there_with_its_options(page):
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    fenced = [line for block in blocks(page) if not block.kind for line in block.text.splitlines()]
    inline = re.findall(r"`(opsbook [^`\n]*)`", text)
    for command in [*inline, *(line for line in fenced if line.startswith("opsbook "))]:
        words = shlex.split(command.replace("…", ""), comments=True)[1:]
        if not words or words[0].startswith(("-", "[")):
            continue
        assert words[0] in commands.commands, f"{page.name}: `{command}`"
        known = {o for p in commands.commands[words[0]].params for o in p.opts}
        settings = commands.commands[words[0]].context_settings
        passed_on = settings.get("ignore_unknown_options", False)
        for word in words[1:]:
            if word.startswith("-") and not passed_on:
                assert word.split("=")[0] in known, f"{page.name}: `{command}`"


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target, _ in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
        assert not target or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_example_of_a_step_of_ones_own_gives_a_milder_count(place):
    (example,) = [b for b in blocks(ROOT / "docs" / "your-own.md") if "grace.py" in b.mark]
    module: dict[str, object] = {"__name__": "grace"}
    exec(compile(example.text, "grace.py", "exec"), module)  # noqa: S102 - the page's own example
    file = ROOT / "params" / "clinic_deaths.yaml"
    project = load_project(file)
    context = Context(project=project, tables=load_tables(project, file.parent))
    strict = trigger.consecutive_misses(context).runs[0].longest
    milder = module["misses_beyond"](context, 0.05).runs[0].longest  # type: ignore[operator]
    assert milder < strict


#: What Airflow's own take, as far as the example uses it (providers papermill 3, standard 1).
AIRFLOW = {
    "airflow.sdk.DAG": {"schedule", "start_date", "catchup"},
    "airflow.providers.standard.operators.bash.BashOperator": {
        *("task_id", "bash_command", "cwd", "env", "append_env"),
    },
    "airflow.providers.papermill.operators.papermill.PapermillOperator": {
        *("task_id", "input_nb", "output_nb", "parameters"),
    },
}


def test_the_airflow_example_names_what_there_is_and_its_notebook_runs(tmp_path, monkeypatch):
    given: dict[str, Any] = {}

    def stand_in(name: str, known: set[str]) -> Callable[..., Any]:
        def made(*_: str, **options: Any) -> Any:
            assert set(options) <= known, name
            given[name.rpartition(".")[2]] = options
            return contextlib.nullcontext()

        return made

    for name, known in AIRFLOW.items():
        room, _, own = name.rpartition(".")
        module = types.SimpleNamespace(**{own: stand_in(name, known)})
        monkeypatch.setitem(sys.modules, room, module)
    folder = workspace(tmp_path / "stores", "clinic_deaths")
    (folder / "params" / "clinic_deaths.yaml").rename(folder / "params" / "store_17.yaml")
    (folder / "outputs").mkdir()
    (example,) = [b for b in blocks(ROOT / "docs" / "running.md") if "airflow" in b.text]
    exec(example.text.replace("/srv/stores", str(folder)), {})  # noqa: S102 - the page's own example
    assert shlex.split(given["BashOperator"]["bash_command"])[1] in commands.commands
    task = given["PapermillOperator"]
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "kit"))
    papermill.execute_notebook(  # as the operator calls it
        task["input_nb"],
        task["output_nb"],
        parameters=task["parameters"],
        progress_bar=False,
        report_mode=True,
        kernel_name=None,
        language=None,
        engine_name=None,
    )
    assert (folder / "outputs" / "store_17" / "1_trigger.json").is_file()


def test_the_commands_of_dask_that_are_named_have_their_options():
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    lines = [shlex.split(line) for line in text.splitlines() if line.startswith("dask ")]
    assert [words[1] for words in lines] == ["scheduler", "worker"]
    for _, name, *rest in lines:
        command = importlib.import_module(f"distributed.cli.dask_{name}").main
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= known


def test_the_command_has_no_name_that_the_readme_leaves_out():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in commands.commands.items():
        assert isinstance(command, click.Command)
        assert f"opsbook {name}" in text, name
