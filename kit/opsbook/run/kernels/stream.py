"""What kernels print to."""

from __future__ import annotations

from ipykernel.iostream import OutStream


class QuietStream(OutStream):
    """ipykernel's stream, which wakes its sender only if something has been written.

    A kernel flushes both of its streams twice at every cell, and waits for each.
    """

    _has_written = False

    def write(self, string: str) -> int:
        """Take a text, to be sent soon."""
        self._has_written = True
        return super().write(string) or 0

    def flush(self) -> None:
        """Send what has been written."""
        if self._has_written:
            self._has_written = False
            super().flush()  # type: ignore[no-untyped-call]
