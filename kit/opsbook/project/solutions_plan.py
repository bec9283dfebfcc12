"""The plan of the chosen options: tasks, pilot, rollback."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from opsbook.methods.solutions.circle import circle
from opsbook.project.base import Amount, Identifier, Section

SEVERAL = re.compile(r"[,;/、，；\n]")


def _one_person(owner: str) -> str:
    if not owner.strip():
        raise ValueError("is blank; every task has exactly one owner")
    if SEVERAL.search(owner):
        raise ValueError("names several; name exactly one, and put the others into helpers")
    return owner


class Task(Section):
    """One task of the plan."""

    id: Identifier = Field(description="Short name, used in `after`.")
    title: str = Field(min_length=1, description="What is done.")
    owner: Annotated[str, AfterValidator(_one_person)] = Field(
        description="Who answers for it: exactly one."
    )
    helpers: tuple[str, ...] = Field((), description="Who works with them.")
    deliverable: str = Field("", description="By what one sees that it is done.")
    start: dt.date | None = Field(
        None, description="Planned first day; as soon as it can if left out."
    )
    days: float | None = Field(None, ge=0, description="Calendar days it takes; 0 is a milestone.")
    due: dt.date | None = Field(
        None, description="Last day, included; in place of days, with start."
    )
    after: tuple[Identifier, ...] = Field((), description="Tasks that must be done before.")
    progress: Amount | None = Field(None, ge=0, le=1, description="Share done.", examples=["40%"])
    status: Literal["todo", "doing", "done"] = Field("todo", description="Where it stands.")

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if (self.days is None) == (self.due is None):
            raise ValueError(f"task '{self.id}' needs either days, or start and due")
        if self.due is not None and (self.start is None or self.due < self.start):
            raise ValueError(f"task '{self.id}': due needs a start on or before it")
        return self


class WorkStep(Section):
    """One step of the process, and what becomes of it (eliminate, combine, rearrange, simplify)."""

    title: str = Field(min_length=1, description="What is done.")
    minutes: float = Field(ge=0, description="Minutes at work now.")
    value_added: bool = Field(description="Whether the customer would pay for it.")
    action: Literal[
        "keep", "eliminate", "combine", "rearrange", "simplify", "standardise", "automate"
    ] = Field("keep", description="What becomes of it.")
    minutes_after: float | None = Field(
        None, ge=0, description="Minutes afterwards; as before if left out, none if eliminated."
    )

    @model_validator(mode="after")
    def _says_what_changes(self) -> Self:
        if self.action == "eliminate" and self.minutes_after:
            raise ValueError("is eliminated and still takes time; leave minutes_after out")
        if self.action == "keep" and self.minutes_after not in {None, self.minutes}:
            raise ValueError("is kept and changes its minutes; say what becomes of it (action)")
        return self


class Pilot(Section):
    """A trial beside a part that stays as it is."""

    share: Amount = Field(gt=0, lt=1, description="Share of the cases in the pilot.")
    days: float = Field(gt=0, description="How many days it is to run.")
    rollback: str = Field("", description="The condition under which everything is taken back.")
    daily_volume: float | None = Field(
        None, gt=0, description="Cases a day, pilot and rest together; from the data if left out."
    )
    baseline: Amount | None = Field(
        None, gt=0, lt=1, description="The share without the change; from the data if left out."
    )
    sd: float | None = Field(
        None, gt=0, description="Standard deviation of a single case, where the metric is a mean."
    )
    design_effect: float = Field(
        1, ge=1, description="By how much cases of one store or person inflate the variance."
    )
    power: Amount = Field(0.8, gt=0.5, lt=1, description="Wanted chance to find the forecast.")


class Plan(Section):
    """Who does what by when, and how it is tried out."""

    start: dt.date = Field(description="First day of the plan.")
    as_of: dt.date | None = Field(
        None, description="Day of the progress report; tasks due before it and not done are late."
    )
    tasks: tuple[Task, ...] = Field((), description="The tasks.")
    pilot: Pilot | None = Field(None, description="The trial, if there is one.")

    @model_validator(mode="after")
    def _tasks_fit(self) -> Self:
        names = [task.id for task in self.tasks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"task '{twice[0]}' is there more than once")
        for task in self.tasks:
            if unknown := sorted(set(task.after) - set(names)):
                raise ValueError(
                    f"task '{task.id}' waits for '{unknown[0]}', which is no task; "
                    f"there are: {', '.join(names)}"
                )
            if task.start is not None and task.start < self.start:
                raise ValueError(
                    f"task '{task.id}' starts on {task.start}, before the plan ({self.start})"
                )
        if around := circle({task.id: task.after for task in self.tasks}):
            raise ValueError(
                f"tasks wait for each other in a circle: {' → '.join(around)}; "
                "take one of these dependencies away"
            )
        return self
