"""Reading a params file: one file, one project or many, all faults told at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from opsbook.errors import ParamsError
from opsbook.project.base import Section
from opsbook.project.faults import Fault
from opsbook.project.model import Project
from opsbook.project.readable import checked
from opsbook.project.yaml_lines import DuplicateKeyError, read_yaml

FIX = "Fix and run again; params/README.md describes every field."
FOR_EACH = "for_each"
Place = tuple[str, ...]
Sections = dict[Place, Section]
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(?P<decimals>\.[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One project of a params file.

    Attributes:
        project: The project; where it has faults, as far as it can be read, or None.
        faults: Everything wrong with it.
    """

    project: Project | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ParamsFile:
    """A params file as read: its values, and the line of each.

    Attributes:
        file: Where it was read from.
        values: The mapping without `for_each`.
        rows: One mapping of overrides per project; a single empty one without `for_each`.
        lines: Path → line.
        row_lines: The line of each row, in this file or in its table.
    """

    file: Path
    values: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    lines: Mapping[tuple[str | int, ...], int] = field(repr=False)
    row_lines: Sequence[int] = field(default=(), repr=False)

    @property
    def has_rows(self) -> bool:
        """Whether the file has `for_each`."""
        return self.rows != ({},)

    def readings(self, overrides: Mapping[str, Any] | None = None) -> list[Reading]:
        """Check the whole file as all of its projects, in the order of `for_each`.

        Args:
            overrides: Nested mapping of fields to replace in every project.
        """
        if not self.has_rows:
            return [self._reading({}, overrides or {})]
        found, ids = [], set()
        known: Sections = {}
        for i, row in enumerate(self.rows):
            identifier = _id(row)
            if identifier is None:
                fault = Fault(path=(FOR_EACH, i), message="has no project.id")
            elif identifier in ids:
                fault = Fault(
                    path=(FOR_EACH, i), message=f"project.id '{identifier}' is there twice"
                )
            else:
                ids.add(identifier)
                chosen = _merged(overrides or {}, {"project": {"id": identifier}})
                found.append(self._reading(row, chosen, i, known))
                continue
            found.append(Reading(project=None, faults=(fault,)))
        return found

    def project(self, overrides: Mapping[str, Any] | None = None) -> Project:
        """Check the whole file, with some of its fields replaced, as one project.

        Args:
            overrides: Nested mapping of replaced fields. Where the file has `for_each`, its
                ``project.id`` chooses the row.

        Raises:
            ParamsError: With every fault of the file.
        """
        overrides = overrides or {}
        reading = self._reading(self._row_for(overrides), overrides)
        if reading.faults or reading.project is None:
            raise self.error(reading.faults)
        return reading.project

    def of(self, overrides: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """What the file says, unchecked, of the project that ``project.id`` chooses."""
        return _merged(self.values, self._row_for(overrides or {}))

    def projects(self, overrides: Mapping[str, Any] | None = None) -> list[Project]:
        """All of its projects, in the order of `for_each`.

        Raises:
            ParamsError: With every fault of the file.
        """
        readings = self.readings(overrides)
        if faults := [fault for reading in readings for fault in reading.faults]:
            raise self.error(faults)
        return [reading.project for reading in readings if reading.project is not None]

    def error(self, faults: Iterable[Fault]) -> ParamsError:
        """All faults of this file as one error, each once, with its line."""
        found = {(self._line(fault.path), _dotted(fault.path), fault.message) for fault in faults}
        count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
        told = [
            f"  {f'line {line}  ' if line else ''}{path}: {message}"
            for line, path, message in sorted(found)
        ]
        return ParamsError("\n".join([f"{self.file} has {count}", *told]), "\n" + FIX)

    def _reading(
        self,
        row: Mapping[str, Any],
        overrides: Mapping[str, Any],
        number: int | None = None,
        known: Sections | None = None,
    ) -> Reading:
        """Check one project.

        A section that its row leaves as the file has it is checked, and kept, once for all rows.
        """
        values = _merged(_merged(self.values, row), overrides)
        if known is not None:
            try:
                same = Project.model_validate(_known(values, self.values, known))
            except ValidationError:
                pass  # checked below, from its words, for all of its faults
            else:
                _learn(values, self.values, same, known)
                return Reading(project=same)
        project, faults = checked(values)
        if number is not None:
            faults = [_of_row(fault, row, number) for fault in faults]
        return Reading(project=project, faults=tuple(faults))

    def _line(self, path: tuple[str | int, ...]) -> int:
        if len(path) > 1 and path[0] == FOR_EACH and self.row_lines:
            return self.row_lines[int(path[1])]
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 0

    def _row_for(self, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.has_rows:
            return {}
        ids = [str(_id(row)) for row in self.rows]
        wanted = str(_id(overrides))
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
    rows, row_lines = _rows(file, values.pop(FOR_EACH, None), lines)
    return ParamsFile(file=file, values=values, rows=rows, lines=lines, row_lines=row_lines)


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

    Raises:
        ParamsError: If a field and a part of it are both set.

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
            if not isinstance(place, dict):
                break
        inner = nested(value) if isinstance(value, Mapping) else value
        old = place.get(last) if isinstance(place, dict) else place
        if isinstance(place, dict) and isinstance(inner, dict) and isinstance(old, dict):
            place[last] = _merged(old, inner)
        elif isinstance(place, dict) and last not in place:
            place[last] = inner
        else:
            raise ParamsError(
                f"{name} is set, and so is what it is a part of.", "Set one of the two."
            )
    return result


def _rows(
    file: Path, for_each: Any, lines: Mapping[tuple[str | int, ...], int]
) -> tuple[tuple[dict[str, Any], ...], tuple[int, ...]]:
    """The rows of `for_each`, and the line of each."""
    if for_each is None:
        return ({},), ()
    if isinstance(for_each, dict) and set(for_each) == {"table"}:
        rows, at = _rows_of_table(file, file.parent / str(for_each["table"]))
    elif isinstance(for_each, list):
        rows, at = for_each, [lines.get((FOR_EACH, i), 0) for i in range(len(for_each))]
    else:
        raise ParamsError(
            f"{file}: for_each must be a list of mappings, or 'table: FILE.csv'.", FIX
        )
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise ParamsError(f"{file}: for_each must hold at least one row, each a mapping.", FIX)
    try:
        made = [nested({str(name): value for name, value in row.items()}) for row in rows]
    except ParamsError as error:
        raise ParamsError(f"{file}: for_each: {error.problem}", error.fix) from None
    return tuple(made), tuple(at)


def _rows_of_table(file: Path, table: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows of a table, and the line of each in it."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text, strict=True)
            rows = [(row, reader.line_num) for row in reader]
    except OSError as error:
        problem, fix = f"cannot be read: {error.strerror}.", "Name a CSV file beside it."
    except UnicodeDecodeError as error:
        problem, fix = f"is not UTF-8 (byte {error.start}).", "Save it with the encoding UTF-8."
    except csv.Error as error:
        problem, fix = f"is no CSV table: {error}.", "Export it again."
    else:
        uneven = [line for row, line in rows if None in row or None in row.values()]
        if not uneven:
            read = [{name: _of_cell(name, cell) for name, cell in row.items()} for row, _ in rows]
            return read, [line for _, line in rows]
        problem = f"has more or fewer cells than its header on line {uneven[0]}."
        fix = "Correct that line."
    raise ParamsError(f"{file}: for_each.table {table} {problem}", fix)


def _of_cell(field: str, cell: str) -> str | int | float | bool:
    """A table's cell as it means in YAML, where a value of the data is asked for: 007 is a text."""
    if not field.startswith(("data.kpi.focus.", "data.kpi.filter.")):
        return cell
    if cell.lower() in {"true", "false"}:
        return cell.lower() == "true"
    found = NUMBER.fullmatch(cell)
    if found is None:
        return cell
    return float(cell) if found["decimals"] else int(cell)


def _known(
    values: Mapping[str, Any], of_file: Mapping[str, Any], known: Sections, path: Place = ()
) -> dict[str, Any]:
    """Values whose untouched sections are those that another row of the file has checked."""
    made = dict(values)
    for name, value in values.items():
        own = of_file.get(name)
        if value is own and (*path, name) in known:
            made[name] = known[*path, name]
        elif isinstance(value, Mapping) and isinstance(own, Mapping):
            made[name] = _known(value, own, known, (*path, name))
    return made


def _learn(
    values: Mapping[str, Any],
    of_file: Mapping[str, Any],
    section: Section,
    known: Sections,
    path: Place = (),
) -> None:
    """Note the checked sections of a row that are as the file has them."""
    for name, value in values.items():
        own, part = of_file.get(name), getattr(section, name, None)
        if isinstance(part, Section) and value is own:
            known.setdefault((*path, name), part)
        elif isinstance(part, Section) and isinstance(own, Mapping):
            _learn(value, own, part, known, (*path, name))


def _id(values: Mapping[str, Any]) -> str | None:
    """The project.id in nested fields; a store's number is as good as a word."""
    project = values.get("project")
    identifier = project.get("id") if isinstance(project, Mapping) else None
    return None if identifier is None else str(identifier)


def _of_row(fault: Fault, row: Mapping[str, Any], number: int) -> Fault:
    """A fault at its row, if the row has set the field, or a part of it."""
    place: Any = row
    for part in fault.path:
        if not isinstance(place, Mapping):
            break
        if part not in place:
            return fault
        place = place[part]
    return Fault(path=(FOR_EACH, number, *fault.path), message=fault.message)


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
