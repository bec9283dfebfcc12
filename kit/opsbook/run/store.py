"""Outputs that are kept in a store too, for workers that share no folder with the command.

A project's folder is brought in step with the store before its stages run, and sent back after
its report. Each file is replaced whole: an object store does so by itself, elsewhere it is written
beside its place and renamed. While they are sent the listing of them says who sends, so that what
a lost machine has half sent counts as none; the next run sends it.
"""

from __future__ import annotations

import hashlib
import importlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from opsbook.errors import RunError
from opsbook.results.saved import write_whole
from opsbook.run.by_hand import copy_of
from opsbook.run.store_listing import (
    LISTING,
    Kept,
    as_text,
    contents,
    listed,
    read_listing,
    sha256,
    write_listing,
)

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
        self._password = _password(url)
        self._untrue: set[str] = set()  # what is there and is not what its listing says
        if "://" not in url:
            raise RunError(f"{url} is no address of a store.", "For example s3://bucket/ops.")
        try:
            fsspec = importlib.import_module("fsspec")
            with self._told():  # some log in as they are made
                self._files, root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise RunError(
                f"{self._url} cannot be used: {error}.",
                "pip install 'opsbook[store]', or what it names.",
            ) from None
        self._root = root.rstrip("/")
        self._renames = _renames(self._files, fsspec.AbstractFileSystem)

    def try_out(self) -> None:
        """See that the store can be written to, before anything has run.

        Raises:
            RunError: If not.
        """
        with self._told():
            self._put(f"{self._root}/{TRIAL}", b"")
            self._files.rm_file(f"{self._root}/{TRIAL}")

    def fetch(self, *folders: Path) -> set[Path]:
        """Bring what the store has of some projects and their folders have not.

        A file that was changed here since both were the same is set aside first.

        Returns:
            The folders that the store has not as they are now.

        Raises:
            RunError: If the store cannot be read.
        """
        apart = set()
        with self._told():
            for folder, kept in self._kept(folders).items():
                here = read_listing(folder)
                brought = {
                    name: content
                    for name, content in kept.there.items()
                    if here.get(name) == content
                    or self._bring(folder, name, content, here.get(name))
                }
                for name in here.keys() - brought.keys() if kept.listed else ():
                    if sha256(folder / name) == here[name] != kept.listed.get(name):
                        (folder / name).unlink()
                if brought and brought != here:
                    write_listing(folder, brought)
                if not kept.listed or not contents(folder) == brought == kept.listed:
                    apart.add(folder)
        return apart

    def send(self, folder: Path) -> None:
        """Let the store have what a project's folder has.

        Raises:
            RunError: If the store cannot be written to, or another run sends the project, too.
        """
        here = contents(folder)
        with self._told():
            kept = self._kept([folder])[folder]
            paths = {name: self._path(folder, name) for name in here}
            if kept.listed == kept.there == here and self._untrue.isdisjoint(paths.values()):
                return
            listing, ours = self._path(folder, LISTING), as_text(sent_by=uuid.uuid4().hex)
            self._put(listing, ours)
            for name, path in paths.items():
                if kept.there.get(name) != here[name] or path in self._untrue:
                    content = (folder / name).read_bytes()
                    here[name] = hashlib.sha256(content).hexdigest()
                    self._put(path, content)
            for name in kept.names - here.keys() - {LISTING}:
                with suppress(FileNotFoundError):
                    self._files.rm_file(self._path(folder, name))
            if self._files.cat_file(listing) != ours:
                self._put(listing, as_text())
                raise RunError(
                    f"Another run has sent {folder.name} to {self._url} at the same time.",
                    "Run it again; let one command at a time use a store.",
                )
            self._put(listing, as_text(files=here))
        self._untrue.difference_update(paths.values())
        write_listing(folder, here)

    def send_files(self, *paths: Path) -> None:
        """Let the store have files that lie above the projects.

        Raises:
            RunError: If the store cannot be written to.
        """
        with self._told():
            for path in paths:
                self._put(f"{self._root}/{path.name}", path.read_bytes())

    def _bring(self, folder: Path, name: str, there: str, before: str | None) -> bool:
        """Bring a file; False if it is not what the listing says, and so as good as lost."""
        path, now = folder / name, sha256(folder / name)
        if now == there:
            return True
        kept = self._path(folder, name)
        try:
            content = self._files.cat_file(kept)
        except FileNotFoundError:  # it has just gone
            content = b""
        if hashlib.sha256(content).hexdigest() != there:
            self._untrue.add(kept)
            return False
        if now not in {None, before}:
            copy_of(path, path.parent)
        write_whole(path, content)
        return True

    def _kept(self, folders: Sequence[Path]) -> dict[Path, Kept]:
        self._files.invalidate_cache()
        within = f"{self._root}/{folders[0].name}" if len(folders) == 1 else self._root
        found: dict[str, set[str]] = {folder.name: set() for folder in folders}
        with suppress(FileNotFoundError):
            for path in self._files.find(within):
                project, _, name = path.removeprefix(self._root).strip("/").partition("/")
                found.get(project, set()).add(name)
        listings = [
            self._path(folder, LISTING) for folder in folders if LISTING in found[folder.name]
        ]
        read = self._files.cat(listings) if listings else {}
        kept = {}
        for folder in folders:
            files, names = listed(read.get(self._path(folder, LISTING), b"")), found[folder.name]
            there = {name: content for name, content in files.items() if name in names}
            kept[folder] = Kept(listed=files, there=there, names=frozenset(names))
        return kept

    def _put(self, path: str, content: bytes) -> None:
        if "file" in self._files.protocol:
            _write_there(Path(path), content)
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

    def _path(self, folder: Path, name: str) -> str:
        return f"{self._root}/{folder.name}/{name}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (RunError, ImportError):
            raise
        except Exception as error:  # every store has errors of its own
            raise RunError(
                f"{self._url} cannot be used: {self._words(error)}.",
                "Check the address, the network and the credentials: they have to read, write "
                "and delete there.",
            ) from error

    def _words(self, error: Exception) -> str:
        told = " ".join(str(error).split()).rstrip(".")
        for secret in {self._password, unquote(self._password)} - {""}:
            told = told.replace(secret, "***")
        return f"{type(error).__name__}: {told}" if told else type(error).__name__


def _without_password(url: str) -> str:
    """An address as it may be shown.

    Examples:
        >>> _without_password("sftp://me:s3cret@host/ops")
        'sftp://me:***@host/ops'
    """
    password = _password(url)
    return url.replace(f":{password}@", ":***@", 1) if password else url


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _renames(files: Any, plain: Any) -> bool:
    """Whether a store can rename a file; one that cannot copies, and puts files whole by itself."""
    return type(files).mv is not plain.mv


def _write_there(path: Path, content: bytes) -> None:
    """Write a file of a store that is a folder: what stops it is the store's fault."""
    try:
        write_whole(path, content)
    except RunError as error:
        raise error.__cause__ or error from None
