"""The params file of the next trigger check, as the control stage hands it on."""

from __future__ import annotations

import yaml

from opsbook.results.control import Watch
from opsbook.stages.context import Context

MODELINE = "# yaml-language-server: $schema=project.schema.json\n"


def next_params(context: Context, watch: Watch) -> str:
    """A valid params file for the next loop: same data and metric, limits from after the change.

    Args:
        context: The project whose control stage this is.
        watch: The watch, whose baseline the next check starts from.
    """
    project = context.project
    kept = project.model_dump(
        mode="json",
        by_alias=True,
        exclude_unset=True,
        include={"project", "data", "metric"},
    )
    identity = kept["project"]
    identity["id"] = f"{project.project.id}_next"
    identity.pop("goal", None)
    baseline = {
        "from": watch.baseline_start.start.isoformat(),
        "to": watch.baseline_end.start.isoformat(),
    }
    kept["trigger"] = {"baseline": baseline}
    return MODELINE + yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)
