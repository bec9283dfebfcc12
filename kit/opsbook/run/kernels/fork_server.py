"""The fork server: imports what notebooks use, once, and forks a kernel on request.

It imports and never runs anything: a thread or a database connection of its own would be left
half alive in its kernels.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

from opsbook.run.kernels.fresh import Request, adopt_orphans, run_kernel
from opsbook.run.kernels.private_folder import SERVER
from opsbook.text import LANGUAGES, Language

PRELOADED = (
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "duckdb",
    "babel.dates",
    "babel.messages",
    "babel.numbers",
    "PIL.features",
    "encodings.utf_8_sig",
    "encodings.utf_16_be",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.core.oinspect",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "opsbook.notebook",
    "opsbook.run.kernels.stream",
    "opsbook.show",
    "opsbook.stages.intake",
    "opsbook.stages.trigger",
    "opsbook.stages.diagnosis",
    "opsbook.stages.solutions",
    "opsbook.stages.effect",
    "opsbook.stages.control",
)
#: Imported by others where it is there, and starts threads: each kernel imports it for itself.
KEPT_OUT = ("polars",)
#: Its import has an effect on the kernel that it happens in.
IMPORTED_ANEW = "matplotlib_inline"
HANDLED = (signal.SIGCHLD, signal.SIGTERM)
PATIENCE = 5.0  #: Seconds for a run to take what it is told.


class ForkServer:
    """Forks, signals and reaps kernels; each lives no longer than the connection it came by.

    Args:
        listener: The socket that requests come by.
        parent: The run's process id; the server ends with it.
    """

    def __init__(self, listener: socket.socket, parent: int) -> None:
        self._listener = listener
        self._parent = parent
        self._kernels: dict[int, socket.socket] = {}
        self._asking: dict[socket.socket, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._signals, self._signalled = socket.socketpair()

    def serve(self) -> Request | None:
        """Serve until the run ends; returns the request in each forked process."""
        adopt_orphans()
        self._signalled.setblocking(False)
        signal.set_wakeup_fd(self._signalled.fileno(), warn_on_full_buffer=False)
        for signum in HANDLED:
            signal.signal(signum, lambda *_: None)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._signals, selectors.EVENT_READ)
        while os.getppid() == self._parent:
            for key, _ in self._selector.select(timeout=1.0):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._asking:
                    request = self._hear(key.fileobj)
                    if request is not None:
                        return request
                elif key.fileobj is self._signals:
                    received = self._signals.recv(4096)
                    self._reap()
                    if signal.SIGTERM in received:
                        return None
                else:
                    self._obey(key.data)
        return None

    def close(self) -> None:
        """End every kernel."""
        for pid in self._kernels:
            _signal(pid, signal.SIGKILL)
        for pid in self._kernels:
            os.waitpid(pid, 0)
        self._kernels.clear()
        self._end_orphans()

    def _accept(self) -> None:
        """Listen to somebody new; whoever is slow to ask keeps nobody else waiting."""
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # it has hung up, or there are too many
            sys.stderr.write(f"The fork server could not take a call: {error}\n")
            return
        connection.setblocking(False)
        self._asking[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> Request | None:
        """Fork a kernel once its request is there whole; in the kernel, the request."""
        try:
            heard = connection.recv(2**16)
            self._asking[connection] += heard
            if not heard:  # whoever called has ended before it could ask
                self._hang_up(connection)
                return None
            if not heard.endswith(b"\n"):
                return None
            request = Request.model_validate_json(self._asking[connection])
            pid = self._fork()
        except (OSError, ValueError) as error:
            sys.stderr.write(f"The fork server could not start a kernel: {error}\n")
            self._hang_up(connection)
            return None
        if pid == 0:
            return request
        self._let_go(connection)
        connection.settimeout(PATIENCE)
        self._kernels[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, pid)
        _tell(connection, pid)
        return None

    def _hang_up(self, connection: socket.socket) -> None:
        self._let_go(connection)
        connection.close()

    def _let_go(self, connection: socket.socket) -> None:
        del self._asking[connection]
        self._selector.unregister(connection)

    def _fork(self) -> int:
        """Fork; the new process lets go of everything that is the server's."""
        # A signal that found the new process with the server's handlers would be told to both.
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        try:
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                for signum in HANDLED:
                    signal.signal(signum, signal.SIG_DFL)
                self._selector.close()
                held = (*self._kernels.values(), *self._asking, self._listener)
                for descriptor in (*held, self._signals, self._signalled):
                    descriptor.close()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        return pid

    def _obey(self, pid: int) -> None:
        """Pass a kernel the signals that its connection asks for; without one it has to go."""
        connection = self._kernels.get(pid)
        if connection is None:
            return
        try:
            asked = connection.recv(64)
        except OSError:
            asked = b""
        for signum in asked or (signal.SIGKILL,):
            _signal(pid, signum)
        if not asked:
            self._selector.unregister(connection)

    def _reap(self) -> None:
        """Tell of the kernels that have ended, and end what they have left running."""
        while self._kernels:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            pid = ended.si_pid
            if pid in self._kernels:
                _signal(pid, signal.SIGKILL)
            _, status, used = os.wait4(pid, 0)
            if pid not in self._kernels:
                continue
            self._end_orphans()
            connection = self._kernels.pop(pid)
            _tell(connection, os.waitstatus_to_exitcode(status), used.ru_maxrss)
            if connection in self._selector.get_map():
                self._selector.unregister(connection)
            connection.close()

    def _end_orphans(self) -> None:
        """End what kernels that are gone have left running, in whatever session of its own."""
        while orphans := _children() - self._kernels.keys():
            for pid in orphans:
                _signal(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    """The processes that have this one as their parent; none where the system does not tell."""
    try:
        told = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return set()
    return {int(pid) for pid in told.split()}


def _tell(connection: socket.socket, *numbers: int) -> None:
    """Tell numbers to the run; where it no longer listens, the selector knows."""
    with contextlib.suppress(OSError):
        connection.sendall(f"{' '.join(map(str, numbers))}\n".encode())


def _signal(pid: int, signum: int) -> None:
    """Signal a kernel that is not reaped yet, and the processes that it has started."""
    try:
        os.killpg(pid, signum)
    except OSError:  # it has no session of its own yet
        with contextlib.suppress(OSError):
            os.kill(pid, signum)


def _threads() -> int:
    """How many threads this process has, those of compiled libraries with them."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def _imported(parent: int) -> bool:
    """Import what notebooks use; False where the run has ended meanwhile."""
    sys.modules.update(dict.fromkeys(KEPT_OUT))  # type: ignore[arg-type] # None: "not installed"
    for module in PRELOADED:
        importlib.import_module(module)
        if os.getppid() != parent:
            return False
    for module in list(sys.modules):
        if module.partition(".")[0] in {*KEPT_OUT, IMPORTED_ANEW}:
            del sys.modules[module]
    # These are the same in every kernel, and told by files alone.
    sys.modules["matplotlib.backends"].backend_registry.list_all()
    for language in LANGUAGES:
        Language(language).number(0.0)
    return True


def main() -> None:
    """Import, serve, and in each forked process be a kernel."""
    parent, folders = int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]
    # As ipykernel's own launcher does: the folder that the run is in shadows no library.
    if sys.path[0] in {"", str(Path.cwd())}:
        del sys.path[0]
    os.environ["MPLBACKEND"] = "agg"
    given = set(os.environ)
    request = None
    server = ForkServer(socket.socket(fileno=os.dup(0)), parent)
    try:
        if not _imported(parent):
            return
        if (threads := _threads()) > 1:
            sys.stderr.write(f"An import has started {threads - 1} threads: no kernel is forked.\n")
            (folders[0] / SERVER).unlink()
            return
        gc.collect()
        gc.freeze()  # so that a kernel's first collection copies no memory
        request = server.serve()
    finally:
        if request is None:
            server.close()
            if os.getppid() != parent:
                for folder in folders:
                    shutil.rmtree(folder, ignore_errors=True)
    if request is None:
        os._exit(0)  # what is frozen would be told as leaked
    atexit.register(gc.unfreeze)
    run_kernel(request, {name: os.environ[name] for name in os.environ.keys() - given})


if __name__ == "__main__":
    main()
