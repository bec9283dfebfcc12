"""The client that executes cells, and keeps no more of what they show than is of use."""

from __future__ import annotations

import asyncio
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
#: All that a kernel shows is heard within so many seconds of its answer, or has been let go.
HEARD = 15
#: A kernel that is idle has answered within so many seconds, even on a busy machine.
UNANSWERED = 15.0


class BoundedClient(Client):  # type: ignore[misc,valid-type] # untyped
    """papermill's own client; what a cell shows beyond all measure is counted and let go.

    Attributes:
        is_broken: Whether the kernel has become idle without an answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, raise_on_iopub_timeout=False, iopub_timeout=HEARD, **kwargs)
        self.is_broken = False
        self._text: Counter[int] = Counter()
        self._shown = 0
        self._left: Counter[tuple[int, str]] = Counter()

    def output(self, outs: list[Any], msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Keep an output, or count it."""
        content = msg["content"]
        if msg["msg_type"] == "stream":
            text, room = content["text"], MOST_TEXT - self._text[cell_index]
            kept = text[: max(room, 0)]
            self._text[cell_index] += len(kept)
            if len(text) > len(kept):
                self._left[cell_index, "characters of print"] += len(text) - len(kept)
            if not kept:
                return None
            msg = {**msg, "content": {**content, "text": kept}}
        elif msg["msg_type"] != "error":
            size = sum(len(str(part)) for part in content.get("data", {}).values())
            self._shown += size
            if len(outs) >= MOST_OUTPUTS or self._shown > MOST_SHOWN:
                self._left[cell_index, "figures or tables"] += 1
                return None
        return super().output(outs, msg, display_id, cell_index)

    async def _async_poll_for_reply(
        self, msg_id: str, cell: Any, timeout: Any, heard: Any, alive: Any
    ) -> Any:
        """Wait for an answer; a kernel that is idle and has not answered by then never will."""

        def give_up() -> None:
            if not reply.done():
                self.is_broken = True
                alive.cancel()
                reply.cancel()  # which nbclient takes for the death of the kernel

        loop = asyncio.get_running_loop()
        heard.add_done_callback(lambda _: loop.call_later(UNANSWERED, give_up))
        reply = self.task_poll_for_reply
        answer = await super()._async_poll_for_reply(msg_id, cell, timeout, heard, alive)
        if heard.cancelled():  # its last word, that it is idle, was among what ZeroMQ let go
            cell.outputs.append(_note("The kernel showed more than could be heard; some is lost."))
        return answer

    def papermill_execute_cells(self) -> None:
        """Execute the cells, then say below each what was let go."""
        try:
            super().papermill_execute_cells()
        finally:
            for (index, what), number in self._left.items():
                note = _note(f"{number:,} {what} left out: no reader has use for so much.")
                self.nb.cells[index].outputs.append(note)


def _note(text: str) -> Any:
    return new_output("stream", name="stderr", text=f"{text}\n")
