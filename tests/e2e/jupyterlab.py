"""JupyterLab driven as somebody drives it, each step looked at before the next one.

On a slow machine JupyterLab loses without a word what is done too early: Run All before the session
has a kernel leaves every prompt "[ ]:" for ever, and code typed before a cell has the focus goes
nowhere. So each step waits for, and looks at, what JupyterLab's own model holds.
"""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect
from tests.e2e.conftest import PATIENCE

TRIES = 5
STATE = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const session = panel?.sessionContext;
  if (!session || !panel.context.isReady) return null;
  const cells = [...panel.content.model.cells].filter(cell => cell.type === "code");
  const outputs = cells.flatMap(cell => cell.outputs.toJSON());
  const errors = outputs.filter(output => output.output_type === "error");
  return {
    kernel: session.session?.kernel?.status ?? null,
    counts: cells.map(cell => cell.executionCount),
    states: cells.map(cell => cell.executionState),
    code: Object.fromEntries(cells.map(cell => [cell.id, cell.sharedModel.source])),
    errors: errors.map(error => `${error.ename}: ${error.evalue}`),
    unsaved: panel.context.model.dirty,
    dialogs: [...document.querySelectorAll(".jp-Dialog")].map(dialog => dialog.innerText),
  };
}"""


class NotebookPage:
    """A notebook in JupyterLab, which was started with ``--expose-app-in-browser``."""

    def __init__(self, page: Page) -> None:
        """Wait until the notebook is there and its kernel has nothing to do."""
        self.page = page
        self._until("state?.kernel === 'idle'")

    def write(self, cell: str, code: str) -> None:
        """Write code into the cell with this id, in place of its own."""
        place = list(self.state()["code"]).index(cell)
        editor = self.page.locator(".jp-Notebook .jp-CodeCell").nth(place).locator(".cm-content")
        for _ in range(TRIES):
            editor.click()
            expect(editor).to_be_focused()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(code)
            if self.state()["code"][cell] == code:
                return
        raise AssertionError(f"{cell} does not take the code:\n{describe(self.page)}")

    def run_all(self) -> None:
        """Run all cells, by the menu, until the last one is done and shows it."""
        self.page.locator("#jp-MainMenu").get_by_text("Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        ended = "state.counts.every(count => count !== null) && state.kernel === 'idle'"
        self._until(f"state && (({ended}) || state.errors.length || state.dialogs.length)")
        counts = self.state()["counts"]
        assert counts == list(range(1, len(counts) + 1)), describe(self.page)
        self.page.get_by_text("save(context, result)", exact=True).hover()
        prompt = self.page.locator(".jp-Notebook .jp-CodeCell").last.locator(".jp-InputPrompt")
        expect(prompt).to_have_text(f"[{len(counts)}]:")

    def save(self) -> None:
        """Save, by the keyboard, until nothing is unsaved any more."""
        self.page.keyboard.press("Control+S")
        self._until("state && !state.unsaved")

    def state(self) -> dict[str, Any]:
        """What JupyterLab holds of the notebook."""
        found: dict[str, Any] = self.page.evaluate(STATE)
        return found

    def _until(self, condition: str) -> None:
        script = f"() => {{ const state = ({STATE})(); return {condition}; }}"
        try:
            self.page.wait_for_function(script, timeout=PATIENCE)
        except Exception as error:
            raise AssertionError(f"never: {condition}\n{describe(self.page)}") from error


def describe(page: Page) -> str:
    """What JupyterLab holds and shows, for whoever reads of a failure."""
    held = json.dumps(page.evaluate(STATE), indent=1, ensure_ascii=False)
    return f"{page.url}\n{held}\nIt shows:\n{page.locator('body').inner_text()}"
