"""Which fields of the params a notebook, or --set, has set otherwise than the params file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from opsbook.notebook.overrides import run_by
from opsbook.project import ParamsFile
from opsbook.results import STAGES, Override, Stage, StageResult

#: They name the project and its reader's language, and change no figure.
NO_JUDGEMENT = frozenset(("project.id", "project.title", "project.language"))
LONGEST = 120


def changed_fields(
    params: ParamsFile,
    overrides: Mapping[str, Any],
    stage: Stage,
    upstream: Mapping[Stage, StageResult],
    reason: Mapping[str, Any],
) -> tuple[Override, ...]:
    """The fields that a stage reads otherwise than the params file says them.

    A field of a later stage's section, and what an earlier stage has told already, is left out.

    Args:
        params: The params file.
        overrides: Fields that replace some of it, nested.
        stage: The stage that is opened.
        upstream: Results of the earlier stages.
        reason: Who, when and why, as the cell says that sets them.
    """
    told = {(one.name, one.value) for result in upstream.values() for one in result.overrides}
    before = dict(_leaves(params.of(overrides)))
    later = STAGES[STAGES.index(stage) + 1 :]
    found = []
    for name, value in _leaves(overrides):
        old = before.get(name)
        same = (name, value) in told or value == old
        if not (same or name in NO_JUDGEMENT or name.split(".")[0] in later):
            found.append((name, value, old))
    return tuple(
        Override(what="field", name=name, value=value, instead_of=old, **reason, **run_by())
        for name, value, old in found
    )


def _leaves(values: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each field as it is dotted, and its value as YAML writes it."""
    if isinstance(values, Mapping) and values:
        for name, value in values.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif path:
        yield path, values if isinstance(values, str) else _written(values)


def _written(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=LONGEST * 9)
    plain = text.removesuffix("\n").removesuffix("\n...")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
