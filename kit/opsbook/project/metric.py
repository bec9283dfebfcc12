"""The section `metric`: what is measured, which way is better, what must not get worse."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Amount, Column, Section

MetricKind = Literal["share", "rate", "mean", "sum", "quantile"]


class Metric(Section):
    """A figure computed per period from columns of the KPI table."""

    name: str = Field(min_length=1, description="What the reader calls it.")
    definition: str = Field("", description="One sentence that leaves no doubt what is counted.")
    kind: MetricKind = Field(
        "share",
        description="share: numerator / denominator, both counts, shown as %. rate: events per "
        "exposure, times `per`. mean: mean of `value` over rows. sum: total of `value`. quantile: "
        "the time of `value` that `quantile` of the rows do not exceed, one row a case; over "
        "several periods the mean of theirs, weighted by cases.",
    )
    numerator: Column | None = Field(None, description="Column summed above the line.")
    denominator: Column | None = Field(None, description="Column summed below the line.")
    value: Column | None = Field(None, description="Column of a mean, a sum or a quantile.")
    quantile: Amount | None = Field(
        None,
        gt=0,
        lt=1,
        description="Which quantile: 50% for P50, half of the cases; 90% for P90.",
        examples=["90%"],
    )
    per: float = Field(1, gt=0, description="A rate is shown per so many, 1000 for instance.")
    unit: str = Field(
        "", description="Unit of a rate, mean, sum or quantile: minutes, orders, CNY."
    )
    better: Literal["higher", "lower"] = Field(description="Which direction is an improvement.")
    target: Amount | None = Field(
        None, description="The figure to reach, in the metric's unit.", examples=["20%"]
    )

    @model_validator(mode="after")
    def _columns_fit_the_kind(self) -> Self:
        needed = {"share": "numerator and denominator", "rate": "numerator and denominator"}
        if self.kind in needed:
            if self.numerator is None or self.denominator is None:
                raise ValueError(f"a {self.kind} needs {needed[self.kind]}")
            if self.value is not None:
                raise ValueError(f"a {self.kind} has no 'value'; give {needed[self.kind]} only")
        elif self.value is None:
            raise ValueError(f"a {self.kind} needs 'value', the column to take it of")
        elif self.numerator is not None or self.denominator is not None:
            raise ValueError(f"a {self.kind} has no numerator or denominator; give 'value' only")
        if self.kind == "quantile" and self.quantile is None:
            raise ValueError("a quantile needs 'quantile', such as 90% for P90")
        if self.kind != "quantile" and self.quantile is not None:
            raise ValueError(f"a {self.kind} has no 'quantile'; write kind: quantile, or drop it")
        if self.kind == "share" and self.target is not None and not 0 <= self.target <= 1:
            raise ValueError(
                f"the target of a share lies between 0 and 1 (got {self.target}); "
                "write 0.2 or 20% for twenty per cent"
            )
        if self.kind == "rate" and self.target is not None and self.target < 0:
            raise ValueError(f"the target of a rate lies at 0 or above (got {self.target:g})")
        return self

    @property
    def value_unit(self) -> str:
        """Unit of a value of this metric."""
        return "share" if self.kind == "share" else self.unit

    @property
    def change_unit(self) -> str:
        """Unit of a difference of two values; of shares it is percentage points."""
        return "points" if self.kind == "share" else self.unit

    @property
    def columns(self) -> dict[str, str]:
        """Field → column, for the columns that this metric sums."""
        named = {"numerator": self.numerator, "denominator": self.denominator, "value": self.value}
        return {field: column for field, column in named.items() if column is not None}


class Guardrail(Metric):
    """A metric that the change must not harm."""

    margin: Amount = Field(
        ge=0, description="How much worse it may get before that counts as harm, in its unit."
    )


class MetricSection(Metric):
    """What the project wants to move, and what it must not harm on the way."""

    guardrails: tuple[Guardrail, ...] = Field(
        (), description="Metrics that the change must not harm."
    )
