"""A real JupyterLab on this machine: Run All in the browser, and the templates in its launcher."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.conftest import PATIENCE
from tests.e2e.jupyterlab import NotebookPage, describe
from tests.run.workspaces import ROOT

from opsbook.places import SHIPPED
from opsbook.results.by_stage import read_result
from opsbook.run.lab_server import keep_clean
from opsbook.run.workspace import Workspace, init_workspace
from opsbook.text import Language

pytestmark = pytest.mark.xdist_group("lab")
TOKEN = secrets.token_hex(16)
PARAMETERS = """\
# override: Bo Lind, 2025-11-04: the board has set a higher one
params_file = "../params/clinic_deaths.yaml"
overrides = {"metric": {"target": "5%"}}
run_dir = "../outputs/clinic_deaths"\
"""
MISSES = """\
# override: Ann Lee, 2025-11-03: the first year was counted otherwise
misses = trigger.consecutive_misses(context).model_copy()
show.misses(misses, history)\
"""
CHINESE = """\
params_file = "../params/coupon_ab.yaml"
overrides = {}
run_dir = ""\
"""


class Server(NamedTuple):
    """A JupyterLab that answers."""

    address: str
    log: Path


@pytest.fixture(scope="module")
def ops(tmp_path_factory):
    return init_workspace(tmp_path_factory.mktemp("lab") / "ops")


@pytest.fixture(scope="module")
def chinese(ops):
    """A Chinese workspace, which the same server can see."""
    return init_workspace(ops.root / "zh", "zh")


@pytest.fixture(scope="module")
def server(ops: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab as `opsbook lab` opens it, with the setting that the wheel installs."""
    home = tmp_path_factory.mktemp("jupyter")
    settings = home / "etc" / "jupyter_server_config.d"
    settings.mkdir(parents=True)
    shutil.copy(ROOT / "kit" / "opsbook" / "run" / "lab_server.json", settings / "opsbook.json")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "opsbook", "lab", "--no-browser", f"--port={port}"]
    command += ["--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0"]
    command += ["--expose-app-in-browser"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "kit"),
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTER_CONFIG_PATH": str(home / "etc"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    started = Server(f"http://127.0.0.1:{port}", home / "log")
    with started.log.open("w") as log:
        process = subprocess.Popen(
            command, cwd=ops.root, env=environment, stdout=log, stderr=log, text=True
        )
        try:
            wait_for(started, process)
            yield started
        finally:
            end(process)


def wait_for(started: Server, process: subprocess.Popen[str]) -> None:
    """Until the server answers, or has ended."""
    end = time.monotonic() + PATIENCE / 1000
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{started.address}/api", timeout=60):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{started.log.read_text()}")


def end(process: subprocess.Popen[str]) -> None:
    """End the server; one whose kernel is just starting hangs when it is asked to end."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()  # its kernels notice, and end
        process.wait()


@pytest.fixture
def lab(browser: Browser, server: Server) -> Iterator[Callable[[str], Page]]:
    """Opens a page of JupyterLab, in a layout of its own; what it held is told with a failure."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def opened(path: str) -> Page:
        page.goto(f"{server.address}/{path}?reset&token={TOKEN}")
        return page

    try:
        yield opened
        print(describe(page), server.log.read_text()[-8000:], sep="\n")  # noqa: T201 - to be read
    finally:
        context.close()


