"""The sums of a table, kept by what they were made from, so that they are made once."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
from pydantic import ValidationError

from opsbook import __version__
from opsbook.data.cube import COUNT, GAPS, PERIOD
from opsbook.data.sql import literal
from opsbook.installed import version
from opsbook.project import Project
from opsbook.results.intake import Ledger

#: Kept files beyond so many are removed, the oldest first.
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What reading a table gives, whatever part of it a project is about.

    Attributes:
        daily: Sums by day and dimensions: ``PERIOD`` holds the day.
        ledger: The receipt, in which periods that are not complete are still used.
    """

    daily: pd.DataFrame
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
    file = folder / f"{name}.parquet"
    if not file.is_file():
        return None
    try:
        with duckdb.connect(":memory:") as connection:
            words = {
                bytes(word).decode(): bytes(value).decode()
                for word, value in connection.execute(
                    "SELECT key, value FROM parquet_kv_metadata(?)", [str(file)]
                ).fetchall()
            }
            daily = connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).df()
        ledger = Ledger.model_validate_json(words["ledger"])
        dimensions, figures = json.loads(words["columns"])
    except (duckdb.Error, KeyError, ValidationError, ValueError, OSError):
        return None
    return Kept(daily=typed(daily, dimensions, figures), ledger=ledger)


def write(
    folder: Path, name: str, kept: Kept, dimensions: Sequence[str], figures: Sequence[str]
) -> None:
    """Keep sums under a key: written beside and renamed, so that they are never half there.

    A folder that cannot be written to keeps nothing, and that is no fault.
    """
    words = {
        "ledger": kept.ledger.model_dump_json(),
        "columns": json.dumps([list(dimensions), list(figures)]),
    }
    listed = ", ".join(f"{word}: {literal(text)}" for word, text in words.items())
    with contextlib.suppress(OSError, duckdb.Error):
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".draft")
        os.close(handle)
        try:
            with duckdb.connect(":memory:") as connection:
                connection.register("daily", kept.daily)
                connection.execute(
                    f"COPY daily TO {literal(draft)} (FORMAT parquet, KV_METADATA {{{listed}}})"
                )
            Path(draft).replace(folder / f"{name}.parquet")
        finally:
            Path(draft).unlink(missing_ok=True)
        files = sorted(folder.glob("*.parquet"), key=lambda file: file.stat().st_mtime)
        for file in files[:-MOST]:
            file.unlink(missing_ok=True)


def typed(frame: pd.DataFrame, dimensions: Sequence[str], figures: Sequence[str]) -> pd.DataFrame:
    """The sums with the same types wherever they come from."""
    kinds = {PERIOD: "datetime64[us]", COUNT: "int64", GAPS: "int64"}
    kinds |= dict.fromkeys(dimensions, "str") | dict.fromkeys(figures, "float64")
    return frame.astype(kinds)


def hash_of(frame: pd.DataFrame) -> str:
    """The SHA-256 of sums that come from a database, as hexadecimal digits."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
