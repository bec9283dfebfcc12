"""An executed notebook in another language: the same results, no cell run again."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from opsbook.report import calls
from opsbook.report.merge import OURS
from opsbook.results import StageResult
from opsbook.text import Language

#: Types of output that hold words; a picture or a number has none to translate.
WORDED = frozenset(("text/html", "image/svg+xml", "text/markdown", "text/plain"))


def retell(
    notebook: Mapping[str, Any], result: StageResult | None, written: Language, told: Language
) -> Mapping[str, Any]:
    """Give a notebook's prose and outputs in another language.

    The prose comes from the catalogs, the outputs are drawn again from the saved result. What
    is in neither, such as a user's own cell, stays as it is and is marked as untranslated.

    Args:
        notebook: The executed notebook.
        result: What its stage saved.
        written: The language that it was run in.
        told: The language to give it in.
    """
    from opsbook.show import speak  # noqa: PLC0415 - draws figures, which is heavy

    if written.code == told.code:
        return notebook
    made = copy.deepcopy(notebook)
    speak(told.code)
    try:
        for cell in made["cells"]:
            if cell["cell_type"] == "markdown":
                english = written.message(cell["source"])
                cell["source"] = told.text(english)
                known = told.code == "en" or cell["source"] != english
            else:
                known = _redraw(cell, result)
            if not known:
                cell["metadata"][OURS] = {"language": written.html}
    finally:
        speak(written.code)
    return made


def _redraw(cell: Any, result: StageResult | None) -> bool:
    """Draw a cell's output again; whether nothing of it is left in the old language."""
    from opsbook import show  # noqa: PLC0415 - heavy

    outputs = [o for o in cell.get("outputs", ()) if WORDED & o.get("data", {}).keys()]
    if not outputs:
        return True
    if result is None:
        return False
    try:
        shown = calls.drawn(cell["source"], show, result)
    except (calls.NotSaved, TypeError, AttributeError):
        return False
    if len(shown) != len(outputs):
        return False
    for output, one in zip(outputs, shown, strict=True):
        output["data"] = one._repr_mimebundle_()
    return True
