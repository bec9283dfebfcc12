"""Opening the KPI table as a relation of DuckDB, whatever kind of file it is."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from opsbook.data.delimited import Layout, layout, rows_of
from opsbook.data.header import SEARCHED, Header, find_header
from opsbook.data.rewrite import LINE, Rewritten, columns_of, rewrite
from opsbook.data.sql import literal, quoted, same_name, texts
from opsbook.data.workbook import sheet_rows
from opsbook.errors import DataError
from opsbook.project.data import KpiTable
from opsbook.text import Quantity, Statement, say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Kind = Literal["delimited", "workbook", "parquet", "lines", "duckdb"]
Form = Literal["typed", "texts", "rewritten"]
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
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
#: DuckDB's memory; with Python around it the process stays under 1 GB.
MEMORY = "600MB"
#: What it may use where the sums go to a file: what is more than that waits on the disk.
SMALL_MEMORY = "128MB"


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


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table, opened as the view `source` of a connection.

    Attributes:
        connection: DuckDB, with nothing else in it.
        name: What messages call the table.
        types: Column → DuckDB's type.
        line: SQL for the place of a row.
        place: What that place is called: line, or row.
        read_as: How it was read, for the ledger.
        semicolons: Whether semicolons separate its cells.
        ragged: Line and number of cells of each row that does not fit the header.
        width: How many cells a row must have.
    """

    connection: DuckDBPyConnection
    name: str
    types: dict[str, str]
    line: str
    place: Literal["line", "row"]
    read_as: tuple[Statement, ...] = ()
    semicolons: bool = False
    ragged: tuple[tuple[int, int], ...] = ()
    width: int = 0
    columns: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        columns: dict[str, str] = {}
        for name in self.types:
            columns.setdefault(same_name(name), name)
        object.__setattr__(self, "columns", columns)

    def has(self, wanted: str) -> bool:
        """Whether the table has a column that the params name."""
        return same_name(wanted) in self.columns

    def column(self, wanted: str) -> str:
        """The table's own name of a column that the params name."""
        return self.columns[same_name(wanted)]


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


def content_hash(location: Location) -> str:
    """The SHA-256 of a table's content, as hexadecimal digits."""
    hashes = []
    for file in location.files:
        try:
            with file.open("rb") as content:
                hashes.append(hashlib.file_digest(content, "sha256").hexdigest())
        except OSError as error:
            raise DataError(f"{file.name} cannot be read: {error.strerror}.") from None
    if len(hashes) == 1:
        return hashes[0]
    names = [str(file.relative_to(location.root)) for file in location.files]  # may hold values
    return hashlib.sha256("\n".join([*hashes, *names]).encode()).hexdigest()


@contextlib.contextmanager
def open_source(
    location: Location,
    kpi: KpiTable,
    wanted: Collection[str],
    form: Form = "texts",
    *,
    memory: str = MEMORY,
) -> Iterator[Source]:
    """Open a table; text files as they are where they are plain, else rewritten.

    Args:
        location: Where it lies.
        kpi: What the params say about it.
        wanted: Names of the columns that the params use; they tell where the header is.
        form: How a plain text file is read: ``typed`` is fastest and fails at the first cell that
            is not in strict form; ``texts`` reads all cells as texts; ``rewritten`` tells lines
            exactly, and reads what DuckDB refuses.
        memory: DuckDB's limit.

    Raises:
        DataError: If the file cannot be read as a table.
    """
    with (
        tempfile.TemporaryDirectory(prefix="opsbook-") as scratch,
        connected(Path(scratch), memory) as connection,
    ):
        try:
            yield _opened(connection, location, kpi, wanted, Path(scratch), form)
        except duckdb.Error as error:
            raise DataError(
                f"{location.name} cannot be read as a table: {_reason(error)}.",
                "Look at the file, or export it again.",
            ) from None


def column_names(location: Location, kpi: KpiTable, wanted: Collection[str]) -> list[str]:
    """Names of a table's columns, in their order."""
    if location.kind == "delimited" and kpi.upper_header is None:
        return list(layout(location.files[0], kpi, wanted).header.names)
    if location.kind == "workbook":
        most = 2 * SEARCHED if kpi.header_line is None else None
        rows = sheet_rows(location.files[0], kpi.sheet, most=most)
        return list(columns_of(_header(rows, location, kpi, wanted), kpi.upper_header))
    with open_source(location, kpi, wanted) as source:
        return [name for name in source.types if name != LINE]


