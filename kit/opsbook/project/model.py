"""A whole params file as one checked object."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from opsbook.project.base import Amount, Identifier, Section, When
from opsbook.project.control import ControlSection
from opsbook.project.data import DataSection
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.project.effect import EffectSection
from opsbook.project.intake import IntakeSection
from opsbook.project.metric import Metric, MetricSection
from opsbook.project.references import wrong_references
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

    @field_validator("id", mode="before")
    @classmethod
    def _a_number_is_a_name(cls, value: Any) -> Any:
        """Stores often have numbers."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


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
            found |= {f"effect.covariates.{i}": m for i, m in enumerate(self.effect.covariates)}
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
        if faults := list(wrong_references(self)):
            raise ValidationError.from_exception_data("Project", faults)
        return self
