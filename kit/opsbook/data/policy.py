"""What the params say about a fault: refuse it, leave the row out, or keep it; and the refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsbook.data.sources import Source
from opsbook.errors import DataError
from opsbook.project.intake import Policy
from opsbook.results.intake import Done
from opsbook.text import Statement


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One kind of thing that rows are told or left out for.

    Attributes:
        id: Its name; the part before a colon is what sort it is.
        test: SQL that is true for such a row.
        policy: What the params say.
        told: The rows, in words, as the ledger tells them: so many …
        allow: How the params allow it.
        column: The column it is seen in.
        text: SQL for what stands there.
        cause: What is wrong with it, as a refusal says it.
        why: Cell → a better cause.
        check: Whether the ledger tells it among what was found.
        kept: What is done with it where the row is kept.
    """

    id: str
    test: str
    policy: Policy
    told: Statement
    allow: str = ""
    column: str = ""
    text: str = ""
    cause: str = ""
    why: Mapping[str, str] = field(default_factory=dict)
    check: bool = False
    kept: Done = "kept"

    @property
    def tell_places(self) -> bool:
        """Whether the places of its rows are worth telling: a filter's are not."""
        return self.id != "filter"


Found = tuple[Finding, int, tuple[str, ...]]


def refuse(source: Source, found: Sequence[Found]) -> None:
    """Stop if the params refuse something that was found; all of it is told at once.

    Raises:
        DataError: With the table, the places, the values, how many rows, and how to allow them.
    """
    refused = [one for one in found if one[1] and one[0].policy == "refuse"]
    if not refused:
        return
    faults = [_told(source, *one) for one in refused]
    allowed = list(dict.fromkeys(finding.allow for finding, *_ in refused if finding.allow))
    raise DataError(
        "; ".join(faults) + ".",
        f"Correct the rows, or allow it in the params ({'; '.join(allowed)}).",
    )


def _told(source: Source, finding: Finding, rows: int, places: tuple[str, ...]) -> str:
    line, _, cell = places[0].partition(": ")
    where = f"{source.name}, {source.place} {line}"
    others = f" ({rows} rows in all)" if rows > 1 else ""
    if finding.id == "ragged":
        return f"{where}: {cell} {finding.cause}{others}"
    if finding.column:
        where += f", column '{finding.column}'"
    value = finding.why.get(cell) or f"'{cell}' {finding.cause}"
    return f"{where}: {value}{others}"
