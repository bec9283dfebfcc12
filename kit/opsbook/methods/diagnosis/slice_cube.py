"""Which leaves belong to which slice, and what do their scores add up to?

A leaf is one combination of values of all dimensions, a slice fixes some of them (none: the
grand total), a cuboid holds all slices that fix the same dimensions. Dense cubes are summed by
reshaping, each cuboid from its cheapest parent; sparse ones by sorting, cuboid by cuboid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Conditions = tuple[tuple[int, int], ...]

MOST_CUBOIDS = 1024


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceCube:
    """The leaves of a cube, one entry each, in an order that depends on their codes alone.

    Attributes:
        cardinalities: Number of values of each dimension.
        dimensions: The dimensions that vary; only these can name a slice.
        n_rows: Number of input rows.
        leaf_of_row: Index of each row's leaf, shape (n_rows,); None where the rows are the
            leaves in their order.
        codes: Codes of each leaf, shape (n_leaves, n_dimensions); None where the cube is dense.
        n_leaves: Number of leaves, in a dense cube including those without a row.
    """

    cardinalities: tuple[int, ...]
    dimensions: tuple[int, ...]
    n_rows: int
    leaf_of_row: Ints | None
    codes: Ints | None
    n_leaves: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each dimension that varies."""
        return tuple(self.cardinalities[d] for d in self.dimensions)

    def total(self, values: Floats) -> NDArray[np.float64]:
        """Add up the rows of each leaf, shape (n_leaves,)."""
        if self.leaf_of_row is None:
            return np.array(values, np.float64)
        sums = np.bincount(self.leaf_of_row, weights=values, minlength=self.n_leaves)
        return np.asarray(sums, np.float64)

    def total_named(self, values: ArrayLike, name: str) -> NDArray[np.float64]:
        """Add up the rows of each leaf, refusing what is not one finite number per row."""
        array = np.asarray(values, float)
        if array.shape != (self.n_rows,):
            raise DataError(
                f"'{name}' has shape {array.shape}, but there are {self.n_rows} rows of codes.",
                "Pass one number per row.",
            )
        if not np.isfinite(array).all():
            raise DataError(
                f"'{name}' holds a value that is not finite.", "Drop or mend these rows."
            )
        return self.total(array)

    def members(self, conditions: Conditions) -> NDArray[np.bool_]:
        """Mark the leaves of a slice, shape (n_leaves,)."""
        if self.codes is None:
            mask = np.zeros(self.shape, bool)
            mask[self._block(conditions)] = True
            return mask.ravel()
        mask = np.ones(self.n_leaves, bool)
        for dimension, code in conditions:
            mask &= self.codes[:, self.dimensions.index(dimension)] == code
        return mask

    def count(self, conditions: Conditions, leaves: NDArray[np.bool_]) -> int:
        """Count the marked leaves of a slice."""
        if self.codes is None:
            return int(np.count_nonzero(leaves.reshape(self.shape)[self._block(conditions)]))
        return int(np.count_nonzero(leaves & self.members(conditions)))

    def _block(self, conditions: Conditions) -> tuple[slice | int, ...]:
        where: list[slice | int] = [slice(None)] * len(self.shape)
        for dimension, code in conditions:
            where[self.dimensions.index(dimension)] = code
        return tuple(where)

    def name(self, leaf: int) -> Conditions:
        """Name a leaf by its value of every dimension that varies."""
        if self.codes is None:
            codes = [int(code) for code in np.unravel_index(leaf, self.shape)]
        else:
            codes = [int(code) for code in self.codes[leaf]]
        return tuple(zip(self.dimensions, codes, strict=True))

    def total_along(
        self, dimension: int, leaves: NDArray[np.bool_], values: Floats
    ) -> NDArray[np.float64]:
        """Add up values of the marked leaves by their value of a dimension, shape (codes,)."""
        at = self.dimensions.index(dimension)
        marked = np.flatnonzero(leaves)
        if self.codes is None:
            codes = marked // prod(self.shape[at + 1 :]) % self.shape[at]
        else:
            codes = self.codes[marked, at]
        sums = np.bincount(codes, weights=values, minlength=self.shape[at])
        return np.asarray(sums, np.float64)

    def cuboids(self) -> Iterator[tuple[int, ...]]:
        """Positions (in `dimensions`) that each cuboid fixes, the grand total last.

        Cubes of more than ten dimensions are searched only as deep as 1,024 cuboids reach.
        """
        n = len(self.dimensions)
        depth, count = 0, 1
        while depth < n and count + comb(n, depth + 1) <= MOST_CUBOIDS:
            depth += 1
            count += comb(n, depth)
        for level in range(depth, -1, -1):
            yield from combinations(range(n), level)


def slice_cube(codes: ArrayLike) -> SliceCube:
    """Sort rows into the leaves of a cube.

    Args:
        codes: Values of each row as whole numbers from 0, shape (n_rows, n_dimensions).

    Raises:
        DataError: If codes are not a table of whole numbers from 0, or there is no row.

    Examples:
        >>> cube = slice_cube([[0, 1], [1, 0], [0, 1]])
        >>> cube.total(np.array([1.0, 5.0, 2.0])).tolist()
        [0.0, 3.0, 5.0, 0.0]
    """
    table = np.asarray(codes)
    if table.ndim != 2 or table.dtype.kind not in "iu":
        raise DataError(
            f"codes must be whole numbers of shape (rows, dimensions); got {table.dtype} of"
            f" shape {table.shape}.",
            "Factorise the dimension columns first.",
        )
    if not table.size:
        raise DataError("There is no row to search for slices.", "Check the filter of the data.")
    if table.min() < 0:
        raise DataError(
            f"codes hold the negative value {table.min()}.",
            "Give missing values a code of their own.",
        )
    cardinalities = tuple(int(table[:, j].max()) + 1 for j in range(table.shape[1]))
    varying = tuple(
        j for j in range(table.shape[1]) if cardinalities[j] > 1 and np.ptp(table[:, j]) > 0
    )
    shape = [cardinalities[j] for j in varying]
    few = 2 ** len(shape) <= MOST_CUBOIDS
    if few and prod(c + 1 for c in shape) <= 16 * len(table) + 4096:
        keys = np.zeros(len(table), np.int64)
        for j in varying:
            keys *= cardinalities[j]
            keys += table[:, j]
        in_order = len(keys) == prod(shape) and bool((np.diff(keys) == 1).all())
        return SliceCube(
            cardinalities=cardinalities,
            dimensions=varying,
            n_rows=len(table),
            leaf_of_row=None if in_order else keys,
            codes=None,
            n_leaves=prod(shape),
        )
    _, first, leaf = np.unique(
        combine_keys([table[:, j] for j in varying], shape), return_index=True, return_inverse=True
    )
    return SliceCube(
        cardinalities=cardinalities,
        dimensions=varying,
        n_rows=len(table),
        leaf_of_row=leaf.ravel(),
        codes=table[first][:, list(varying)],
        n_leaves=len(first),
    )


def combine_keys(columns: list[Ints], shape: list[int]) -> NDArray[np.int64]:
    """Number the combinations of the columns, in their order; compressed where 64 bits are few."""
    keys = np.zeros(len(columns[0]) if columns else 1, np.int64)
    radix = 1
    for column, cardinality in zip(columns, shape, strict=True):
        if radix * cardinality >= 2**62:
            keys = np.unique(keys, return_inverse=True)[1].ravel()
            radix = int(keys.max()) + 1
        keys = keys * cardinality + column
        radix *= cardinality
    return keys
