"""A real JupyterLab on this machine: Run All in the browser, and the templates in its launcher."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.run.workspaces import ROOT

from opsbook.places import SHIPPED
from opsbook.results import read_result
from opsbook.run.lab_server import keep_clean
from opsbook.run.workspace import Workspace, init_workspace
from opsbook.text import Language

pytestmark = pytest.mark.xdist_group("lab")
TOKEN = secrets.token_hex(16)
PATIENCE = 120_000  # ms; a loaded machine is slow, and waiting ends when what is awaited is there
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


@pytest.fixture(scope="module")
def ops(tmp_path_factory):
    return init_workspace(tmp_path_factory.mktemp("lab") / "ops")


@pytest.fixture(scope="module")
def chinese(ops):
    """A Chinese workspace, which the same server can see."""
    return init_workspace(ops.root / "zh", "zh")


@pytest.fixture(scope="module")
def address(ops: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ops.root, env=environment, stdout=log, stderr=log, text=True
        )
        try:
            found = f"http://127.0.0.1:{port}"
            wait_for(found, server, home / "log")
            yield found
        finally:
            server.terminate()
            server.wait(timeout=60)


def wait_for(address: str, server: subprocess.Popen[str], log: Path) -> None:
    """Until the server answers, or has ended."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=10):  # noqa: S310 - ours
                return
        except (urllib.error.URLError, TimeoutError):
            try:
                server.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture
def lab(browser: Browser, address: str) -> Iterator[Callable[[str], Page]]:
    """Opens a page of JupyterLab, in a layout of its own."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def opened(path: str) -> Page:
        page.goto(f"{address}/{path}?reset&token={TOKEN}")
        return page

    yield opened
    context.close()


# JupyterLab draws a notebook anew while it scrolls. Playwright's actions (hover, click) wait for an
# element that went away to come back; its scroll_into_view_if_needed does not.


def write(page: Page, cell: Locator, code: str) -> None:
    """Write code into a cell in place of its own."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)


def run_all(page: Page, cells: int) -> None:
    """Run all cells, by the menu, until the last one is done."""
    page.locator("#jp-MainMenu").get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("save(context, result)", exact=True).hover()
    last = page.locator(".jp-Notebook .jp-CodeCell").last
    expect(last.locator(".jp-InputPrompt")).to_have_text(f"[{cells}]:", timeout=PATIENCE)


def saved_by(page: Page) -> None:
    """Save, and wait until the tab has no mark for unsaved changes any more."""
    page.keyboard.press("Control+S")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0, timeout=PATIENCE)


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
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    write(page, cells.first, PARAMETERS)
    write(page, cells.filter(has_text="trigger.consecutive_misses(context)"), MISSES)
    run_all(page, len(kits))
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

    saved_by(page)
    assert code_of(template) == {**kits, "parameters": PARAMETERS, "misses": MISSES}
    stored = json.loads(template.read_text(encoding="utf-8"))
    for own, kit in zip(stored["cells"], shipped["cells"], strict=True):
        own["source"] = kit["source"]
    assert stored == shipped


def test_a_chinese_template_runs_and_shows_chinese(lab, chinese, pictures):
    template = chinese.templates / "0_intake.ipynb"
    page = lab("lab/tree/zh/templates/0_intake.ipynb")
    write(page, page.locator(".jp-Notebook .jp-CodeCell").first, CHINESE)
    run_all(page, len(code_of(template)))
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
    saved_by(page)


def test_the_launcher_and_the_file_menu_offer_the_templates_of_the_workspace(lab, ops, pictures):
    page = lab("lab")
    page.locator(".jp-LauncherCard", has_text="Template").click()
    choices = page.locator(".jp-Dialog select").last.locator("option")
    expect(choices.first).to_be_attached(timeout=PATIENCE)
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
    expect(opening).to_be_visible(timeout=PATIENCE)
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
