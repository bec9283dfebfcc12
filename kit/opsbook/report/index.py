"""The page over all projects: who needs attention, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from opsbook.errors import RunError
from opsbook.report.attention import NEEDS, Attention, attention
from opsbook.report.changes import State, next_state, read_states, write_states
from opsbook.report.money import Money, money
from opsbook.report.names import NAMES
from opsbook.report.page import render_page
from opsbook.report.publish import OTHERS, REPORT, read_results
from opsbook.results import STAGES, Failure, Series, Stage, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.effect import EffectResult
from opsbook.results.marks import Mark, mark
from opsbook.results.saved import write_whole
from opsbook.results.trigger import TriggerResult
from opsbook.text import Language, term

INDEX = "index.html"
TEMPLATE = "overview.html.j2"
#: Size of the small line, in its own units, and as many periods as it shows.
WIDTH, HEIGHT, NEWEST = 120.0, 24.0, 60


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One project as the index lists it; its results are read from its output folder.

    Attributes:
        id: The project's id, the name of its output folder.
        title: Its title.
        language: Its language.
        simulated: Whether its data are made up.
        last_run: When it last ran.
        failures: Stages that failed.
        problem: Why it could not run at all (its params, say), or nothing.
    """

    id: str
    title: str
    language: str = "en"
    simulated: bool = False
    last_run: dt.datetime | None = None
    failures: Mapping[Stage, Failure] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A small line: the metric's newest periods, gaps left open."""

    lines: tuple[str, ...]
    target: float | None
    end: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One project's line of the index."""

    entry: Entry
    html_language: str
    attention: Attention
    mark: Mark
    headline: str
    stages: tuple[tuple[str, Mark], ...]
    trend: Trend | None
    report: str | None
    others: tuple[tuple[str, str], ...]
    money: Money | None
    state: State
    last_run: str


def index(
    outputs: Path, entries: Iterable[Entry], *, template_dir: Path, language: str = "en"
) -> Path:
    """Write the index over all projects, those that need somebody first.

    Args:
        outputs: The folder with one folder per project.
        entries: The projects.
        template_dir: Folder of the report's template.
        language: The page's own language; each project's words are in the project's.

    Returns:
        The index's file.

    Raises:
        RunError: If the page cannot be written.
    """
    told = Language(language)
    order = list(NEEDS)
    states = read_states(outputs)
    rows = sorted(
        (_row(outputs, entry, told, states.get(entry.id)) for entry in entries),
        key=lambda row: (order.index(row.attention.need), row.entry.title, row.entry.id),
    )
    counted = Counter(row.attention.need for row in rows)
    page = render_page(
        TEMPLATE,
        template_dir,
        told,
        rows=rows,
        counts=[(NEEDS[need], counted[need]) for need in order if counted[need]],
        changed=sum(row.state.changed for row in rows),
        any_money=any(row.money for row in rows),
    )
    path = outputs / INDEX
    write_whole(path, page)
    write_states(outputs, {row.entry.id: row.state for row in rows})
    return path


def _row(outputs: Path, entry: Entry, page: Language, last: State | None) -> Row:
    own = Language(entry.language)
    problem, results = entry.problem, {}
    try:
        results = read_results(outputs / entry.id)
    except RunError as error:
        problem = problem or str(error)
    need = attention(results, entry.failures)
    if problem:
        need = Attention(need="failed", stage=None)
    sign = _mark(need, results, entry.failures, problem)
    live = {s: r for s, r in results.items() if s not in entry.failures}
    return Row(
        entry=entry,
        html_language=own.html,
        attention=need,
        mark=sign,
        headline=problem or _headline(need, live, entry.failures, own),
        stages=tuple(
            (page.text(NAMES[stage].term), mark(results.get(stage), entry.failures.get(stage)))
            for stage in STAGES
        ),
        trend=_trend(live),
        report=f"{entry.id}/{REPORT}" if (outputs / entry.id / REPORT).is_file() else None,
        others=tuple(
            (file.name.split(".")[1], f"{entry.id}/{file.name}")
            for file in sorted((outputs / entry.id).glob(OTHERS))
        ),
        money=money(live),
        state=next_state(last, str(entry.last_run), sign.word.term),
        last_run=_in_utc(entry.last_run),
    )


def _in_utc(time: dt.datetime | None) -> str:
    """A run's time as the column's heading says; one without a zone is in UTC already."""
    if time is None:
        return ""
    return f"{time if time.tzinfo is None else time.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def _mark(
    need: Attention,
    results: Mapping[Stage, StageResult],
    failures: Mapping[Stage, Failure],
    problem: str,
) -> Mark:
    if problem:
        return Mark(sign="failed", word=term("Failed"))
    if need.need == "harmed":
        return Mark(sign="bad", word=term("Something got worse"))
    if need.stage is None:
        return mark(None)
    return mark(results.get(need.stage), failures.get(need.stage))


def _headline(
    need: Attention,
    results: Mapping[Stage, StageResult],
    failures: Mapping[Stage, Failure],
    language: Language,
) -> str:
    if need.stage is None:
        return language.text("This project has not been run.")
    if (failure := failures.get(need.stage)) is not None:
        return f"{language.text(NAMES[need.stage].term)}: {failure.message}"
    result = results[need.stage]
    if need.need == "harmed" and isinstance(result, EffectResult):
        harmed = [c for c in result.cautions if c.id.startswith("harmed")]
        return " ".join(
            language.say(told) for told in (result.headline, *(c.statement for c in harmed))
        )
    return language.say(result.headline)


def _trend(results: Mapping[Stage, StageResult]) -> Trend | None:
    """The newest series that a stage watched."""
    control, trigger = results.get("control"), results.get("trigger")
    if isinstance(control, ControlResult) and control.watch is not None:
        return _line(control.watch.series)
    if isinstance(trigger, TriggerResult) and trigger.history is not None:
        return _line(trigger.history.series)
    return None


def _line(series: Series) -> Trend | None:
    values = [point.value for point in series.points[-NEWEST:]]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    bounds = [*known, *([] if series.target is None else [series.target])]
    low, high = min(bounds), max(bounds)
    spread = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)

    def height(value: float) -> float:
        return round(HEIGHT - 2 - (HEIGHT - 4) * (value - low) / spread, 1)

    lines: list[list[str]] = [[]]
    end = None
    for position, value in enumerate(values):
        if value is None:
            lines.append([])
            continue
        end = (round(position * step, 1), height(value))
        lines[-1].append(f"{end[0]:g},{end[1]:g}")
    return Trend(
        lines=tuple(" ".join(line) for line in lines if len(line) > 1),
        target=None if series.target is None else height(series.target),
        end=end,
    )
