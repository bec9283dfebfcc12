"""The wheel brings everything that a user's own workspace needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, built without a network and unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_templates_samples_words_and_the_font(installed):
    package = installed / "opsbook"
    for name in (
        "py.typed",
        "show/cjk_metrics.ttf",
        "locale/zh/LC_MESSAGES/shared.po",
        "shipped/templates/5_control.ipynb",
        "shipped/templates/report/conf.json",
        "shipped/params/clinic_deaths.yaml",
        "shipped/params/project.schema.json",
        "shipped/params/data/README.md",
    ):
        assert (package / name).is_file(), name


def test_a_workspace_made_from_it_checks_its_samples(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    for arguments in (["init", "ops"], ["check"]):
        folder = tmp_path if arguments[0] == "init" else tmp_path / "ops"
        told = subprocess.run(
            [sys.executable, "-m", "opsbook", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
    assert "clinic_deaths: ok" in told.stdout
