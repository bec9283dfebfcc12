"""A forked kernel as the run sees it: its process, at the far end of a connection."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

READY = 300.0  #: Seconds in which a server on a busy machine has its imports done.
PAUSE = 0.01  #: Seconds until a server with a full queue is asked again.


class ForkedProcess:
    """The part of `subprocess.Popen` that jupyter_client uses, for a process of the fork server.

    The server alone signals and reaps the process, so that no signal ever reaches another one
    that has got its id. The process lives no longer than the connection.

    Args:
        address: The server's socket.
        argv: The arguments after the interpreter.
        env: The environment.
        cwd: The folder to start in.

    Raises:
        OSError: If the server does not answer or cannot fork.
    """

    stdin = stdout = stderr = None

    def __init__(
        self, address: Path, argv: Sequence[str], env: Mapping[str, str], cwd: str
    ) -> None:
        self.returncode: int | None = None
        self.peak_kb: int | None = None  # what it shared with its server counts too
        self._unread = b""
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connect(address)
            self._connection.settimeout(READY)
            request = {"argv": list(argv), "env": dict(env), "cwd": cwd}
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            while not (told := self._numbers()):
                pass
        except OSError:
            self._connection.close()
            raise
        self.pid = told[0]
        self._connection.setblocking(False)

    def _connect(self, address: Path) -> None:
        """Join the queue of the server; a full one says EAGAIN, and is asked again."""
        self._connection.setblocking(False)
        patience = time.monotonic() + READY
        while True:
            try:
                return self._connection.connect(str(address))
            except BlockingIOError:
                if time.monotonic() > patience:
                    raise
            time.sleep(PAUSE)

    def poll(self) -> int | None:
        """The exit status, or None while the process lives; -N where signal N ended it."""
        if self.returncode is None:
            try:
                if told := self._numbers():
                    self.returncode, self.peak_kb = told
            except BlockingIOError:
                return None
            except OSError:  # the server is gone, and its kernels with it
                self.returncode = -signal.SIGKILL
            if self.returncode is not None:
                self._connection.close()
        return self.returncode

    def wait(self) -> int:
        """Wait for the end of the process."""
        while (status := self.poll()) is None:
            time.sleep(0.005)
        return status

    def send_signal(self, signum: int) -> None:
        """Send a signal to the process and those that it has started."""
        if self.poll() is None:
            try:
                self._connection.sendall(bytes([signum]))
            except OSError:
                self.poll()

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)

    def _numbers(self) -> list[int]:
        """The next line that the server writes, if it is there whole."""
        if b"\n" not in self._unread:  # what tells of a start may bring the end with it
            received = self._connection.recv(64)
            if not received:
                raise ConnectionResetError("it closed the connection")
            self._unread += received
        line, newline, rest = self._unread.partition(b"\n")
        if not newline:
            return []
        self._unread = rest
        return [int(number) for number in line.split()]
