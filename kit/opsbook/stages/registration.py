"""The plan of the effect test: its hash at the first run, and what was changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from opsbook.project import Project
from opsbook.results import Stage
from opsbook.results.effect import Registration
from opsbook.results.saved import write_whole
from opsbook.text import say

FILE = "registration.json"
#: What a plan fixes. The design's reason and the money do not change what is measured.
PLANNED = (
    "launched",
    "periods",
    "launch_period",
    "before",
    "after",
    "controls",
    "launches",
    "experiment",
    "design",
    "model",
    "covariates",
    "aim",
    "also",
)


def registration(project: Project, run_dir: Path | None, *, before_data: bool) -> Registration:
    """Hold the plan of the effect test against the one of the first run; store it if there is none.

    Args:
        project: The checked params.
        run_dir: Where the first plan is stored; without it the plan counts as the first.
        before_data: Whether no period after the launch is there yet.
    """
    plan = _plan(project)
    stored: dict[str, Any] = {"before_data": before_data, "plan": plan}
    if run_dir is not None:
        file = run_dir / FILE
        try:
            stored = json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            write_whole(file, json.dumps(stored, ensure_ascii=False, indent=1) + "\n")
    first = dict(stored["plan"])
    changed = [name for name in {**first, **plan} if first.get(name) != plan.get(name)]
    return Registration(
        hash=_hash(plan),
        registered=_hash(first),
        before_data=bool(stored["before_data"]),
        deviations=tuple(
            say(
                "{field} was {first}, now {now}.",
                field=name,
                first=_short(first.get(name)),
                now=_short(plan.get(name)),
            )
            for name in changed
        ),
    )


def register_waiting(stage: Stage, project: Project, run_dir: Path) -> None:
    """Store the plan of an effect test that waits for its first period after the launch.

    Args:
        stage: The stage that is not due.
        project: The checked params.
        run_dir: Where the plan is stored.
    """
    if stage == "effect" and project.effect is not None and project.effect.launched is not None:
        registration(project, run_dir, before_data=True)


def _plan(project: Project) -> dict[str, Any]:
    """What the params fix of the effect test, as plain values."""
    plan: dict[str, Any] = {
        f"metric.{name}": value
        for name, value in project.metric.model_dump(mode="json", by_alias=True).items()
        if name not in {"name", "definition"}
    }
    if project.effect is not None:
        values = project.effect.model_dump(mode="json", by_alias=True)
        plan |= {f"effect.{name}": values[name] for name in PLANNED}
    return plan


def _hash(plan: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
