"""The users of an experiment, one row each, split into its arms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsbook.data.side_tables import open_side_table, read_column
from opsbook.data.sql import quoted, trimmed
from opsbook.data.values import is_one_of, values_told
from opsbook.errors import DataError
from opsbook.project.data import KpiTable, PeriodColumn
from opsbook.project.effect import Experiment

FIELDS = ("value", "denominator", "covariate", "covariate_denominator")
FURTHER = ("value", "denominator")
#: How many values of the arms' column are told where one is not found.
MOST_ARMS = 100
Columns = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, kw_only=True)
class UserArms:
    """Both arms' columns, one number per user.

    Attributes:
        control: Value, denominator, covariate and its denominator; an empty array where the
            params name no such column.
        treatment: The same for the treatment arm.
        sha256: The table's content, as hexadecimal digits.
        further: Value and denominator of each further metric, first control, then treatment.
    """

    control: Columns
    treatment: Columns
    sha256: str
    further: Mapping[str, tuple[Columns, Columns]]


def load_experiment(experiment: Experiment, folder: Path) -> UserArms | None:
    """Read the table of users that an experiment names, or None where it gives sums.

    Args:
        experiment: The params.
        folder: The params file's folder.

    Raises:
        DataError: If there is no such file, column or arm, or a user has no number.
    """
    if experiment.path is None:
        return None
    wanted = {
        field: column for field in FIELDS if (column := getattr(experiment, field)) is not None
    }
    for name, columns_of in experiment.further.items():
        for part in FURTHER:
            if (column := getattr(columns_of, part)) is not None:
                wanted[f"further.{name}.{part}"] = column
    options = KpiTable(
        path=experiment.path, period=PeriodColumn(column=experiment.arm, grain="day")
    )
    named = {f"effect.experiment.{field}": column for field, column in wanted.items()}
    named["effect.experiment.arm"] = experiment.arm
    with open_side_table(options, folder, "effect.experiment.path", named) as (source, sha256):
        columns = {
            field: read_column(source, options, column, "number")
            for field, column in wanted.items()
        }
        values = ", ".join(f"{column.value} AS {quoted(f)}" for f, column in columns.items())
        joins = " ".join(column.join for column in columns.values())
        arm = source.column(experiment.arm)
        arms, further = [], []
        for name in (experiment.control, experiment.treatment):
            rows = source.connection.execute(
                f"SELECT {values} FROM source {joins} WHERE {is_one_of(arm, name)}"  # noqa: S608 - quoted
            ).fetchnumpy()
            if not rows["value"].size:
                there = source.connection.execute(
                    f"SELECT DISTINCT {trimmed(quoted(arm))} FROM source LIMIT {MOST_ARMS}"  # noqa: S608 - quoted
                ).fetchall()
                raise DataError(
                    f"{source.name} has no row with {experiment.arm} = {name}; "
                    f"{values_told(name, [row[0] or '' for row in there])}.",
                    "Correct effect.experiment.control and effect.experiment.treatment.",
                )
            arms.append(tuple(_numbers(rows.get(field)) for field in FIELDS))
            further.append(
                {
                    other: tuple(_numbers(rows.get(f"further.{other}.{part}")) for part in FURTHER)
                    for other in experiment.further
                }
            )
    return UserArms(
        control=arms[0],
        treatment=arms[1],
        sha256=sha256,
        further={name: (columns, further[1][name]) for name, columns in further[0].items()},
    )


def _numbers(cells: Any) -> NDArray[np.float64]:
    """A column's numbers, NaN where one is unknown; none where there is no such column."""
    if cells is None:
        return np.empty(0)
    found: NDArray[np.float64] = np.ma.filled(np.ma.asarray(cells, dtype=float), np.nan)
    return found
