"""The sums of a table, kept by what they were made from, so that they are made once."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook import __version__
from opsbook.data.cube import COUNT, GAPS, PERIOD
from opsbook.errors import RunError
from opsbook.installed import version
from opsbook.project import Project
from opsbook.results.intake import Ledger
from opsbook.results.saved import write_whole

#: Kept files beyond so many are removed, the oldest first.
MOST = 200
ENDING = ".npz"
#: The names of the arrays: what says how to put them together, and the columns of each table.
WORDS, TABLES = "words", ("daily", "by_period")
#: Below this, whole numbers and doubles are the same.
WHOLE = 2.0**53


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What reading a table gives, whatever part of it a project is about.

    Attributes:
        daily: Sums by day and dimensions: ``PERIOD`` holds the day.
        by_period: The same by period: ``PERIOD`` holds its first day.
        ledger: The receipt, in which periods that are not complete are still used.
    """

    daily: pd.DataFrame
    by_period: pd.DataFrame
    ledger: Ledger

    @property
    def last(self) -> dt.date:
        """The last day that has rows."""
        last: pd.Timestamp = self.daily[PERIOD].max()
        return last.date()


def key(project: Project, sha256: str) -> str:
    """What the sums depend on, as one hash: the data's content, the params, the versions."""
    parts = {
        "data": sha256,
        "kpi": project.data.kpi.model_dump(mode="json", exclude={"focus", "labels"}),
        "intake": project.intake.model_dump(mode="json"),
        "metrics": [[m.kind, m.columns] for m in project.metrics.values()],
        "diagnosis": list(project.diagnosis.columns.values()) if project.diagnosis else [],
        "versions": [__version__, version("duckdb")],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read(folder: Path, name: str) -> Kept | None:
    """The sums kept under a key; None if there are none, or they are damaged."""
    try:
        with (folder / f"{name}{ENDING}").open("rb") as kept, np.load(kept) as arrays:
            words = json.loads(bytes(arrays[WORDS]))
            frames = [_unpacked(arrays, table, words[table]) for table in TABLES if table in words]
        ledger = Ledger.model_validate_json(words["ledger"])
    except (OSError, EOFError, LookupError, ValueError, zipfile.BadZipFile):
        return None
    return Kept(daily=frames[0], by_period=frames[-1], ledger=ledger)


def write(folder: Path, name: str, kept: Kept) -> None:
    """Keep sums under a key: written beside and renamed, so that they are never half there.

    A folder that cannot be written to keeps nothing, and that is no fault.
    """
    words: dict[str, Any] = {"ledger": kept.ledger.model_dump_json()}
    arrays: dict[str, NDArray[Any]] = {}
    frames = (kept.daily,) if kept.by_period is kept.daily else (kept.daily, kept.by_period)
    for table, frame in zip(TABLES, frames, strict=False):
        words[table] = []
        for column in frame:
            arrays[f"{table} {len(words[table])}"], texts = _packed(frame[column])
            words[table].append([column, str(frame[column].dtype), texts])
    arrays[WORDS] = np.frombuffer(json.dumps(words).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    with contextlib.suppress(OSError, RunError):
        write_whole(folder / f"{name}{ENDING}", content.getvalue())
        files = sorted(folder.glob(f"*{ENDING}"), key=lambda there: there.stat().st_mtime)
        for old in files[:-MOST]:
            old.unlink(missing_ok=True)


def _packed(column: pd.Series[Any]) -> tuple[NDArray[Any], list[str]]:
    """A column as numbers of the smallest type that holds them, and its texts, each once."""
    if isinstance(column.dtype, pd.StringDtype):
        numbers, texts = pd.factorize(column)
        return _smallest(numbers), texts.tolist()
    values = column.to_numpy()
    if values.dtype.kind == "M":
        values = values.view(np.int64)
    elif values.dtype.kind == "f" and (np.abs(values) < WHOLE).all():
        whole = values.astype(np.int64)
        values = whole if (whole == values).all() else values
    return _smallest(values), []


def _smallest(numbers: NDArray[Any]) -> NDArray[Any]:
    if numbers.dtype.kind == "i" and numbers.size:
        low, high = numbers.min(), numbers.max()
        for kind in (np.int8, np.int16, np.int32):
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                return numbers.astype(kind)
    return numbers


def _unpacked(
    arrays: Mapping[str, NDArray[Any]], table: str, columns: Sequence[tuple[str, str, list[str]]]
) -> pd.DataFrame:
    found: dict[str, Any] = {}
    for i, (name, kind, texts) in enumerate(columns):
        numbers = arrays[f"{table} {i}"]
        if kind == "str":
            found[name] = pd.array(texts, dtype="str").take(numbers)
        elif kind.startswith("datetime"):
            found[name] = numbers.astype(np.int64).view(kind)
        else:
            found[name] = numbers.astype(kind, copy=False)
    return pd.DataFrame(found)


def typed(frame: pd.DataFrame, dimensions: Sequence[str], figures: Sequence[str]) -> pd.DataFrame:
    """The sums with the same types wherever they come from."""
    kinds = {PERIOD: "datetime64[us]", COUNT: "int64", GAPS: "int64"}
    kinds |= dict.fromkeys(dimensions, "str") | dict.fromkeys(figures, "float64")
    return frame.astype(kinds)


def hash_of(frame: pd.DataFrame) -> str:
    """The SHA-256 of sums that come from a database, as hexadecimal digits."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
