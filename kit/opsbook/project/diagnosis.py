"""The section `diagnosis`: what to compare, how to take it apart, and the whys."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Column, Section, When, Window
from opsbook.project.peers import Peers
from opsbook.project.whys import FormulaText, Why, formula_columns, tree_faults

Comparison = Literal["before", "last_year", "benchmark"]


class Benchmark(Section):
    """Another business, or a plan, to hold the formula against."""

    name: str = Field(min_length=1, description="Whose figures they are, and from where.")
    columns: dict[Column, float] = Field(
        min_length=1, description="Column of the formula → its figure over there."
    )


class FunnelStep(Section):
    """One step of the customer's journey."""

    name: str = Field(min_length=1, description="What the reader calls the step.")
    people: FormulaText = Field(
        description="Column that counts those who reached it, or columns added and subtracted."
    )
    touchpoint: Literal["first_conversion", "frequent_use", "churn_risk"] | None = Field(
        None, description="Class of the touchpoint."
    )
    pain: str = Field("", description="What hurts the customer here.")
    expectation: str = Field("", description="What the customer expects here.")


class FunnelSection(Section):
    """The customer's journey, step by step, in the window `after`."""

    steps: tuple[FunnelStep, ...] = Field(min_length=2, description="The steps in their order.")
    value_per_person: float | None = Field(
        None, ge=0, description="Money that one person at the last step brings."
    )
    currency: str = Field("CNY", description="Currency of that money.")
    by: tuple[Column, ...] = Field((), description="Dimensions to show it by: channel, user group.")


class OpenHours(Section):
    """When the business is open: only these hours count as waiting or work."""

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(
        (1, 2, 3, 4, 5), min_length=1, description="Days of the week, 1 is Monday."
    )
    opens: float = Field(9, ge=0, lt=24, description="Hour at which it opens.")
    closes: float = Field(
        18,
        gt=0,
        le=24,
        description="Hour at which it closes; if that is before it opens, on the next day: the "
        "night belongs to the day on which it starts.",
    )
    holidays: tuple[When, ...] = Field((), description="Days without work.")
    workdays: tuple[When, ...] = Field((), description="Days with work whatever their weekday.")

    @model_validator(mode="after")
    def _is_open_on_some_day(self) -> Self:
        if self.opens == self.closes:
            raise ValueError(
                f"opens and closes are both {self.opens:g}; leave open_hours out for round the "
                "clock, or write 0 and 24 for whole days"
            )
        return self


class FlowSection(Section):
    """How the event log of data.process is to be read."""

    open_hours: OpenHours | None = Field(
        None, description="Hours that count; left out: round the clock."
    )
    value_added: dict[str, bool] = Field(
        {}, description="Step → whether the customer would pay for it."
    )
    ecrs: dict[str, Literal["eliminate", "combine", "rearrange", "simplify", "automate"]] = Field(
        {}, description="Step → what could be done with it."
    )


class DiagnosisSection(Section):
    """Stage 2: where exactly, why, and is it proven?"""

    module: str = Field("", description="The process or page the problem sits in (form 2-2).")
    before: Window = Field(description="The period that was still good.")
    after: Window = Field(description="The period that was not.")
    formula: FormulaText | None = Field(
        None,
        description="How the metric comes about, over columns of the table; its change is laid "
        "over every part. Column names with blanks stand between backticks.",
        examples=["late = (n_carrier + n_nas) / flights"],
    )
    against: tuple[Comparison, ...] = Field(
        ("before",),
        min_length=1,
        description="What the formula is held against: the window before, the same periods a "
        "year earlier, the benchmark.",
    )
    benchmark: Benchmark | None = Field(None, description="Figures to hold the formula against.")
    split: Literal["lmdi", "shapley"] = Field(
        "lmdi",
        description="How products and quotients of the formula share a change: by the "
        "logarithmic mean index, or by Shapley.",
    )
    cut_by: Column | None = Field(
        None, description="Dimension by which the change of every part of the formula is cut."
    )
    causes: tuple[Column, ...] = Field(
        (), description="Columns that add up to a part of the ratio: the change is split by them."
    )
    causes_add_up_to: Literal["numerator", "loss"] = Field(
        "numerator",
        description="What the causes add up to: the numerator, or the loss, which is the "
        "denominator less the numerator.",
    )
    segments: tuple[Column, ...] = Field(
        (), description="Dimensions to split the change by, into rate and mix."
    )
    slices: tuple[Column, ...] | None = Field(
        None,
        description="Dimensions to search for slices that explain the change; left out: all that "
        "data.kpi.focus does not fix.",
    )
    peers: Peers | None = Field(None, description="Units to hold the change against.")
    funnel: FunnelSection | None = Field(None, description="The customer's journey.")
    flow: FlowSection = Field(FlowSection(), description="Reading of the event log.")
    quotes: int = Field(
        2, ge=0, le=10, description="Customers' words to quote for each of the largest topics."
    )
    names: tuple[str, ...] = Field(
        (), description="Names on file to take out of quoted words, beside those recognised."
    )
    whys: tuple[Why, ...] = Field((), description="The chain of whys with its evidence.")
    whys_join: Literal["or", "and"] = Field(
        "or", description="How the first answers join: each a cause of its own, or all needed."
    )

    @property
    def columns(self) -> dict[str, str]:
        """Field → column of the KPI table, for every column to sum."""
        named = {f"causes.{i}": column for i, column in enumerate(self.causes)}
        if self.formula is not None:
            named |= formula_columns("formula", self.formula)
        for i, step in enumerate(self.funnel.steps if self.funnel else ()):
            named |= formula_columns(f"funnel.steps.{i}.people", step.people)
        for i, why in enumerate(self.whys):
            named |= why.columns(f"whys.{i}")
        return named

    @property
    def dimensions(self) -> list[tuple[tuple[str | int, ...], str]]:
        """(Place in this section, dimension) for every dimension that is named."""
        used: list[tuple[tuple[str | int, ...], str]] = []
        used += [(("cut_by",), self.cut_by)] if self.cut_by else []
        used += [(("segments", i), name) for i, name in enumerate(self.segments)]
        used += [(("slices", i), name) for i, name in enumerate(self.slices or ())]
        if self.funnel:
            used += [(("funnel", "by", i), name) for i, name in enumerate(self.funnel.by)]
        for i, why in enumerate(self.whys):
            used += [(("whys", i, "evidence"), name) for name in why.dimensions]
        return used

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if fault := tree_faults(self.whys):
            raise ValueError(fault)
        if self.before.end.last >= self.after.start.first:
            raise ValueError("before and after overlap; before must end first")
        alone = "cut_by" if self.cut_by else "against" if set(self.against) - {"before"} else ""
        if alone and self.formula is None:
            raise ValueError(f"{alone}: needs a formula")
        if "benchmark" in self.against and self.benchmark is None:
            raise ValueError("against: names the benchmark, but benchmark is left out")
        if self.benchmark is not None and self.formula is not None:
            named = formula_columns("", self.formula).values()
            if missing := [c for c in named if c not in self.benchmark.columns]:
                raise ValueError(f"benchmark.columns lacks '{missing[0]}', which the formula names")
        for why in self.whys:
            for evidence in why.evidence:
                if getattr(evidence, "beyond_peers", False) and self.peers is None:
                    raise ValueError(
                        f"whys: '{why.id}' is tested beyond the peers, but diagnosis.peers is "
                        "left out"
                    )
        return self