@contextlib.contextmanager
def connected(scratch: Path, memory: str = MEMORY) -> Iterator[DuckDBPyConnection]:
    """A DuckDB of its own: bounded memory, spilling to a folder, loading nothing from outside."""
    threads = {"threads": "2"} if memory == SMALL_MEMORY else {}  # each takes a share of it
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            **threads,
            "temp_directory": str(scratch / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        # The bar would draw on stdout. In a notebook without ipywidgets there is none to turn off.
        with contextlib.suppress(duckdb.InvalidInputException):
            connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def _opened(
    connection: DuckDBPyConnection,
    location: Location,
    kpi: KpiTable,
    wanted: Collection[str],
    scratch: Path,
    form: Form,
) -> Source:
    line, place, read_as = "row_number() OVER ()", "row", list[Statement]()
    semicolons, written = False, None
    match location.kind:
        case "parquet":
            files = texts([_escaped(file) for file in location.files])
            relation = f"read_parquet({files}, union_by_name = true, hive_types_autocast = false)"
        case "lines":
            relation = _json_lines(connection, location)
        case "duckdb":
            relation = _attached(connection, location, kpi)
        case "workbook":
            written = _of_workbook(location, kpi, wanted, scratch)
        case "delimited":
            found = layout(location.files[0], kpi, wanted)
            semicolons = found.delimiter == ";"
            read_as = _told(found)
            if form == "rewritten" or not _is_plain(found, kpi):
                rows = rows_of(location.files[0], found)
                written = rewrite(rows, found.header, scratch / "table.csv", upper=kpi.upper_header)
            else:
                types = (
                    _types(connection, location.files[0], found, kpi, wanted)
                    if form == "typed"
                    else {}
                )
                relation = _plain(location.files[0], found, types)
    if written is not None:
        columns = _columns((LINE, *written.columns), {})
        relation = f"read_csv({literal(str(written.file))}, {READING}, skip = 1, {columns})"
        line, place = f"CAST({quoted(LINE)} AS BIGINT)", "line"
        if location.kind == "workbook":
            place = "row"
    connection.execute(f"CREATE VIEW source AS SELECT * FROM {relation}")  # noqa: S608 - quoted
    described = connection.execute("DESCRIBE source").fetchall()
    return Source(
        connection=connection,
        name=location.name,
        types={row[0]: str(row[1]) for row in described},
        line=line,
        place="line" if place == "line" else "row",
        read_as=tuple(read_as),
        semicolons=semicolons,
        ragged=written.ragged if written else (),
        width=written.width if written else 0,
    )


READING = "header = false, delim = ',', quote = '\"', escape = '\"', auto_detect = false"


def _plain(path: Path, found: Layout, types: Mapping[str, str]) -> str:
    reading = READING.replace("delim = ','", f"delim = {literal(found.delimiter)}")
    columns = _columns(found.header.names, types)
    return f"read_csv({literal(_escaped(path))}, {reading}, skip = {found.line}, {columns})"


def _columns(names: Collection[str], types: Mapping[str, str]) -> str:
    listed = [f"{literal(name)}: '{types.get(same_name(name), 'VARCHAR')}'" for name in names]
    return f"columns = {{{', '.join(listed)}}}"


def _types(
    connection: DuckDBPyConnection,
    path: Path,
    found: Layout,
    kpi: KpiTable,
    wanted: Collection[str],
) -> dict[str, str]:
    """Column → its type, for the columns whose first cells are all in strict form."""
    names = found.header.names
    told = {same_name(name) for name in (*kpi.dimensions, *kpi.filter, *kpi.focus, *kpi.key)}
    figures = {same_name(name) for name in wanted} - told
    try:
        query = f"SELECT * FROM {_plain(path, found, {})} LIMIT 100"  # noqa: S608 - quoted
        rows = connection.execute(query).fetchall()
    except duckdb.Error:
        return {}
    types: dict[str, str] = {}
    for name, cells in zip(names, zip(*rows, strict=True), strict=True) if rows else ():
        known = [cell for cell in cells if cell is not None]
        if same_name(name) == same_name(kpi.period.column):
            if known and all(ISO_DAY.fullmatch(cell) for cell in known):
                types[same_name(name)] = "DATE"
        elif same_name(name) in figures and known and all(map(PLAIN_NUMBER.fullmatch, known)):
            types[same_name(name)] = "DOUBLE"
    return types


def _is_plain(found: Layout, kpi: KpiTable) -> bool:
    return (
        found.encoding in {"utf-8", "utf-8-sig"}
        and found.header.rows == 1
        and kpi.upper_header is None
    )


def _told(found: Layout) -> list[Statement]:
    told = [say("encoding {encoding}", encoding=found.encoding.removesuffix("-sig"))]
    if found.delimiter != ",":
        shown = {"\t": "tab", "\x01": "^A"}.get(found.delimiter, found.delimiter)
        told.append(say("cells separated by '{delimiter}'", delimiter=shown))
    if found.line > 1:
        told.append(
            say("column names on line {line}", line=Quantity(value=found.line, unit="count"))
        )
    return told


def _of_workbook(
    location: Location, kpi: KpiTable, wanted: Collection[str], scratch: Path
) -> Rewritten:
    rows = sheet_rows(location.files[0], kpi.sheet)
    header = _header(rows, location, kpi, wanted)
    below = rows[header.first + header.rows :]
    return rewrite(below, header, scratch / "table.csv", upper=kpi.upper_header)


def _header(
    rows: Sequence[tuple[int, list[str]]],
    location: Location,
    kpi: KpiTable,
    wanted: Collection[str],
) -> Header:
    """A workbook's header; or a DataError that names the file."""
    at = None
    if kpi.header_line is not None:
        after = [i for i, (number, _) in enumerate(rows) if number >= kpi.header_line]
        at = after[0] if after else len(rows)
    cells = [row for _, row in rows]
    try:
        return find_header(cells, wanted, at=at, grouped=kpi.upper_header is not None)
    except DataError as error:
        raise DataError(f"{location.name}: {error.problem}", error.fix) from None


def _json_lines(connection: DuckDBPyConnection, location: Location) -> str:
    file = literal(_escaped(location.files[0]))
    objects = f"read_ndjson_objects({file}, maximum_object_size = 1048576)"
    names = [
        row[0]
        for row in connection.execute(
            f"SELECT key FROM (SELECT unnest(json_keys(json)) AS key, row_number() OVER () AS n "  # noqa: S608 - quoted
            f"FROM {objects}) GROUP BY key ORDER BY min(n)"
        ).fetchall()
    ]
    if not names:
        raise DataError(f"{location.name} has no JSON object in it.", "Export the table again.")
    return f"read_ndjson({file}, {_columns(names, {})}, maximum_object_size = 1048576)"


def _attached(connection: DuckDBPyConnection, location: Location, kpi: KpiTable) -> str:
    connection.execute(f"ATTACH {literal(str(location.files[0]))} AS file (READ_ONLY)")
    there = [
        f"{schema}.{table}" if schema != "main" else table
        for schema, table in connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = 'file' ORDER BY ALL"
        ).fetchall()
    ]
    chosen = kpi.table or (there[0] if len(there) == 1 else None)
    if chosen is None or chosen.removeprefix("main.") not in there:
        raise DataError(
            f"{location.name} has {f'no table {chosen!r}' if chosen else f'{len(there)} tables'}; "
            f"it has: {', '.join(there) or 'none'}.",
            "Say which one: data.kpi.table.",
        )
    schema, _, table = chosen.rpartition(".")
    return f"file.{quoted(schema or 'main')}.{quoted(table)}"


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
    raise DataError(
        f"{path.name} is not a kind of table that can be read ({field}).",
        f"These can: {', '.join(ENDINGS)}.",
    )


def _escaped(path: Path) -> str:
    """A path whose characters mean themselves to DuckDB's glob."""
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))


def _reason(error: duckdb.Error) -> str:
    first = str(error).split("\n\n", maxsplit=1)[0].splitlines()
    return " ".join(" ".join(first[:3]).split())[:300].rstrip(".")
