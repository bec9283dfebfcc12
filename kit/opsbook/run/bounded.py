"""The client that executes cells, and keeps no more of what they show than is of use."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

from opsbook.run.jupyter import import_jupyter

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    Client = import_jupyter("papermill.clientwrap").PapermillNotebookClient
    new_output = import_jupyter("nbformat").v4.new_output

#: What a cell may show: so many outputs, and so many characters of print.
MOST_OUTPUTS = 500
MOST_TEXT = 2**20
#: What a whole notebook may show, in characters: a report of it still opens.
MOST_SHOWN = 64 * 2**20


class BoundedClient(Client):  # type: ignore[misc,valid-type] # untyped
    """papermill's own client; what a cell shows beyond all measure is counted and let go."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._text: Counter[int] = Counter()
        self._shown = 0
        self._left: Counter[tuple[int, str]] = Counter()

    def output(self, outs: list[Any], msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Keep an output, or count it."""
        content = msg["content"]
        if msg["msg_type"] == "stream":
            size = len(content["text"])
            self._text[cell_index] += size
            if self._text[cell_index] > MOST_TEXT:
                self._left[cell_index, "characters of print"] += size
                return None
        elif msg["msg_type"] != "error":
            size = sum(len(str(part)) for part in content.get("data", {}).values())
            self._shown += size
            if len(outs) >= MOST_OUTPUTS or self._shown > MOST_SHOWN:
                self._left[cell_index, "figures or tables"] += 1
                return None
        return super().output(outs, msg, display_id, cell_index)

    def papermill_execute_cells(self) -> None:
        """Execute the cells, then say below each what was let go."""
        try:
            super().papermill_execute_cells()
        finally:
            for (index, what), number in self._left.items():
                text = f"{number:,} {what} left out: a cell shows {MOST_OUTPUTS} outputs at most.\n"
                note = new_output("stream", name="stderr", text=text)
                self.nb.cells[index].outputs.append(note)
