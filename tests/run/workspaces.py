"""Workspaces for tests: the shipped templates, a sample or two, outputs of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


def workspace(folder: Path, *samples: str) -> Path:
    """A workspace in a folder, with some of the sample projects."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    (folder / "params").mkdir()
    shutil.copytree(ROOT / "params" / "data", folder / "params" / "data")
    for name in samples:
        shutil.copy(ROOT / "params" / f"{name}.yaml", folder / "params")
    return folder


def opsbook(
    folder: Path,
    *arguments: str,
    timeout: float = 300,
    stdout: int | IO[str] = subprocess.PIPE,
    preexec_fn: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command in a workspace, as a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "kit"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "opsbook", *arguments],
        cwd=folder,
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=preexec_fn,
        text=True,
        timeout=timeout,
        check=False,
    )
