"""What stands behind a report: the params, the data and their receipt, versions and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opsbook.project import Project
from opsbook.report.names import NAMES
from opsbook.results import Stage, StageResult
from opsbook.results.intake import IntakeResult, Ledger
from opsbook.text import Language

#: As many signs of a hash as tell two versions apart.
SHORT = 12


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What one stage was computed from, by content."""

    name: str
    params: str
    data: str
    upstream: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Appendix:
    """The last part of a report."""

    params: str
    ledger: Ledger | None
    left_out: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    origins: tuple[Origin, ...]
    versions: tuple[tuple[str, str], ...]


def appendix(
    project: Project, results: Mapping[Stage, StageResult], language: Language
) -> Appendix:
    """Gather what a report rests on.

    Args:
        project: The checked params, overrides included.
        results: What was saved.
        language: The reader's language.
    """
    intake = results.get("intake")
    ledger = intake.ledger if isinstance(intake, IntakeResult) else None
    known = {stage: r.provenance for stage, r in results.items() if r.provenance}
    versions = {name: v for one in known.values() for name, v in one.versions.items()}
    return Appendix(
        params=_yaml(project),
        ledger=ledger,
        left_out=tuple((language.say(line.reason), line.rows) for line in ledger.left_out)
        if ledger
        else (),
        notes=tuple(language.say(note) for note in ledger.notes) if ledger else (),
        origins=tuple(
            Origin(
                name=language.text(NAMES[stage].term),
                params=one.params[:SHORT],
                data=one.data[:SHORT],
                upstream=tuple(value[:SHORT] for value in one.upstream.values()),
            )
            for stage, one in known.items()
        ),
        versions=tuple(sorted(versions.items())),
    )


def _yaml(project: Project) -> str:
    import yaml  # noqa: PLC0415 - only a report needs it

    values = project.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=88)
