"""Where the KPI table lies: one file of some kind, or several of Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opsbook.errors import DataError

Kind = Literal["delimited", "workbook", "parquet", "lines", "duckdb"]
ENDINGS: dict[str, Kind] = {
    ".csv": "delimited",
    ".csv.gz": "delimited",
    ".tsv": "delimited",
    ".tsv.gz": "delimited",
    ".txt": "delimited",
    ".txt.gz": "delimited",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".parquet": "parquet",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".jsonl.gz": "lines",
    ".duckdb": "duckdb",
}


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where a table lies.

    Attributes:
        name: What messages call it.
        kind: How it is read.
        files: Its files, in order; several of Parquet, one of the rest.
        root: The folder that several files lie in.
    """

    name: str
    kind: Kind
    files: tuple[Path, ...]
    root: Path = Path()


def locate(wanted: Path | None, folder: Path, field: str = "data.kpi.path") -> Location:
    """Find a table: a file, or several of Parquet in a folder or by a glob.

    Args:
        wanted: Its path, relative to the params file's folder. A file whose own name has a bracket
            or an asterisk is that file.
        folder: The params file's folder.
        field: Where the params say so.

    Raises:
        DataError: If there is no such file or its kind is not known.
    """
    if wanted is None:
        raise DataError(f"{field} is not given.", "Give a path or a connection.")
    path = folder / wanted
    if path.is_dir():
        return _several(path, "*.parquet", wanted, field)
    if not path.exists() and any(mark in str(wanted) for mark in "*?["):
        base = Path(wanted.anchor) if wanted.is_absolute() else folder
        pattern = str(wanted.relative_to(wanted.anchor)) if wanted.is_absolute() else str(wanted)
        return _several(base, pattern, wanted, field)
    if not path.is_file():
        raise DataError(
            f"There is no table {path} ({field}).",
            "Check the name." if field == "--data" else "Paths are relative to the params file.",
        )
    return Location(name=path.name, kind=kind_of(path, field), files=(path,))


def _several(folder: Path, pattern: str, wanted: Path, field: str) -> Location:
    files = sorted(file for file in folder.glob(pattern) if file.is_file())
    if not files and pattern == "*.parquet":
        files = sorted(file for file in folder.rglob(pattern) if file.is_file())
    if not files:
        raise DataError(
            f"There is no Parquet file in {wanted} ({field}).",
            "Name a file, a folder of Parquet files, or a glob such as data/*.parquet.",
        )
    kinds = {kind_of(file, field) for file in files}
    if len(files) > 1 and kinds != {"parquet"}:
        raise DataError(
            f"{wanted} names {len(files)} files ({field}); only Parquet files can be read "
            "together.",
            "Name one file.",
        )
    return Location(name=wanted.name, kind=kinds.pop(), files=tuple(files), root=folder)


def kind_of(path: Path, field: str = "data.kpi.path") -> Kind:
    """How a file is read, by its name's ending.

    Raises:
        DataError: If no such file can be read.
    """
    name = path.name.lower()
    for ending, kind in ENDINGS.items():
        if name.endswith(ending):
            return kind
    if name.endswith((".xls", ".xlsb", ".ods", ".et")):
        raise DataError(
            f"{path.name} is a workbook of another kind than .xlsx ({field}).",
            "Open it in a spreadsheet and save it as .xlsx or CSV.",
        )
    raise DataError(
        f"{path.name} is not a kind of table that can be read ({field}).",
        f"These can: {', '.join(ENDINGS)}.",
    )
