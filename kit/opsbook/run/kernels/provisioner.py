"""The kernel provisioner: what papermill and nbclient start and stop a run's kernels with."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Callable, Integer, Unicode

from opsbook.run.kernels.forked import ForkedProcess
from opsbook.run.kernels.memory import contain, peak_kb
from opsbook.run.kernels.private_folder import SERVER

#: A kernel has started, or is gone, within this many seconds, or nobody waits for it any longer.
PATIENCE = 5.0


class OpsbookProvisioner(LocalProvisioner):
    """Starts kernels that talk through sockets in a private folder, forked where a server is.

    Attributes:
        folder: The run's private folder; the kernelspec names it.
        memory_mb: How much a kernel may hold, on Linux; 0 for as much as there is.
        died: Told the exit status of a kernel that ended without being asked to.
        measured: Told how much memory a kernel that has ended held at most, in MB, on Linux.
    """

    folder = Unicode().tag(config=True)
    died = Callable(lambda _status: None).tag(config=True)
    measured = Callable(lambda _megabytes: None).tag(config=True)
    memory_mb = Integer(0).tag(config=True)
    process: Any = None
    _watched = True
    _is_measured = False

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose the connection file and the sockets."""
        manager: Any = self.parent
        if os.name == "posix" and manager.transport != "ipc":
            name = str(Path(self.folder) / str(self.kernel_id).replace("-", ""))
            manager.transport, manager.ip = "ipc", name
            manager.connection_file = f"{name}.json"
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, or start an ordinary one where no server answers."""
        address = Path(self.folder) / SERVER
        if address.exists():
            cwd = str(kwargs.get("cwd") or Path.cwd())
            try:
                self.process = ForkedProcess(address, cmd[1:], kwargs["env"], cwd)
            except OSError as error:
                _say_once(str(error))
            else:
                self.pid, self.cwd = self.process.pid, cwd
                contain(self.pid, self.memory_mb)
                await self._listening()
                return self.connection_info
        # The notebook has what its processes write; ipykernel would tell it to the terminal too.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        launched = await super().launch_kernel(cmd, **kwargs, **quiet)
        contain(self.process.pid, self.memory_mb)
        return launched

    async def _listening(self) -> None:
        """Wait for the kernel's sockets: to connect in vain costs a tenth of a second each time."""
        manager: Any = self.parent
        last = Path(f"{manager.ip}-{manager.iopub_port}")
        patience = time.monotonic() + PATIENCE
        while not last.exists() and time.monotonic() < patience and await self.poll() is None:
            await asyncio.sleep(0.005)

    async def poll(self) -> int | None:
        """The kernel's exit status, or None while it lives."""
        status = await super().poll()
        if self.process is not None and status is not None:
            if self._watched:
                self._watched = False
                self.died(status)
            self._measure(getattr(self.process, "peak_kb", None))
        return status

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and see it gone."""
        self._watched = False
        if not isinstance(self.process, ForkedProcess):
            self._measure(peak_kb(self.process.pid))
        await super().kill(restart)
        patience = time.monotonic() + PATIENCE
        while await self.poll() is None and time.monotonic() < patience:
            await asyncio.sleep(0.005)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        self._watched = False
        await super().terminate(restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Know that the kernel's end is meant."""
        self._watched = False
        await super().shutdown_requested(restart)

    def _measure(self, kilobytes: int | None) -> None:
        if kilobytes is not None and not self._is_measured:
            self._is_measured = True
            self.measured(round(kilobytes / 1024, 1))


@functools.cache
def _say_once(problem: str) -> None:
    logging.getLogger("opsbook").warning(
        "The fork server is out of reach (%s); notebooks run in ordinary kernels.", problem
    )