def code_of(notebook: Path) -> dict[str, str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {c["id"]: "".join(c["source"]) for c in cells if c["cell_type"] == "code"}


def test_run_all_with_changed_cells_shows_figures_and_saves_and_leaves_the_template_clean(
    lab, ops, pictures
):
    template = ops.templates / "1_trigger.ipynb"
    shipped = json.loads((SHIPPED / "templates" / template.name).read_text(encoding="utf-8"))
    kits = code_of(template)
    page = lab("lab/tree/templates/1_trigger.ipynb")
    opened = NotebookPage(page)
    opened.write("parameters", PARAMETERS)
    opened.write("misses", MISSES)
    opened.run_all()
    page.screenshot(path=pictures / "lab_saved.png")

    saved = read_result(ops.root / "outputs" / "clinic_deaths", "trigger")
    assert saved is not None
    assert saved.status == "done"
    told = [(one.name, one.who, one.value) for one in saved.overrides]
    assert told == [("metric.target", "Bo Lind", "5%"), ("misses", "Ann Lee", None)]

    page.locator(".jp-Notebook").press("Control+Home")
    figure = page.locator(".jp-OutputArea-output img[src^='data:image/svg+xml']").first
    figure.hover()
    assert figure.evaluate("image => image.complete && image.naturalWidth") > 300
    page.screenshot(path=pictures / "lab_figure.png")

    opened.save()
    assert code_of(template) == {**kits, "parameters": PARAMETERS, "misses": MISSES}
    stored = json.loads(template.read_text(encoding="utf-8"))
    for own, kit in zip(stored["cells"], shipped["cells"], strict=True):
        own["source"] = kit["source"]
    assert stored == shipped


def test_a_chinese_template_runs_and_shows_chinese(lab, chinese, pictures):
    page = lab("lab/tree/zh/templates/0_intake.ipynb")
    opened = NotebookPage(page)
    opened.write("parameters", CHINESE)
    opened.run_all()
    saved = read_result(chinese.output("coupon_ab"), "intake")
    assert saved is not None
    headline = Language("zh").say(saved.headline)
    shown = page.locator(".jp-OutputArea-output .headline")
    shown.hover()
    expect(shown).to_contain_text(headline)
    page.screenshot(path=pictures / "lab_zh.png")
    page.locator(".jp-Notebook").press("Control+Home")
    expect(page.get_by_role("heading", name="数据能用吗？")).to_be_visible()
    page.screenshot(path=pictures / "lab_zh_top.png")
    opened.save()


def test_the_launcher_and_the_file_menu_offer_the_templates_of_the_workspace(lab, ops, pictures):
    page = lab("lab")
    page.locator(".jp-LauncherCard", has_text="Template").click()
    choices = page.locator(".jp-Dialog select").last.locator("option")
    expect(choices.first).to_be_attached()
    names = [f"/opsbook/{path.name}" for path in sorted(ops.templates.glob("*.ipynb"))]
    assert choices.all_inner_texts() == names
    page.screenshot(path=pictures / "lab_launcher.png")
    page.locator(".jp-Dialog").get_by_role("button", name="Cancel").click()

    page.locator("#jp-MainMenu").get_by_text("File", exact=True).click()
    page.locator(".lm-Menu-item", has_text="New").first.hover()
    entry = page.locator(".lm-Menu-item", has_text="Template")
    expect(entry).to_be_visible()
    page.screenshot(path=pictures / "lab_menu.png")
    entry.click()
    page.locator(".jp-Dialog select").last.select_option("/opsbook/4_effect.ipynb")
    page.locator(".jp-Dialog").get_by_role("button", name="GO").click()
    opening = page.locator(".jp-Notebook .jp-CodeCell", has_text='open_stage("effect"')
    expect(opening).to_be_visible()
    assert 'open_stage("effect"' in NotebookPage(page).state()["code"]["open"]
    page.screenshot(path=pictures / "lab_from_menu.png")


def test_a_notebook_elsewhere_is_saved_with_its_outputs(ops):
    class Manager:
        root_dir = str(ops.root)

    cell = {"cell_type": "code", "metadata": {}, "outputs": ["a figure"], "execution_count": 3}
    model = {"type": "notebook", "content": {"cells": [cell], "metadata": {}}}
    keep_clean(model=model, path="outputs/clinic_deaths/1_trigger.ipynb", contents_manager=Manager)
    assert cell["outputs"] == ["a figure"]
    keep_clean(model=model, path="/templates/1_trigger.ipynb", contents_manager=Manager)
    assert cell["outputs"] == []
