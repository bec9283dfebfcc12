"""What many tests need: the samples' projects, read once."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.run.workspaces import opsbook, workspace

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results import STAGES, Stage
from opsbook.run.jupyter import import_jupyter
from opsbook.stages import control, diagnosis, effect, intake, solutions, trigger
from opsbook.stages.context import Context
from opsbook.stages.due import waits_for

ROOT = Path(__file__).parents[1]
import_jupyter("jsonschema")  # first, and so without its grammars: they take seconds
# The same examples on every machine, and no failure because a machine is slow.
settings.register_profile("opsbook", deadline=None, derandomize=True)
settings.load_profile("opsbook")
SAMPLES = ("clinic_deaths", "jfk_delays", "shop_signup")
MODULES = {
    "intake": intake,
    "trigger": trigger,
    "diagnosis": diagnosis,
    "solutions": solutions,
    "effect": effect,
    "control": control,
}


def run_stages(name: str, overrides: dict[str, object] | None = None) -> dict[Stage, Any]:
    """All stages of a sample, or of an example, that are due, without notebooks."""
    file = ROOT / "params" / f"{name}.yaml"
    project = load_project(file, overrides)
    tables = load_tables(project, file.parent)
    results: dict[Stage, Any] = {}
    for stage in STAGES:
        if waits_for(stage, project, results) is None:
            context = Context(project=project, tables=tables, upstream=dict(results))
            results[stage] = MODULES[stage].run(context)
    return results


@pytest.fixture(scope="session")
def jfk() -> dict[Stage, Any]:
    return run_stages("jfk_delays")


@pytest.fixture(scope="session")
def clinic() -> dict[Stage, Any]:
    return run_stages("clinic_deaths")


@pytest.fixture(scope="session")
def shop() -> dict[Stage, Any]:
    return run_stages("shop_signup")


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, run and published in both languages by the command: once for all workers.

    A test reads them and changes nothing there.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, made = shared / "samples", shared / "samples.made"
    with (shared / "samples.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            workspace(folder, *SAMPLES)
            for arguments in (["run", "-j", "2"], ["report", "--lang", "en,zh"]):
                told = opsbook(folder, *arguments)
                assert told.returncode == 0, told.stderr
            made.touch()
    return folder / "outputs"
