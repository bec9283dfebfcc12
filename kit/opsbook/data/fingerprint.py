"""A table's bytes, read once: their hash, and whether a number among them could be misread."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from opsbook.data.locations import Location
from opsbook.errors import DataError

#: Small enough to stay in the processor's cache between the two looks.
BLOCK = 1 << 16
UNDERSCORE, ZERO = ord("_"), ord("0")


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What a table's bytes tell.

    Attributes:
        sha256: Of the content, as hexadecimal digits.
        clear: Whether DuckDB can read no cell of it as another number than it says: see `misleads`.
    """

    sha256: str
    clear: bool


def fingerprint(location: Location) -> Fingerprint:
    """Hash a table's content, and tell whether its numbers can be read as they stand.

    Raises:
        DataError: If a file cannot be read.
    """
    hashes: list[str] = []
    clear = True
    for file in location.files:
        try:
            sha256, file_clear = _of_file(file, search=location.kind == "delimited")
        except OSError as error:
            raise DataError(f"{file.name} cannot be read: {error.strerror}.") from None
        hashes.append(sha256)
        clear &= file_clear
    if len(hashes) == 1:
        return Fingerprint(sha256=hashes[0], clear=clear)
    names = [str(file.relative_to(location.root)) for file in location.files]  # may hold values
    sha256 = hashlib.sha256("\n".join([*hashes, *names]).encode()).hexdigest()
    return Fingerprint(sha256=sha256, clear=clear)


def misleads(text: bytes | bytearray) -> bool:
    """Whether a cell in a text could be read by DuckDB as another number than it says.

    DuckDB reads ``1_2`` as 12 and ``+-1`` as -1; every other cell it reads as Python does, or not
    at all. An underscore misleads between two digits only.

    Examples:
        >>> misleads(b"2024-01-01,store_7,+1"), misleads(b"1_2"), misleads(b"+-1")
        (False, True, True)
    """
    if b"+" in text and b"+-" in text:
        return True
    if b"_" not in text:
        return False
    letters = np.frombuffer(text, np.uint8)
    digits = letters - ZERO < 10  # what is below zero wraps to above nine
    return bool(((letters[1:-1] == UNDERSCORE) & digits[:-2] & digits[2:]).any())


def _of_file(file: Path, *, search: bool) -> tuple[str, bool]:
    """A file's hash, and whether nothing in it misleads; the ends of blocks overlap."""
    hashed, clear = hashlib.sha256(), search
    block = bytearray(2 + BLOCK)
    view = memoryview(block)
    with file.open("rb", buffering=0) as content:
        while count := content.readinto(view[2:]):
            hashed.update(view[2 : 2 + count])
            clear = clear and not misleads(block if count == BLOCK else block[: 2 + count])
            block[:2] = block[count : count + 2]
    return hashed.hexdigest(), clear
