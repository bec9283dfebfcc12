"""How much memory a kernel may hold, and how much it held; both are known on Linux."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path

#: No notebook may hold more than this share of the memory that the machine or container has.
SHARE = 0.8
#: Where memory runs out, a kernel is ended before the run and before whatever else is there.
FIRST_TO_GO = "500"
CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def contain(pid: int, megabytes: int) -> None:
    """Let a kernel that holds too much get a MemoryError, before the machine runs out.

    Args:
        pid: Its process.
        megabytes: How much it may hold; 0 for as much as there is.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - Unix has it

    with contextlib.suppress(OSError):  # it has ended already
        Path(f"/proc/{pid}/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
        if megabytes:
            limit = megabytes * 2**20
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))


def peak_kb(pid: int) -> int | None:
    """How much memory a living process has held at most; None where it cannot be told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else None


def most_for_one() -> int | None:
    """How many MB a notebook may hold unless somebody says otherwise; None where it is unknown.

    Examples:
        >>> limit = most_for_one()
        >>> limit is None or limit > 0
        True
    """
    if sys.platform != "linux":
        return None
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in CONTAINER:
        with contextlib.suppress(OSError, ValueError):  # "max" is no limit
            limits.append(int(Path(file).read_text(encoding="ascii")))
    return int(SHARE * min(limits) / 2**20)
