"""A whole params file as one checked object."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from opsbook.project.base import Amount, Identifier, Section, When
from opsbook.project.control import ControlSection
from opsbook.project.data import DataSection
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.project.effect import EffectSection
from opsbook.project.intake import IntakeSection
from opsbook.project.metric import Metric, MetricSection
from opsbook.project.peers import Peers
from opsbook.project.solutions import SolutionsSection
from opsbook.project.trigger import TriggerSection

#: A figure that nobody has filled in: "X %", "Z 秒", "__ days".
BLANK_GOAL = re.compile(
    r"(?<![A-Za-z])[XYZxyz]{1,2}\s*(%|％|个|百分点|秒|分钟|小时|天|元|percent)|_{2,}"
)


class Team(Section):
    """Who is in the task force, by the handbook's four roles."""

    lead: str = Field("", description="Leads: progress, resources, decisions.")
    data: str = Field("", description="Brings evidence and effect sizes.")
    execution: str = Field("", description="Carries out, reports from the front line.")
    support: str = Field("", description="Tools and features.")


class Goal(Section):
    """What is to be reached by when."""

    text: str = Field(description="The goal as a sentence.")
    value: Amount | None = Field(None, description="The figure to reach; the target if left out.")
    by: When | None = Field(None, description="Until when.")

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if BLANK_GOAL.search(text) or not text.strip():
            raise ValueError(f"a goal with a blank is no goal (got '{text}'); write the figure")
        return text


class Identity(Section):
    """What the project is called and who answers for it."""

    id: Identifier = Field(description="Short name; also the name of its output folder.")
    title: str = Field(min_length=1, description="Title of the report.")
    language: Literal["en", "zh"] = Field("en", description="Language of notebooks and report.")
    owner: str = Field("", description="Who answers for the project.")
    team: Team = Field(Team(), description="The task force by role.")
    goal: Goal | None = Field(None, description="What is to be reached by when.")


