"""A busy fork server is waited for, and nobody who is slow keeps the others waiting."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opsbook.run.kernels import forked
from opsbook.run.kernels.forked import ForkedProcess
from opsbook.run.kernels.private_folder import SERVER, kernel_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
PATIENCE = 240


@pytest.fixture
def address() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # a short name, as a socket's must be
        yield Path(folder) / SERVER


def listening(address: Path, queue: int) -> socket.socket:
    """A server that has bound its address, and looks at nobody yet."""
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(PATIENCE)
    listener.bind(str(address))
    listener.listen(queue)
    return listener


def joined(address: Path) -> bool:
    """Whether the queue had a place."""
    caller = socket.socket(socket.AF_UNIX)
    caller.setblocking(False)
    try:
        caller.connect(str(address))
    except BlockingIOError:
        return False
    finally:
        caller.close()
    return True


def asked(address: Path) -> ForkedProcess:
    return ForkedProcess(address, ["-m", "ipykernel_launcher"], {}, "/")


def answer(listener: socket.socket, *lines: bytes) -> None:
    """Take calls until one asks for a kernel, and answer it."""
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            if connection.makefile("rb").readline():
                connection.sendall(b"".join(lines))
                return


def test_a_server_whose_queue_is_full_is_asked_until_it_has_a_place(address, monkeypatch):
    full = threading.Event()
    sleep = time.sleep

    def turned_away(seconds: float) -> None:
        full.set()
        sleep(seconds)

    monkeypatch.setattr("time.sleep", turned_away)
    with listening(address, 0) as listener, ThreadPoolExecutor(1) as thread:
        while joined(address):
            pass
        kernel = thread.submit(asked, address)
        assert full.wait(PATIENCE)  # it was turned away, and has not given up
        answer(listener, b"123\n")
        process = kernel.result(PATIENCE)
    assert (process.pid, process.wait()) == (123, -9)  # a kernel is gone with its server


def test_a_server_that_never_has_a_place_is_given_up(address, monkeypatch):
    monkeypatch.setattr(forked, "READY", 0.05)
    with listening(address, 0):
        while joined(address):
            pass
        with pytest.raises(OSError, match="temporarily unavailable"):
            asked(address)


def test_a_kernel_that_ends_as_it_starts_is_told_with_its_own_status(address):
    with listening(address, 1) as listener, ThreadPoolExecutor(1) as thread:
        kernel = thread.submit(asked, address)
        answer(listener, b"123\n", b"3 4096\n")
        process = kernel.result(PATIENCE)
    assert (process.pid, process.wait(), process.peak_kb) == (123, 3, 4096)


def test_callers_that_say_nothing_or_nonsense_keep_no_kernel_waiting(capfd):
    with kernel_folder() as folder:
        silent: list[socket.socket] = []
        for said in (b"", b'{"argv": [', b"nonsense\n"):
            caller = socket.socket(socket.AF_UNIX)
            caller.settimeout(PATIENCE)
            caller.connect(str(folder / SERVER))
            caller.sendall(said)
            silent.append(caller)
        kernel = asked(folder / SERVER)
        assert kernel.pid > 0
        kernel.kill()
        kernel.wait()
        assert silent[-1].recv(1) == b""  # it was hung up on
        for caller in silent:
            caller.close()
    assert "could not start a kernel" in capfd.readouterr().err
