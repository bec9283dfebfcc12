"""An example for each field of the params: from a params file that runs, where one has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from opsbook.places import SHIPPED
from opsbook.project.base import When
from opsbook.project.yaml_lines import read_yaml

#: Longer examples are no help in a table.
LONGEST = 70
#: Fields of which the commented examples have none, by name or by section and name.
OTHERS = {
    "query": "SELECT day, orders, late FROM sales",
    "table": "shop.daily_orders",
    "sheet": "Orders",
    "encoding": "gb18030",
    "delimiter": '";"',
    "data.kpi.decimal": '","',
    "header_line": "3",
    "upper_header": "store",
    "blanks": '["--", "n/a"]',
    "key": "[day, store]",
    "filter": "{ member: true }",
    "where": "{ channel: online }",
    "rules": "[misses, limits, cusum]",
    "start_afresh": "[2024-07]",
    "against": "[before, last_year]",
    "value_added": "{ pick: true, wait: false }",
    "slice": "{ channel: paid }",
    "launches": "{ Leeds: 2025-03 }",
    "only": "[York, Bath]",
    "exclude": "[London]",
    "holidays": "[2025-12-25]",
    "workdays": "[2025-10-11]",
    "value": "minutes",
    "trigger.targets[].value": "18%",
    "definition": "Orders returned ÷ orders, by the day of the order.",
    "per": "1000",
    "unit": "minutes",
    "minimum_periods": "26",
    "drop": "0.15",
    "name": "Share of late orders",
    "diagnosis.benchmark.name": "Industry report 2024",
    "diagnosis.benchmark.columns": "{ visitors: 1000, orders: 120 }",
    "numerator": "late",
    "denominator": "orders",
    "misses": "4",
    "of": "6",
    "locked": "26",
    "ramp": "[2%, 4%, 6%]",
    "cut_by": "channel",
    "causes": "[n_carrier, n_weather]",
    "slices": "[channel, device]",
    "names": "[Ann Lee]",
    "diagnosis.flow.open_hours.days": "[1, 2, 3, 4, 5, 6]",
    "opens": "8",
    "closes": "20.5",
    "contribution": "-1%",
    "prediction": "Most of those asked name it themselves.",
    "at_least": "0.3",
    "cause": "n_weather",
    "measure": "lost = left / visitors",
    "cases": "left",
    "out_of": "visitors",
    "hard_budget": "50000",
    "deadline_weeks": "26",
    "extra_budget": "10000",
    "exclusives": "[[mend, replace]]",
    "seed": "7",
    "weight": "40",
    "at": "20000",
    "points": "60",
    "meaning": "Others in the trade have done it.",
    "harms": "[Share of orders returned]",
    "running_cost": "{ low: 1000, mode: 2000, high: 4000 }",
    "requires": "[train]",
    "raters": "{ Li: 7, Wang: 8 }",
    "severity": "7",
    "occurrence": "4",
    "detection": "3",
    "observed": "2.1",
    "probability": "0.4",
    "impact": "4",
    "title": "Search adverts",
    "cost": "60000",
    "benefit": "41000",
    "hourly_cost": "35",
    "days_per_year": "250",
    "least_per_day": "20",
    "times_per_day": "40",
    "minutes": "6",
    "error_rate": "5%",
    "build_cost": "12000",
    "solutions.automation.tasks[].running_cost": "600",
    "saved_share": "80%",
    "start": "2025-03-03",
    "as_of": "2025-03-31",
    "due": "2025-03-21",
    "id": "build",
    "owner": "Ann Lee",
    "helpers": "[Li, Wang]",
    "deliverable": "Accepted by the payment team",
    "days": "14",
    "after": "[build]",
    "share": "20%",
    "rollback": "Returns over 10 % for two weeks",
    "daily_volume": "1200",
    "baseline": "9%",
    "sd": "4.2",
    "design_effect": "1.5",
    "power": "0.9",
    "effect.before": "{ from: 2024-W40, to: 2025-W08 }",
    "effect.after": "{ from: 2025-W11, to: 2025-W22 }",
    "design_reason": "The other shops changed their prices.",
    "path": "data/users.csv",
    "arm": "variant",
    "control": "old page",
    "treatment": "new page",
    "effect.experiment.value": "orders",
    "effect.experiment.denominator": "sessions",
    "quantile": "0.9",
    "covariate": "orders_before",
    "covariate_denominator": "sessions_before",
    "planned": "[1, 1]",
    "users": "3407",
    "successes": "512",
    "total": "1396.87",
    "squares": "52377.98",
    "per_case": "18",
    "currency": "EUR",
    "yellow": "1",
    "red": "2",
    "review_weeks": "[4, 12, 26]",
    "rollback_at": "8%",
    "forecast": "1.5%",
    "measured": "1.2%",
}


def example(path: str, model: type[BaseModel], name: str, info: FieldInfo) -> str:
    """An example of a field as YAML, or nothing.

    Args:
        path: The section's path, such as ``data.events[]``.
        model: The section.
        name: The field, as a file has it.
        info: The field.
    """
    if info.examples:
        return _yaml(info.examples[0])
    kind = model.model_fields.get("kind")
    wanted = _choices(kind.annotation) if kind else ()
    for section in _sections(path):
        if name in section and (len(wanted) != 1 or section.get("kind") == wanted[0]):
            text = _yaml(section[name])
            if len(text) <= LONGEST:
                return text
    told = OTHERS.get(f"{path}.{name}")
    if told or _is_several(info.annotation):
        return told or OTHERS.get(name, "")
    choices = [choice for choice in _choices(info.annotation) if choice != info.default]
    if choices:
        return str(choices[-1])
    if _holds(info.annotation, bool):
        return "false" if info.default is True else "true"
    if _holds(info.annotation, When):
        return "2025-03"
    return OTHERS.get(name, "")


@cache
def _files() -> tuple[dict[str, Any], ...]:
    folder = SHIPPED / "params" / "examples"
    files = sorted(folder.glob("*.yaml"))
    return tuple(read_yaml(file.read_text(encoding="utf-8"))[0] for file in files)


def _sections(path: str) -> Iterator[dict[str, Any]]:
    """Every mapping that stands at a path of the examples."""
    found: list[Any] = list(_files())
    for part in path.split("."):
        inside = [one[part.removesuffix("[]")] for one in found if part.removesuffix("[]") in one]
        found = [
            one
            for value in inside
            for one in (value if isinstance(value, list) else [value])
            if isinstance(one, dict)
        ]
    yield from found


def _is_several(annotation: Any) -> bool:
    """Whether a field is a list or a mapping, or may be left out and is one."""
    return get_origin(annotation) in {tuple, dict} or any(map(_is_several, get_args(annotation)))


def _choices(annotation: Any) -> tuple[Any, ...]:
    """The choices of a field, whether it may be left out or is a list of them."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for a in get_args(annotation) if (found := _choices(a))), ())


def _holds(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_holds(a, wanted) for a in get_args(annotation))


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
