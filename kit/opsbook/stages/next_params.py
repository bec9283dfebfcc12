"""The params file of the next trigger check, as the control stage hands it on."""

from __future__ import annotations

from typing import Any

import yaml

from opsbook.project.control import ControlSection
from opsbook.results.control import Loops, Watch
from opsbook.results.saved import write_whole
from opsbook.stages.context import Context

MODELINE = "# yaml-language-server: $schema=project.schema.json\n"


def next_params(context: Context, watch: Watch | None, loops: Loops) -> str:
    """A valid params file for the next loop: same data and metric, limits from after the change.

    Its table's path is that of this project's params file, so that it is right beside it. The
    change of this loop is named among the events, and the loops so far are handed on.

    Args:
        context: The project whose control stage this is.
        watch: The watch, whose baseline the next check starts from; None without limits.
        loops: The loops so far, this one included.
    """
    project = context.project
    kept = project.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        include={"project", "data", "metric"},
    )
    kept["project"]["id"] = f"{project.project.id}_next"
    kept["project"].pop("goal", None)
    now = loops.rows[-1]
    if now.launched is not None:
        launch = {
            "title": now.title,
            "from": now.launched.start.isoformat(),
            "kind": "intervention",
        }
        known = kept["data"].get("events", [])
        kept["data"]["events"] = [*known, launch]
    kept["trigger"] = {}
    if watch is not None:
        first, last = watch.baseline_start.start, watch.baseline_end.start
        periods = [day for day in context.series().periods if first <= day]
        if last == periods[-1] and len(periods) > 1:
            last = periods[-2]  # the newest period is the one to judge
        kept["trigger"]["baseline"] = {"from": first.isoformat(), "to": last.isoformat()}
    kept["control"] = _control(project.control or ControlSection(), loops)
    return MODELINE + yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)


def hand_over(context: Context, text: str | None) -> None:
    """Write the params file of the next check beside the results, where there is a place for it.

    Args:
        context: The project.
        text: What `next_params` made.
    """
    if context.run_dir is not None and text is not None:
        write_whole(context.run_dir / f"{context.project.project.id}.next.yaml", text)


def _short(change: float | None) -> float | None:
    """A change to four digits, as people would write it down."""
    return None if change is None else float(f"{change:.4g}")


def _control(section: ControlSection, loops: Loops) -> dict[str, Any]:
    """What people decided about the watch, and the loops so far."""
    kept = section.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        exclude={"baseline", "watch_until", "loops"},
    )
    kept["loops"] = [
        {
            name: value
            for name, value in {
                "title": row.title,
                "launched": row.launched.start.isoformat() if row.launched else None,
                "forecast": _short(row.forecast),
                "measured": _short(row.measured),
                "verdict": row.verdict,
            }.items()
            if value is not None
        }
        for row in loops.rows
    ]
    return kept
