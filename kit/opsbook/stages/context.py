"""What a stage works on: the params, the tables, and what earlier stages found."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from opsbook.data import MetricSeries, Tables
from opsbook.data.values import all_spellings, spellings
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.project.base import Cell
from opsbook.project.metric import Metric
from opsbook.project.peers import Peers
from opsbook.results import Event, Override, Provenance, Stage, StageResult
from opsbook.text import Period


@dataclass(frozen=True, kw_only=True)
class Context:
    """One project as a stage sees it.

    Attributes:
        project: The checked params.
        tables: The tables and their receipt.
        upstream: Results of the earlier stages that are done.
        provenance: What the stage's result is computed from.
        run_dir: Where the stage's result is saved.
        overrides: Fields of the params that were set otherwise than in their file.
    """

    project: Project
    tables: Tables
    upstream: Mapping[Stage, StageResult] = field(default_factory=dict)
    provenance: Provenance | None = None
    run_dir: Path | None = None
    overrides: tuple[Override, ...] = ()

    def series(self, metric: Metric | None = None) -> MetricSeries:
        """A metric over all periods, for the part of the table that the project is about."""
        return self.tables.kpi.series(metric or self.project.metric, self.project.data.kpi.focus)

    def peers(self, peers: Peers, metric: Metric | None = None) -> dict[str, MetricSeries]:
        """The same metric at each of the units that stand beside the one in focus.

        Raises:
            DataError: If a peer is the unit in focus, is not in the table, or none is left.
        """
        focus = self.project.data.kpi.focus
        own = focus.get(peers.dimension)
        if own is None:
            raise DataError(
                f"Peers are other values of '{peers.dimension}', but data.kpi.focus names none.",
                f"Add it, for example focus: {{{peers.dimension}: …}}.",
            )
        mine = set(all_spellings(own))
        panel = self.tables.kpi.panel(metric or self.project.metric, peers.dimension, focus)
        wanted = _there(peers.only, panel) or set(panel) - mine
        if treated := sorted(wanted & mine):
            raise DataError(
                f"'{treated[0]}' is the unit in focus; it cannot be its own peer.",
                "Take it out of the list of peers.",
            )
        left_out = _there(peers.exclude, panel)
        named = wanted | left_out
        if unknown := sorted(named - set(panel)):
            raise DataError(
                f"No row has {peers.dimension} = {unknown[0]}; there are: {', '.join(panel)}.",
                "Correct the list of peers.",
            )
        kept = {n: s for n, s in panel.items() if n in wanted and n not in left_out}
        if not kept:
            raise DataError(
                f"No peer is left of '{peers.dimension}'.", "Exclude fewer, or drop the peers."
            )
        return kept

    def label(self, name: str) -> str:
        """What the reader calls a column or a value; its own name if the params name none."""
        return self.project.data.kpi.labels.get(name, name)

    def period(self, series: MetricSeries, position: int) -> Period:
        """The period at a position of a series."""
        return Period(start=series.periods[position], grain=series.grain)

    @property
    def events(self) -> tuple[Event, ...]:
        """The known events of the params."""
        return tuple(
            Event(
                title=event.title,
                start=event.start.period,
                end=None if event.end is None else event.end.period,
                kind=event.kind,
            )
            for event in self.project.data.events
        )


def _there(values: Iterable[Cell], known: Container[str]) -> set[str]:
    """Values of the params as the table spells them; one that is not there as it is written."""
    return {next((s for s in spellings(value) if s in known), str(value)) for value in values}
