"""Every command that a document shows is one that the kit takes."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from tests.run.workspaces import ROOT

from opsbook.cli import commands
from opsbook.run.settings import NAME, settings
from opsbook.run.workspace import Workspace

RUNNING = (ROOT / "docs" / "running.md").read_text("utf-8")
DOCUMENTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")}
DOCUMENTS["docs/running.md"] = RUNNING
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(
    r"(?:^|[ /])opsbook ((?:init|new|check|run|scan|report|status|lab)\b[^#|>\n]*)"
)


def blocks(text: str, *languages: str) -> list[str]:
    return [body for language, body in BLOCK.findall(text) if language in languages]


def shown() -> Iterator[tuple[str, str]]:
    for name, text in DOCUMENTS.items():
        for body in blocks(text, "", "bash"):
            for line in body.splitlines():
                yield from ((name, found.strip()) for found in COMMAND.findall(line))


def parsed(words: list[str]) -> click.Context:
    """What click makes of the words; an error if there is no such command or option."""
    command = commands.commands[words[0]]
    return command.make_context(words[0], words[1:], parent=click.Context(commands))


@pytest.mark.parametrize(("document", "line"), list(shown()))
def test_a_command_of_a_document_has_options_that_there_are(document, line):
    assert parsed(shlex.split(line)).command.name == line.split()[0]


def test_the_cron_job_of_kubernetes_runs_the_command():
    (body,) = [b for b in blocks(RUNNING, "yaml") if "CronJob" in b]
    job = yaml.safe_load(body)["spec"]["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"][0] == "opsbook"
    assert parsed(container["command"][1:]).params["jobs"] == 4
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}
    (rule,) = job["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["containerName"] == container["name"]


def test_the_settings_that_are_shown_are_settings(tmp_path):
    (body,) = [b for b in blocks(RUNNING, "yaml") if b.startswith("jobs:")]
    (tmp_path / NAME).write_text(body, encoding="utf-8")
    found = settings(Workspace(root=tmp_path))
    assert found == {"jobs": 4, "memory": 4000, "stage_timeout": 1800.0}


def test_airflow_gets_a_command_and_parameters_that_there_are():
    calls: dict[str, dict[str, ast.expr]] = {}
    for body in blocks(RUNNING, "python"):
        for node in ast.walk(ast.parse(body)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                calls[node.func.id] = {str(word.arg): word.value for word in node.keywords}
    line = ast.literal_eval(calls["BashOperator"]["bash_command"]).partition("opsbook ")[2]
    assert parsed(shlex.split(line)).params["jobs"] == 4
    papermill = calls["PapermillOperator"]
    assert set(ast.literal_eval(papermill["parameters"])) == {"params_file", "run_dir"}
    notebook = Path(ast.literal_eval(papermill["input_nb"])).name
    assert (ROOT / "templates" / notebook).is_file()
