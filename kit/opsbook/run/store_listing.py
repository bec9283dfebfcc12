"""What a store has of a project: a listing of its files, by their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsbook.results.saved import write_whole
from opsbook.run.lock import NAME as LOCK

#: Beside a project's files in the store; beside those here it tells what both last had.
LISTING = "store.json"
#: A file's name within the project's folder → its SHA-256.
Listing = Mapping[str, str]
NOT_SENT = {LISTING, LOCK}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a store has of a project.

    Attributes:
        listed: What its listing says; nothing while it is sent, or where it was half sent.
        there: The part of it that is there: somebody may have removed a file.
        names: All that is there, listed or not.
    """

    listed: Listing
    there: Listing
    names: frozenset[str]


def contents(folder: Path) -> dict[str, str]:
    """The files of a project that go to a store; drafts and locks do not."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        file.relative_to(folder).as_posix(): content
        for file in files
        if file.name not in NOT_SENT and file.name[0] != "." and (content := sha256(file))
    }


def sha256(path: Path) -> str | None:
    """The hash of a file's content; None without one."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def listed(text: bytes) -> Listing:
    """The files of a listing; none where it says who sends them, or cannot be read.

    Examples:
        >>> listed(b'{"sent_by": "1f"}'), listed(b'{"files": {"a": "2c"}}')
        ({}, {'a': '2c'})
    """
    try:
        files: Listing = json.loads(text)["files"]
    except (ValueError, KeyError, TypeError):
        return {}
    return files


def read_listing(folder: Path) -> Listing:
    """What a project's folder and the store last had both."""
    try:
        return listed((folder / LISTING).read_bytes())
    except OSError:
        return {}


def write_listing(folder: Path, files: Listing) -> None:
    """Note what a project's folder and the store have both."""
    write_whole(folder / LISTING, as_text(files=files))


def as_text(**told: Any) -> bytes:
    """A listing's text: its ``files``, or ``sent_by`` whom."""
    return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()