class Project(Section):
    """One project: everything a person decided, none of what is computed."""

    project: Identity = Field(description="Name, language, people, goal.")
    data: DataSection = Field(description="Where the numbers come from.")
    metric: MetricSection = Field(description="What the project wants to move.")
    intake: IntakeSection = Field(IntakeSection(), description="Stage 0, data intake.")
    trigger: TriggerSection | None = Field(None, description="Stage 1, trigger check.")
    diagnosis: DiagnosisSection | None = Field(None, description="Stage 2, diagnosis.")
    solutions: SolutionsSection | None = Field(None, description="Stage 3, solutions.")
    effect: EffectSection | None = Field(None, description="Stage 4, effect test.")
    control: ControlSection | None = Field(None, description="Stage 5, control.")

    @property
    def watched(self) -> Metric:
        """The metric that the trigger check and the diagnosis look at."""
        return (self.trigger.watch if self.trigger else None) or self.metric

    @property
    def columns(self) -> dict[str, str]:
        """Field → column of the KPI table, for every column that the params name."""
        kpi = self.data.kpi
        named = {"data.kpi.period.column": kpi.period.column}
        for i, column in enumerate(kpi.dimensions):
            named[f"data.kpi.dimensions.{i}"] = column
        for field, rows in (("filter", kpi.filter), ("focus", kpi.focus)):
            named |= {f"data.kpi.{field}.{column}": column for column in rows}
        for path, metric in self.metrics.items():
            named |= {f"{path}.{field}": column for field, column in metric.columns.items()}
        if self.diagnosis:
            named |= {f"diagnosis.{field}": c for field, c in self.diagnosis.columns.items()}
        return named

    @property
    def metrics(self) -> dict[str, Metric]:
        """Where it stands in the params → metric, for every metric of the project."""
        found: dict[str, Metric] = {"metric": self.metric}
        found |= {f"metric.guardrails.{i}": g for i, g in enumerate(self.metric.guardrails)}
        if self.trigger and self.trigger.watch:
            found["trigger.watch"] = self.trigger.watch
        if volume := self.feedback_volume:
            found["data.feedback.volume"] = volume
        if self.effect:
            found |= {f"effect.also.{i}": m for i, m in enumerate(self.effect.also)}
        return found

    @property
    def feedback_volume(self) -> Metric | None:
        """The orders or contacts per period that the feedback is measured against."""
        feedback = self.data.feedback
        if feedback is None:
            return None
        column = feedback.volume or self.watched.denominator
        return Metric(name=column, kind="sum", value=column, better="higher") if column else None

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        dimensions = self.data.kpi.dimensions
        faults = [*self._targets_out_of_range(), *self._columns_in_two_roles()]
        faults += [
            f"{field} is '{name}', which is not in data.kpi.dimensions "
            f"({', '.join(dimensions) or 'none'})"
            for field, name in self._dimensions_used()
            if name not in dimensions
        ]
        if self.diagnosis:
            causes = self.diagnosis.causes
            faults += [
                f"why '{why.id}' names the cause '{evidence.cause}', which is not in "
                f"diagnosis.causes ({', '.join(causes) or 'none'})"
                for why in self.diagnosis.whys
                for evidence in why.evidence
                if evidence.kind == "cause" and evidence.cause not in causes
            ]
            events = [event.title for event in self.data.events]
            faults += [
                f"why '{why.id}' names the event '{evidence.event}', which is not in data.events "
                f"({', '.join(events) or 'none'})"
                for why in self.diagnosis.whys
                for evidence in why.evidence
                if evidence.kind == "correlates_with_event" and evidence.event not in events
            ]
        if self.diagnosis and self.solutions:
            whys = [why.id for why in self.diagnosis.whys]
            faults += [
                f"option '{option.id}' removes the cause '{option.cause}', which is no why "
                f"({', '.join(whys) or 'none'})"
                for option in self.solutions.options
                if option.cause is not None and option.cause not in whys
            ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _targets_out_of_range(self) -> list[str]:
        if self.trigger is None or self.watched.kind not in {"share", "rate"}:
            return []
        most = 1.0 if self.watched.kind == "share" else float("inf")
        named = [(f"trigger.targets.{i}", t.value) for i, t in enumerate(self.trigger.targets)]
        limits = "between 0 and 1" if self.watched.kind == "share" else "at 0 or above"
        return [
            f"{path}: the target of a {self.watched.kind} lies {limits} (got {value:g})"
            for path, value in named
            if not 0 <= value <= most
        ]

    def _columns_in_two_roles(self) -> list[str]:
        """A column is a date, a dimension or a figure; its name may not differ by case only."""
        kpi = self.data.kpi
        roles = {kpi.period.column.casefold(): "data.kpi.period.column"}
        faults, seen = [], set[str]()
        for i, name in enumerate(kpi.dimensions):
            if name.casefold() in seen:
                faults.append(f"data.kpi.dimensions.{i}: '{name}' is there twice")
            seen.add(name.casefold())
            roles[name.casefold()] = f"data.kpi.dimensions.{i}"
        figures = {f"{p}.{f}": c for p, m in self.metrics.items() for f, c in m.columns.items()}
        if self.diagnosis:
            figures |= {f"diagnosis.{field}": c for field, c in self.diagnosis.columns.items()}
        spelled: dict[str, str] = {}
        for field, name in figures.items():
            if name.casefold() in roles:
                faults.append(
                    f"{field}: '{name}' is also {roles[name.casefold()]}; a column that is summed "
                    "can be nothing else"
                )
            if spelled.setdefault(name.casefold(), name) != name:
                faults.append(
                    f"{field}: '{name}' and '{spelled[name.casefold()]}' differ by capitals only; "
                    "rename one in the table"
                )
        return faults

    def _dimensions_used(self) -> list[tuple[str, str]]:
        used = [(f"data.kpi.focus.{name}", name) for name in self.data.kpi.focus]
        peers: list[tuple[str, Peers | None]] = []
        if self.diagnosis:
            used += self.diagnosis.dimensions
            peers.append(("diagnosis.peers", self.diagnosis.peers))
        if self.effect:
            peers.append(("effect.controls", self.effect.controls))
        used += [(f"{path}.dimension", p.dimension) for path, p in peers if p is not None]
        return used
