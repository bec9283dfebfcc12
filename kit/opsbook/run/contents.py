"""Content hashes of what a run reads; each file is read once per run."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opsbook.installed import versions
from opsbook.places import PACKAGE

SOURCES = (".py", ".mo", ".po", ".ttf")
REFERENCE = "env:"


class Contents:
    """Hashes of files and folders by their content, remembered for one run.

    A file's times are never trusted from one run to the next: clocks are set back, and copies
    keep old times.
    """

    def __init__(self) -> None:
        self._files: dict[tuple[str, int, int, int, int], str] = {}

    def file(self, path: Path) -> str | None:
        """The SHA-256 of a file; None where there is none."""
        try:
            state = path.stat()
            times = (state.st_mtime_ns, state.st_ctime_ns)
            key = (str(path), state.st_ino, state.st_size, *times)
            if key not in self._files:
                with path.open("rb") as file:
                    self._files[key] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        return self._files[key]

    def files(self, paths: Iterable[Path], root: Path) -> str:
        """One hash over files and their names below a folder."""
        return hash_of({str(path.relative_to(root)): self.file(path) for path in sorted(paths)})

    def kit(self, *, report: bool = False) -> str:
        """The hash of the package's own sources and its libraries' versions.

        Args:
            report: Whether the report's sources count too; notebooks do not depend on them.
        """
        return _kit(report)

    def template(self, path: Path) -> str:
        """The hash of a notebook and of the modules that lie beside it."""
        return self.files([path, *path.parent.glob("*.py")], path.parent)

    def folder(self, path: Path) -> str:
        """The hash of everything in a folder."""
        return self.files((file for file in path.rglob("*") if file.is_file()), path)

    def tables(self, params: Any, folder: Path) -> str | None:
        """The hash of every file that checked params name; None if they name a database.

        Args:
            params: The checked params, as a mapping.
            folder: The folder that paths are relative to.
        """
        named = list(_leaves(params))
        if any(isinstance(leaf, str) and leaf.startswith(REFERENCE) for leaf in named):
            return None
        wanted = [leaf for leaf in named if isinstance(leaf, Path)]
        return hash_of({str(path): self._table(folder, path) for path in wanted})

    def _table(self, folder: Path, wanted: Path) -> str | None:
        path = folder / wanted
        if path.is_dir():
            return self.folder(path)
        if not path.exists() and any(mark in str(wanted) for mark in "*?["):
            base = Path(wanted.anchor) if wanted.is_absolute() else folder
            pattern = wanted.relative_to(wanted.anchor) if wanted.is_absolute() else wanted
            return self.files(base.glob(str(pattern)), base)
        return self.file(path)


@functools.cache
def _kit(report: bool) -> str:
    sources = {name: content for name, content in _sources().items() if report or not _tells(name)}
    return hash_of([sources, versions(), platform.python_version()])


@functools.cache
def _sources() -> dict[str, str]:
    """The hash of each of the package's own sources; this process has loaded them, once."""
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in SOURCES)
    return {
        path.relative_to(PACKAGE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _tells(source: str) -> bool:
    return source.startswith(("report/", "cli/"))


def hash_of(value: Any) -> str:
    """The SHA-256 of a value that JSON can hold.

    Examples:
        >>> hash_of({"a": 1, "b": 2}) == hash_of({"b": 2, "a": 1})
        True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def secrets_named(params: Any) -> set[str]:
    """Names of the environment variables that params refer to as ``env:NAME``.

    Examples:
        >>> secrets_named({"data": {"kpi": {"connection": "env:OPS_DB_URL"}}})
        {'OPS_DB_URL'}
    """
    texts = (leaf for leaf in _leaves(params) if isinstance(leaf, str))
    return {text.removeprefix(REFERENCE) for text in texts if text.startswith(REFERENCE)}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value
