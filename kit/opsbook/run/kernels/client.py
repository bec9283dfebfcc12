"""The client of a run's kernels: ready as soon as the kernel is."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient

#: A kernel that is subscribed to answers on that channel within this many seconds.
HEARD = 0.2


class PromptClient(AsyncKernelClient):
    """Waits for a kernel's own word that it is idle, not for a fifth of a second of silence."""

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Open the channels, and drop nothing that is heard faster than it is looked at."""
        self.context.setsockopt(zmq.RCVHWM, 0)
        super().start_channels(*args, **kwargs)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and what it shows is heard.

        Args:
            timeout: Seconds to wait at most.

        Raises:
            RuntimeError: If the kernel dies before, or takes longer.
        """
        patience = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._heard(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("The kernel died before it was ready.")
            if time.monotonic() > patience:
                raise RuntimeError(f"The kernel was not ready within {timeout} seconds.")

    async def _heard(self, request: str) -> bool:
        """Whether the answer to a request came, on both channels."""
        try:
            while (await self.get_shell_msg(timeout=1))["parent_header"].get("msg_id") != request:
                pass
            while True:
                message = await self.get_iopub_msg(timeout=HEARD)
                idle = message["content"].get("execution_state") == "idle"
                if idle and message["parent_header"].get("msg_id") == request:
                    return True
        except Empty:
            return False
