"""Units of the same table that stand beside the one in focus."""

from __future__ import annotations

from pydantic import Field

from opsbook.project.base import Cell, Column, Section


class Peers(Section):
    """Units of the same table that stand beside the one in focus."""

    dimension: Column = Field(description="The dimension whose other values are the peers.")
    only: tuple[Cell, ...] = Field((), description="The peers; left out: all other values.")
    exclude: tuple[Cell, ...] = Field(
        (), description="Values that are no peers: they were treated too, or touched by it."
    )
