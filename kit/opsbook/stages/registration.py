"""The plan of the effect test: its hash at the first run, and what was changed since."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from opsbook.project import Project
from opsbook.project.effect import EffectSection
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
#: Values that leave a field open.
NOTHING: tuple[Any, ...] = (None, "", {}, [])


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
    # A field that the kit did not know at the first run was at its default then.
    first = {**_defaults(), **dict(stored["plan"])}
    then, now = _fields(first), _fields(plan)
    changed = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return Registration(
        hash=_hash(plan),
        registered=_hash(first),
        before_data=bool(stored["before_data"]),
        deviations=tuple(
            say(
                "{field} was {first}, now {now}.",
                field=name,
                first=_words(then.get(name)),
                now=_words(now.get(name)),
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


def _defaults() -> dict[str, Any]:
    """What the params fix where they say nothing."""
    values = EffectSection().model_dump(mode="json", by_alias=True)
    return {f"effect.{name}": values[name] for name in PLANNED}


def _told(value: Any) -> Any:
    """A value without what is left open in it, at any depth."""
    if isinstance(value, dict):
        return {key: _told(part) for key, part in value.items() if part not in NOTHING}
    return [_told(part) for part in value] if isinstance(value, list) else value


def _hash(plan: dict[str, Any]) -> str:
    """The hash of what a plan says beyond the defaults, the same in every version of the kit."""
    defaults = _defaults()
    said = {name: _told(value) for name, value in plan.items() if defaults.get(name) != value}
    said = {name: value for name, value in said.items() if value not in NOTHING}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _fields(plan: dict[str, Any], within: str = "") -> dict[str, Any]:
    """The fields that are set, each by its whole name: `effect.aim.target`."""
    fields: dict[str, Any] = {}
    for name, value in _told(plan).items():
        if isinstance(value, dict):
            fields |= _fields(value, f"{within}{name}.")
        elif value not in NOTHING:
            fields[within + name] = value
    return fields


def _words(value: Any) -> str:
    """A field's value as a reader writes it; a dash where it is open."""
    if value is None:
        return "–"
    if isinstance(value, list) and not any(isinstance(part, dict | list) for part in value):
        text = ", ".join(map(str, value))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
