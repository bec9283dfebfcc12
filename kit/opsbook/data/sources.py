"""Opening the KPI table as a relation of DuckDB, whatever kind of file it is."""

from __future__ import annotations

import codecs
import contextlib
import tempfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from opsbook.data.delimited import Layout, layout, opened, rows_of
from opsbook.data.fingerprint import misleads
from opsbook.data.header import SEARCHED, Header, find_header
from opsbook.data.locations import Location
from opsbook.data.rewrite import LINE, Rewritten, columns_of, rewrite
from opsbook.data.sql import escaped, literal, quoted, same_name, texts
from opsbook.data.workbook import sheet_rows
from opsbook.errors import DataError
from opsbook.project.data import KpiTable
from opsbook.text import Quantity, Statement, say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Form = Literal["numbers", "texts", "rewritten"]
#: DuckDB's memory; with Python around it the process stays under 1 GB.
MEMORY = "600MB"
#: What it may use where the sums go to a file: what is more than that waits on the disk.
SMALL_MEMORY = "128MB"
#: So much of a file is decoded at a time.
BLOCK = 1 << 22
#: So much of a file is looked through for what misleads before its numbers are read as such.
LOOKED_THROUGH = 1 << 18


class NotPlain(Exception):  # noqa: N818 - not an error: the table is read in another way
    """DuckDB cannot read a table in the form asked for."""


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
        files: Of Parquet the files, which say something of their own columns.
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
    files: tuple[Path, ...] = ()
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


@contextlib.contextmanager
def open_source(
    location: Location,
    kpi: KpiTable,
    wanted: Collection[str],
    form: Form = "texts",
    *,
    numbers: Collection[str] = (),
    memory: str = MEMORY,
) -> Iterator[Source]:
    """Open a table; text files as they are where they are plain, else rewritten.

    Args:
        location: Where it lies.
        kpi: What the params say about it.
        wanted: Names of the columns that the params use; they tell where the header is.
        form: How a plain text file is read: ``numbers`` as DuckDB reads numbers, which holds only
            if its bytes are `clear`; ``texts`` as it is; ``rewritten`` tells lines exactly, and
            reads what DuckDB refuses.
        numbers: Columns that the form ``numbers`` reads as such.
        memory: DuckDB's limit.

    Raises:
        NotPlain: If a table cannot be read in the form ``numbers``.
        DataError: If the file cannot be read as a table.
    """
    if form == "numbers" and not _begins_clear(location):
        raise NotPlain
    with (
        tempfile.TemporaryDirectory(prefix="opsbook-") as scratch,
        connected(Path(scratch), memory) as connection,
    ):
        try:
            yield _opened(connection, location, kpi, wanted, Path(scratch), form, numbers)
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
    numbers: Collection[str],
) -> Source:
    line, place, read_as = "row_number() OVER ()", "row", list[Statement]()
    semicolons, written = False, None
    match location.kind:
        case "parquet":
            files = texts([escaped(file) for file in location.files])
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
            in_utf8 = found.encoding in {"utf-8", "utf-8-sig"}
            if form == "numbers" and not (in_utf8 and _is_plain(found, kpi)):
                raise NotPlain
            if form != "rewritten" and _is_plain(found, kpi):
                file = location.files[0] if in_utf8 else _in_utf8(location.files[0], found, scratch)
                relation = _plain(file, found, numbers if form == "numbers" else ())
            else:
                rows = rows_of(location.files[0], found)
                written = rewrite(rows, found.header, scratch / "table.csv", upper=kpi.upper_header)
    if written is not None:
        columns = _columns((LINE, *written.columns))
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
        files=location.files if location.kind == "parquet" else (),
        ragged=written.ragged if written else (),
        width=written.width if written else 0,
    )


READING = "header = false, delim = ',', quote = '\"', escape = '\"', auto_detect = false"


def _plain(path: Path, found: Layout, numbers: Collection[str]) -> str:
    reading = READING.replace("delim = ','", f"delim = {literal(found.delimiter)}")
    columns = _columns(found.header.names, numbers)
    return f"read_csv({literal(escaped(path))}, {reading}, skip = {found.line}, {columns})"


def _in_utf8(path: Path, found: Layout, scratch: Path) -> Path:
    """The file as UTF-8, written in large blocks; NotPlain if its bytes are not of its encoding."""
    decoder = codecs.getincrementaldecoder(found.encoding)("strict")
    target = scratch / "utf8.csv"
    with opened(path) as packed, target.open("wb") as file:
        try:
            while block := packed.read(BLOCK):
                file.write(decoder.decode(block).encode())
            file.write(decoder.decode(b"", final=True).encode())
        except (UnicodeError, EOFError, zlib.error):
            raise NotPlain from None  # read row by row, it tells the line
    return target


def _begins_clear(location: Location) -> bool:
    """Whether a table is a text file that is not packed, and nothing at its beginning misleads."""
    if location.kind != "delimited":
        return False
    with location.files[0].open("rb") as file:
        head = file.read(LOOKED_THROUGH)
    return not head.startswith(b"\x1f\x8b") and not misleads(head)


def _columns(names: Collection[str], numbers: Collection[str] = ()) -> str:
    """All as texts but some: what a typed cell is read as is a guess, `1_2` for instance 12."""
    spelled = {same_name(name) for name in numbers}
    listed = [
        f"{literal(name)}: '{'DOUBLE' if same_name(name) in spelled else 'VARCHAR'}'"
        for name in names
    ]
    return f"columns = {{{', '.join(listed)}}}"


def _is_plain(found: Layout, kpi: KpiTable) -> bool:
    return found.header.rows == 1 and kpi.upper_header is None


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
    below = [  # a sheet does not store the empty cells at a row's end
        (number, cells + [""] * (header.width - len(cells)))
        for number, cells in rows[header.first + header.rows :]
    ]
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
    file = literal(escaped(location.files[0]))
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
    return f"read_ndjson({file}, {_columns(names)}, maximum_object_size = 1048576)"


def _attached(connection: DuckDBPyConnection, location: Location, kpi: KpiTable) -> str:
    with location.files[0].open("rb") as file:
        if file.read(12)[8:] != b"DUCK":
            raise DataError(
                f"{location.name} is no DuckDB file.",
                "Another database is named by data.kpi.connection; see params/README.md.",
            )
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


def _reason(error: duckdb.Error) -> str:
    first = str(error).split("\n\n", maxsplit=1)[0].splitlines()
    return " ".join(" ".join(first[:3]).split())[:300].rstrip(".")
