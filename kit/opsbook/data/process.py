"""Reading the event log of the process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opsbook.data.side_tables import Kind, read_side_table
from opsbook.project import Project
from opsbook.results.intake import Ledger


@dataclass(frozen=True, kw_only=True, eq=False)
class ProcessLog:
    """Rows of an event log, one for each time a step was done, in the order of the file.

    Attributes:
        case: What went through the process, shape (n,), text.
        step: Name of the step, shape (n,), text.
        start: When work began, shape (n,), datetime64[us].
        end: When it ended; NaT where it has not.
        resource: Who or what did it, None where unknown; None if no column is named.
        ledger: The receipt of the rows.
    """

    case: NDArray[np.object_]
    step: NDArray[np.object_]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    resource: NDArray[np.object_] | None
    ledger: Ledger


def load_process(project: Project, folder: Path) -> ProcessLog | None:
    """Read the event log, or return None where the params name none.

    Args:
        project: The checked params.
        folder: The params file's folder.

    Raises:
        DataError: If the table, a column or a cell cannot be read, or no row is left.
    """
    table = project.data.process
    if table is None:
        return None
    kinds: dict[str, Kind] = {"case": "text", "step": "text", "start": "moment", "end": "moment"}
    if table.resource is not None:
        kinds["resource"] = "text"
    frame, ledger = read_side_table(
        table, folder, "data.process", kinds, needed=("case", "step", "start"), zone=table.zone
    )
    resource = None
    if table.resource is not None:
        known = frame["resource"].astype(object)
        resource = known.where(known.notna(), None).to_numpy()
    return ProcessLog(
        case=frame["case"].to_numpy(dtype=object),
        step=frame["step"].to_numpy(dtype=object),
        start=frame["start"].to_numpy(dtype="datetime64[us]"),
        end=frame["end"].to_numpy(dtype="datetime64[us]"),
        resource=resource,
        ledger=ledger,
    )
