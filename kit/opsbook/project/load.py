"""Reading a params file: one file, one project or many, all faults told at once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from opsbook.errors import ParamsError
from opsbook.project.faults import Fault, faults_of
from opsbook.project.model import Project
from opsbook.project.yaml_lines import DuplicateKeyError, read_yaml

FIX = "Fix and run again; params/README.md describes every field."
FOR_EACH = "for_each"


@dataclass(frozen=True, kw_only=True)
class ParamsFile:
    """A params file as read: its values, and the line of each.

    Attributes:
        file: Where it was read from.
        values: The mapping without `for_each`.
        rows: One mapping of overrides per project; a single empty one without `for_each`.
        lines: Path → line.
    """

    file: Path
    values: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    lines: Mapping[tuple[str | int, ...], int] = field(repr=False)

    def project(self, overrides: Mapping[str, Any] | None = None) -> Project:
        """Check the whole file, with some of its fields replaced, as one project.

        Args:
            overrides: Nested mapping of replaced fields. Where the file has `for_each`, its
                ``project.id`` chooses the row.

        Raises:
            ParamsError: With every fault of the file.
        """
        overrides = overrides or {}
        row = self._row_for(overrides)
        values = _merged(_merged(self.values, row), overrides)
        try:
            return Project.model_validate(values)
        except ValidationError as error:
            raise self.error(faults_of(error, values)) from None

    def projects(self, overrides: Mapping[str, Any] | None = None) -> list[Project]:
        """Check the whole file as all of its projects, in the order of `for_each`.

        Raises:
            ParamsError: With the faults of the first project that has any, or for an id that
                two projects share.
        """
        overrides = overrides or {}
        if self.rows == ({},):
            return [self.project(overrides)]
        found: dict[str, Project] = {}
        for i, row in enumerate(self.rows):
            identifier = row.get("project", {}).get("id")
            if identifier is None:
                raise self.error([Fault(path=(FOR_EACH, i), message="has no project.id")])
            if identifier in found:
                message = f"project.id '{identifier}' is there twice"
                raise self.error([Fault(path=(FOR_EACH, i), message=message)])
            chosen = _merged(overrides, {"project": {"id": identifier}})
            found[identifier] = self.project(chosen)
        return list(found.values())

    def error(self, faults: Iterable[Fault]) -> ParamsError:
        """All faults of this file as one error, each with its line."""
        found = ((self._line(fault.path), fault) for fault in faults)
        rows = sorted(found, key=lambda row: row[0])
        count = "1 fault" if len(rows) == 1 else f"{len(rows)} faults"
        told = [
            f"  {f'line {line}  ' if line else ''}{_dotted(fault.path)}: {fault.message}"
            for line, fault in rows
        ]
        return ParamsError("\n".join([f"{self.file} has {count}", *told]), "\n" + FIX)

    def _line(self, path: tuple[str | int, ...]) -> int:
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 0

    def _row_for(self, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.rows == ({},):
            return {}
        ids = [str(row.get("project", {}).get("id")) for row in self.rows]
        wanted = overrides.get("project", {}).get("id")
        if wanted not in ids:
            raise ParamsError(
                f"{self.file} describes {len(ids)} projects; say which one.",
                f'Set overrides = {{"project": {{"id": "{ids[0]}"}}}}; there are: '
                + ", ".join(ids),
            )
        return self.rows[ids.index(wanted)]


def read_params(file: Path) -> ParamsFile:
    """Read a params file without checking its fields yet.

    Args:
        file: A YAML file.

    Raises:
        ParamsError: If there is no such file, it is no UTF-8 YAML mapping, a key stands twice,
            or `for_each` cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise ParamsError(f"There is no params file {file}.", "Check the name.") from None
    except IsADirectoryError:
        raise ParamsError(f"{file} is a folder.", "Name a params file in it.") from None
    except UnicodeDecodeError as error:
        raise ParamsError(
            f"{file} is not UTF-8 (byte {error.start}).", "Save it with the encoding UTF-8."
        ) from None
    except OSError as error:
        raise ParamsError(f"{file} cannot be read: {error.strerror}.") from None
    try:
        values, lines = read_yaml(text)
    except DuplicateKeyError as error:
        raise ParamsError(
            f"{file}, line {error.again}: '{error.key}' stands on line {error.first} already.",
            "Keep one of the two.",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ParamsError(f"{file} is no YAML: {_flat(error)}.", "Mend that line.") from None
    if not isinstance(values, dict):
        got = "nothing" if values is None else f"a {type(values).__name__}"
        raise ParamsError(
            f"{file} must be a mapping of sections (project, data, metric …); it is {got}.", FIX
        )
    rows = _rows(file, values.pop(FOR_EACH, None))
    return ParamsFile(file=file, values=values, rows=rows, lines=lines)


def load_project(file: Path | str, overrides: Mapping[str, Any] | None = None) -> Project:
    """Read and check one project.

    Args:
        file: A params file.
        overrides: Nested mapping of replaced fields; with `for_each`, ``project.id`` chooses.

    Raises:
        ParamsError: With every fault of the file.
    """
    return read_params(Path(file)).project(overrides)


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted field names into nested mappings.

    Examples:
        >>> nested({"project.id": "atl", "effect.periods": 6})
        {'project': {'id': 'atl'}, 'effect': {'periods': 6}}
    """
    result: dict[str, Any] = {}
    for name, value in dotted.items():
        *parents, last = name.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = nested(value) if isinstance(value, Mapping) else value
    return result


def _rows(file: Path, for_each: Any) -> tuple[dict[str, Any], ...]:
    if for_each is None:
        return ({},)
    if isinstance(for_each, dict) and set(for_each) == {"table"}:
        table = file.parent / str(for_each["table"])
        try:
            with table.open(encoding="utf-8-sig", newline="") as lines:
                rows: list[Any] = list(csv.DictReader(lines))
        except OSError as error:
            raise ParamsError(
                f"{file}: for_each.table {table} cannot be read: {error.strerror}.",
                "Name a CSV file, relative to the params file.",
            ) from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise ParamsError(
                f"{file}: for_each.table {table} is no CSV in UTF-8 ({_flat(error)}).",
                "Save it as 'CSV UTF-8'.",
            ) from None
    elif isinstance(for_each, list):
        rows = for_each
    else:
        raise ParamsError(
            f"{file}: for_each must be a list of mappings, or 'table: FILE.csv'.", FIX
        )
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise ParamsError(f"{file}: for_each must hold at least one row, each a mapping.", FIX)
    return tuple(nested({str(name): value for name, value in row.items()}) for row in rows)


def _merged(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for name, value in overrides.items():
        old = result.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[name] = _merged(old, value) if both else value  # type: ignore[arg-type] # both
    return result


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path)) or "the file"


def _flat(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
