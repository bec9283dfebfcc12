"""The users of an experiment, one row each, split into its arms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opsbook.data.side_tables import (
    as_number,
    column_names_of,
    hash_of_file,
    open_side_table,
    refuse_unreadable,
)
from opsbook.data.sql import literal, quoted
from opsbook.errors import DataError
from opsbook.project.effect import Experiment

Columns = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, kw_only=True)
class UserArms:
    """Both arms' columns, one number per user.

    Attributes:
        control: Value, denominator, covariate and its denominator; an empty array where the
            params name no such column.
        treatment: The same for the treatment arm.
        sha256: The table's content, as hexadecimal digits.
    """

    control: Columns
    treatment: Columns
    sha256: str


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
    path = folder / experiment.path
    if not path.is_file():
        raise DataError(
            f"There is no table {experiment.path} (effect.experiment.path).",
            "Paths are relative to the params file.",
        )
    wanted = (
        experiment.value,
        experiment.denominator,
        experiment.covariate,
        experiment.covariate_denominator,
    )
    with open_side_table(path, [experiment.arm, *filter(None, wanted)]) as source:
        connection, there = source.connection, column_names_of(source)
        for column in (experiment.arm, *filter(None, wanted)):
            if column not in there:
                raise DataError(
                    f"{path.name} has no column '{column}'; it has: {', '.join(there)}.",
                    "Correct the name in effect.experiment.",
                )
        for column in filter(None, wanted):
            refuse_unreadable(source, column, as_number(column), "number")
        arms = []
        for arm in (experiment.control, experiment.treatment):
            columns = [
                f"{as_number(column) if column else '0.0'} AS column_{i}"
                for i, column in enumerate(wanted)
            ]
            rows = connection.execute(
                f"SELECT {', '.join(columns)} FROM source "  # noqa: S608 - quoted
                f"WHERE CAST({quoted(experiment.arm)} AS VARCHAR) = {literal(arm)}"
            ).fetchnumpy()
            read: list[NDArray[np.float64]] = [
                np.ma.filled(np.ma.asarray(one, dtype=float), np.nan) for one in rows.values()
            ]
            if read[0].size == 0:
                raise DataError(
                    f"{path.name} has no row with {experiment.arm} = {arm}.",
                    "Correct effect.experiment.control and effect.experiment.treatment.",
                )
            arms.append(
                tuple(
                    one if column else np.empty(0) for one, column in zip(read, wanted, strict=True)
                )
            )
    return UserArms(control=arms[0], treatment=arms[1], sha256=hash_of_file(path))
