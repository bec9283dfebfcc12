"""Outputs that are kept in a store too, for workers that share no folder with the command.

A project's folder is brought in step with the store before its stages run, and sent back after
its report. Each file is replaced whole: an object store does so by itself, elsewhere it is written
beside its place and renamed. While they are sent there is no listing of them, so that what a lost
machine has half sent counts as none; the next run sends it.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opsbook.errors import RunError
from opsbook.results.saved import write_whole
from opsbook.run.by_hand import copy_of
from opsbook.run.lock import NAME as LOCK

#: File → its SHA-256, in the store; beside the outputs as both last were.
LISTING = "store.json"
Listing = Mapping[str, str | None]
NOT_SENT = {LISTING, LOCK}
#: Written and removed again, to see that a store can be written to before anything has run.
TRIAL = ".opsbook"


class Store:
    """A folder anywhere that fsspec reaches.

    Args:
        url: Its address, such as ``s3://bucket/ops``.

    Raises:
        RunError: If fsspec, or what it needs for such addresses, is not installed, or nobody
            answers there.
    """

    def __init__(self, url: str) -> None:
        self._url = _without_password(url)
        if "://" not in url:
            raise RunError(f"{url} is no address of a store.", "For example s3://bucket/ops.")
        try:
            fsspec = importlib.import_module("fsspec")
            with self._told():  # some log in as they are made
                self._files, self._root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise RunError(
                f"{self._url} cannot be used: {error}.",
                "pip install 'opsbook[store]', or what it names.",
            ) from None
        self._renames = _renames(self._files, fsspec.AbstractFileSystem)

    def try_out(self) -> None:
        """See that the store can be written to, before anything has run.

        Raises:
            RunError: If not.
        """
        with self._told():
            self._put(TRIAL, b"")
            self._files.rm_file(self._path(TRIAL))

    def fetch(self, *folders: Path) -> set[Path]:
        """Bring what the store has of some projects and their folders have not.

        A file that was changed here since both were the same is set aside first.

        Returns:
            The folders that the store has nothing whole of.

        Raises:
            RunError: If the store cannot be read, or is being written to.
        """
        with self._told():
            listings = self._listings(folders)
            for folder, there in listings.items():
                here = _listing(folder / LISTING)
                for name in sorted(name for name in there if here.get(name) != there[name]):
                    self._bring(folder, name, there[name], here.get(name))
                for name in here.keys() - there.keys():
                    if there and _sha256(folder / name) == here[name]:
                        (folder / name).unlink()
                if there and there != here:
                    _write(folder / LISTING, there)
        return {folder for folder, there in listings.items() if not there}

    def send(self, folder: Path) -> None:
        """Let the store have what a project's folder has.

        Raises:
            RunError: If the store cannot be written to.
        """
        here = {
            path.relative_to(folder).as_posix(): _sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in NOT_SENT and path.name[0] != "."
        }
        with self._told():
            there = self._listings([folder])[folder]
            if there == here:
                return
            if there:
                self._files.rm_file(self._path(f"{folder.name}/{LISTING}"))
            for name in (name for name in here if there.get(name) != here[name]):
                self._put(f"{folder.name}/{name}", (folder / name).read_bytes())
            wanted = {self._path(f"{folder.name}/{name}") for name in here}
            for path in set(self._files.find(self._path(folder.name))) - wanted:
                self._files.rm_file(path)
            self._put(f"{folder.name}/{LISTING}", _text(here))
        _write(folder / LISTING, here)

    def send_files(self, *paths: Path) -> None:
        """Let the store have files that lie above the projects.

        Raises:
            RunError: If the store cannot be written to.
        """
        with self._told():
            for path in paths:
                self._put(path.name, path.read_bytes())

    def _bring(self, folder: Path, name: str, there: str | None, before: str | None) -> None:
        path, now = folder / name, _sha256(folder / name)
        if now == there:
            return
        content = self._files.cat_file(self._path(f"{folder.name}/{name}"))
        if hashlib.sha256(content).hexdigest() != there:
            raise RunError(f"{folder.name} is being written to {self._url}.", "Run it again.")
        if now not in {None, before}:
            copy_of(path, path.parent)
        write_whole(path, content)

    def _listings(self, folders: Sequence[Path]) -> dict[Path, Listing]:
        paths = {folder: self._path(f"{folder.name}/{LISTING}") for folder in folders}
        found = self._files.cat(list(paths.values()), on_error="return") if paths else {}
        for told in found.values():
            if isinstance(told, Exception) and not isinstance(told, FileNotFoundError):
                raise told
        return {
            folder: json.loads(found[path]) if isinstance(found[path], bytes) else {}
            for folder, path in paths.items()
        }

    def _put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        if "file" in self._files.protocol:
            write_whole(Path(path), content)
        elif self._renames:
            folder, _, last = path.rpartition("/")
            self._files.makedirs(folder, exist_ok=True)
            self._files.pipe_file(f"{folder}/.{last}", content)
            self._rename(f"{folder}/.{last}", path)
        else:  # an object store has no folders to make, and a bucket is not for us to make
            self._files.pipe_file(path, content)

    def _rename(self, beside: str, path: str) -> None:
        try:
            self._files.mv(beside, path)
        except Exception:  # noqa: BLE001 - where nothing is replaced, it has to make room
            with suppress(FileNotFoundError):
                self._files.rm_file(path)
            self._files.mv(beside, path)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (RunError, ImportError):
            raise
        except Exception as error:  # every store has errors of its own
            raise RunError(
                f"{self._url} cannot be used: {_words(error)}.",
                "Check the address, the network and who may write there.",
            ) from error


def _words(error: Exception) -> str:
    told = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


def _without_password(url: str) -> str:
    """An address as it may be shown.

    Examples:
        >>> _without_password("sftp://me:s3cret@host/ops")
        'sftp://me:***@host/ops'
    """
    try:
        password = urlsplit(url).password
    except ValueError:
        return url
    return url.replace(f":{password}@", ":***@", 1) if password else url


def _renames(files: Any, plain: Any) -> bool:
    """Whether a store can rename a file; one that cannot copies, and puts files whole by itself."""
    return type(files).mv is not plain.mv


def _listing(path: Path) -> Listing:
    try:
        found: Listing = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _text(listing: Listing) -> bytes:
    return (json.dumps(listing, indent=1, sort_keys=True) + "\n").encode()


def _write(path: Path, listing: Listing) -> None:
    write_whole(path, _text(listing))
