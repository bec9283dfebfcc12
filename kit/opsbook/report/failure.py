"""The failure that an executed notebook holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opsbook.results import Failure, Stage
from opsbook.text import without_colours


def failure_in(notebook: Mapping[str, Any], stage: Stage) -> Failure | None:
    """Find the failure that an executed notebook holds, or None if it ran to its end.

    Args:
        notebook: The notebook as JSON.
        stage: The stage it is of.
    """
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for number, cell in enumerate(code, start=1):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return Failure(
                    stage=stage,
                    error=output["ename"],
                    message=without_colours(output["evalue"]),
                    cell=number,
                    source=cell["source"],
                )
    return None
