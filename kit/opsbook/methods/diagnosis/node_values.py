"""The value of every node of a formula."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import Array
from opsbook.methods.diagnosis.formula import Node


def node_values(
    root: Node,
    columns: Mapping[str, Array],
    names: tuple[str, ...] | None = None,
    period: str = "now",
) -> dict[Node, Array]:
    """Give the value of every node of a formula in one period.

    Args:
        root: The formula's tree.
        columns: The columns' values, each of shape (1,) or (n_segments,).
        names: The segments' names, to evaluate the formula in each; if left out, columns are
            summed over segments first and there is one value.
        period: Name of the period, for messages.

    Returns:
        Node to values, shape (1,) or (n_segments,).

    Raises:
        DataError: If a node divides by zero or grows past the largest number.

    Examples:
        >>> from opsbook.methods.diagnosis.formula import formula
        >>> root = formula("late / flights").root
        >>> node_values(root, {"late": np.array([2.0, 3]), "flights": np.array([5.0, 15])})[root]
        array([0.25])
    """
    rows = 1 if names is None else len(names)
    values: dict[Node, Array] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for node in reversed(list(root.walk())):
            if node.kind == "number":
                values[node] = np.full(rows, node.value)
            elif node.kind == "column" and names is None:
                values[node] = np.array([math.fsum(columns[node.column])])
            elif node.kind == "column":
                values[node] = np.broadcast_to(columns[node.column], rows)
            elif node.kind == "sum":
                values[node] = np.zeros(rows)
                for child, sign in zip(node.children, node.signs, strict=True):
                    values[node] = values[node] + sign * values[child]
            else:
                values[node] = _product(node, values, names, period)
    if not all(np.isfinite(value).all() for value in values.values()):
        raise DataError(
            f"'{root.text}' is too large to compute in period '{period}'.",
            "Measure the columns in larger units.",
        )
    return values


def _product(
    node: Node, values: Mapping[Node, Array], names: tuple[str, ...] | None, period: str
) -> Array:
    """Multiply and divide a node's factors; a division by zero is named by its place."""
    product = np.ones(1)
    for child, sign in zip(node.children, node.signs, strict=True):
        zero = values[child] == 0
        if sign < 0 and zero.any():
            where = "" if names is None else f", segment '{names[int(zero.argmax())]}'"
            raise DataError(
                f"'{node.text}' divides by '{child.text}', which is 0 in period '{period}'{where}.",
                "Choose periods that have data, or leave the segment out of both.",
            )
        product = product * values[child] if sign > 0 else product / values[child]
    return product
