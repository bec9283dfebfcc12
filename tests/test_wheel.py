"""The wheel brings everything that a user's own workspace needs, into an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("wheel")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A virtual environment with the wheel; its libraries are those of this one.

    The wheel is built and installed without a network. The libraries' own start-up files, and so
    this checkout, are not seen: a line of a .pth file does not read others.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "env"
    venv.create(environment, symlinks=True, with_pip=False)
    python = environment / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    told = run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    assert told.returncode == 0, told.stderr
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment


def test_it_is_the_wheel_that_is_imported(installed, tmp_path):
    told = run(
        installed / "bin" / "python", "-c", "import opsbook; print(opsbook.__file__)", cwd=tmp_path
    )
    assert told.stdout.startswith(str(installed)), told


def test_it_holds_templates_samples_words_and_the_font(installed):
    (package,) = installed.glob("lib/python*/site-packages/opsbook")
    for name in (
        "py.typed",
        "show/cjk_metrics.ttf",
        "locale/zh/LC_MESSAGES/shared.po",
        "shipped/templates/5_control.ipynb",
        "shipped/templates/report/conf.json",
        "shipped/params/clinic_deaths.yaml",
        "shipped/params/examples/shop_conversion.yaml",
        "shipped/params/examples/data/order_steps.csv.gz",
        "shipped/params/project.schema.json",
        "shipped/params/data/README.md",
    ):
        assert (package / name).is_file(), name


def test_a_jupyter_server_finds_its_setting_and_module(installed, tmp_path):
    told = run(
        installed / "bin" / "python",
        "-m",
        "jupyter_server.extension.serverextension",
        "list",
        cwd=tmp_path,
    )
    lines = (told.stdout + told.stderr).splitlines()
    assert any("opsbook.run.lab_server" in line and "enabled" in line for line in lines), lines


def test_a_workspace_made_from_it_checks_its_samples(installed, tmp_path):
    command = installed / "bin" / "opsbook"
    assert run(command, "init", "ops", cwd=tmp_path).returncode == 0
    told = run(command, "check", "params/clinic_deaths.yaml", cwd=tmp_path / "ops")
    assert told.returncode == 0, told.stderr
    assert "clinic_deaths: ok" in told.stdout
    assert not told.stderr
