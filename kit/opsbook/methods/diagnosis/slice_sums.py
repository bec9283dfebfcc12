"""Which slice has the most evidence for the fewest words, once what is explained is taken out?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import comb, log, prod

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_cube import (
    Conditions,
    Floats,
    Ints,
    SliceCube,
    combine_keys,
)
from opsbook.methods.diagnosis.slice_pool import Pool

EXACT_LEAVES = 500_000  # above this many leaves the sums are kept in single precision
_TIE = 1e-7
_LEAVES_PER_CELL = 8.0  # slices of fewer leaves on average are not pooled


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A slice that may be claimed.

    Attributes:
        conditions: (dimension, code) pairs; none for the grand total.
        net: Evidence (log-likelihood ratio) less the cost of naming the slice.
        cost: The cost of naming it.
        purity: Share of its leaves' votes that agree with the change, 0 to 1.
        pooled: Whether the leaves say it only together.
    """

    conditions: Conditions
    net: float
    cost: float
    purity: float
    pooled: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cuboid:
    """Sums of one cuboid: of the scores, of the votes for and of those against a change.

    Dense sums keep every axis of the cube (length 1 where summed); sparse ones are flat, with
    the cell of each leaf and the first leaf of each cell. `named` counts the cells that held any
    evidence to begin with.
    """

    fixed: tuple[int, ...]
    sums: tuple[Floats, ...]
    cost: float
    named: int
    cell_of_leaf: Ints | None = None
    first_leaf: Ints | None = None


class SliceSums:
    """Leaf scores added up over every slice of a cube; a slice can be taken out.

    Naming a slice costs the logarithm of the number of slices that it was chosen from: those
    of its cuboid that hold any evidence, times the cuboids of its level, times the levels.
    Then, by the union bound for likelihood ratios, chance alone lifts the best net score
    above log(1 / alpha) with a probability of alpha at most.

    Args:
        cube: The leaves.
        score: Evidence of each leaf for a change (negative: against), shape (n_leaves,).
        vote: The largest say of a single leaf in the purity of a slice.
        per_condition: What each condition costs on top.
        aside: Leaves that moved the other way, shape (n_leaves,): they count against a slice,
            but they do not make a part of it unmoved.
        pool: A second opinion on slices of many leaves: see `ask`.
    """

    def __init__(
        self,
        cube: SliceCube,
        score: Floats,
        *,
        vote: float,
        per_condition: float = 0.0,
        aside: NDArray[np.bool_] | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.cube = cube
        self._per_condition = per_condition
        self._aside = np.zeros(cube.n_leaves, bool) if aside is None else aside
        exact = cube.n_leaves <= EXACT_LEAVES
        score = score.astype(np.float64 if exact else np.float32, copy=True)
        self._pool = pool
        self._leaves: tuple[Floats, ...] = (
            score,
            np.clip(score, 0.0, vote),
            np.clip(-score, 0.0, vote),
        )
        self._most_cells = np.count_nonzero(score) / _LEAVES_PER_CELL
        self._pooled: dict[tuple[int, ...], Floats] = {}
        cuboids = self._dense() if cube.codes is None else self._sparse(cube.codes)
        self._cuboids = {cuboid.fixed: cuboid for cuboid in cuboids}
        self._passed_over: dict[tuple[int, ...], list[int]] = {}
        if pool is not None:
            self.ask(pool)

    def ask(self, pool: Pool) -> None:
        """Hear a second opinion on slices of many leaves, from now on.

        It counts where it is the stronger one, or where the leaves' votes do not agree.

        Args:
            pool: Amounts of the leaves; 0 for those that are taken out.
        """
        self._pool = pool
        self._pooled.clear()
        amounts = tuple(x.astype(self._leaves[0].dtype) for x in pool.leaves)
        self._leaves = (*self._leaves[:3], *amounts)
        shape = self.cube.shape
        done: dict[tuple[int, ...], tuple[Floats, ...]] = {}
        if self.cube.codes is None:
            done[tuple(range(len(shape)))] = tuple(x.reshape(shape) for x in amounts)
        for fixed, cuboid in self._cuboids.items():
            if cuboid.sums[0].size > self._most_cells:
                continue
            sums: tuple[Floats, ...]
            if cuboid.cell_of_leaf is not None:
                sums = tuple(_totals(cuboid.cell_of_leaf, x) for x in amounts)
            else:
                sums = _summed(done, fixed)
                done[fixed] = sums
            self._cuboids[fixed] = replace(cuboid, sums=(*cuboid.sums[:3], *sums))

    @property
    def leaf_cost(self) -> float:
        """What it costs to name a leaf; infinite in cubes too deep to be searched that far."""
        leaves = self._cuboids.get(tuple(range(len(self.cube.shape))))
        return np.inf if leaves is None else leaves.cost

    def best(self, least_purity: float, *, refuted: float, most: float) -> Candidate:
        """Find the slice with the highest net score among those pure enough.

        Args:
            least_purity: Least share of a slice's votes that agree with the change.
            refuted: Evidence against a change, beyond the cost of naming the part, from which
                a part counts as unmoved.
            most: Share of unmoved parts along a dimension beyond which a slice is passed over
                for good.

        Equal scores go to the slice with fewer conditions, then to the one whose values are
        the more common: neither order nor names decide.
        """
        while True:
            top = self._top(least_purity)
            if top is None:
                return Candidate(conditions=(), net=-np.inf, cost=0.0, purity=0.0)
            candidate, cuboid, index = top
            if candidate.net <= 0 or not self._is_mixed(cuboid, index, refuted, most):
                return candidate
            self._passed_over.setdefault(cuboid.fixed, []).append(index)

    def _top(self, least_purity: float) -> tuple[Candidate, _Cuboid, int] | None:
        found: list[tuple[float, _Cuboid, int, bool]] = []
        ratio = least_purity / (1.0 - least_purity) if least_purity < 1.0 else np.inf
        for cuboid in self._cuboids.values():
            evidence, agree, differ = (x.ravel() for x in cuboid.sums[:3])
            pooled: NDArray[np.bool_] | None = None
            if self._pool is not None and len(evidence) <= self._most_cells:
                weighed = self._weighed(cuboid, self._pool)
                pooled = (weighed > evidence) | (agree < differ * ratio)
                evidence = np.where(pooled, weighed, evidence)
            index = int(np.argmax(evidence))
            if evidence[index] <= cuboid.cost:
                continue
            passed = self._passed_over.get(cuboid.fixed, [])
            if index in passed or (pooled is None and agree[index] < differ[index] * ratio):
                eligible = (
                    np.ones(len(evidence), bool) if pooled is not None else agree >= differ * ratio
                )
                eligible[passed] = False
                index = int(np.argmax(np.where(eligible, evidence, -np.inf)))
                if not eligible[index] or evidence[index] <= cuboid.cost:
                    continue
            if agree[index] + differ[index] > 0:
                together = pooled is not None and bool(pooled[index])
                found.append((float(evidence[index]) - cuboid.cost, cuboid, index, together))
        if not found:
            return None
        best = max(net for net, *_ in found)
        ties = [f for f in found if f[0] >= best - _TIE * (1.0 + abs(best))]
        named = [(f, self._name(f[1], f[2])) for f in ties]
        fewest = min(len(conditions) for _, conditions in named)
        named = [x for x in named if len(x[1]) == fewest]
        if len(named) > 1:
            named.sort(key=lambda x: sorted(self._leaf_counts(x[1]), reverse=True), reverse=True)
        (net, cuboid, index, together), conditions = named[0]
        votes_for, votes_against = (float(x.ravel()[index]) for x in cuboid.sums[1:3])
        candidate = Candidate(
            conditions=conditions,
            net=net,
            cost=cuboid.cost,
            purity=min(votes_for / (votes_for + votes_against), 1.0),
            pooled=together,
        )
        return candidate, cuboid, index

    def _weighed(self, cuboid: _Cuboid, pool: Pool) -> Floats:
        if cuboid.fixed not in self._pooled:
            self._pooled[cuboid.fixed] = pool.evidence(tuple(x.ravel() for x in cuboid.sums[3:]))
        return self._pooled[cuboid.fixed]

    def _is_mixed(self, cuboid: _Cuboid, index: int, refuted: float, most: float) -> bool:
        free = [j for j in range(len(self.cube.shape)) if j not in cuboid.fixed]
        for score, *pooled in self._parts(cuboid, index, free):
            least = refuted + log(len(free) * len(score))
            quiet = score < -least
            if self._pool is not None:
                quiet &= self._pool.unmoved(tuple(pooled), least)
            unmoved = np.count_nonzero(quiet)
            if unmoved > most * np.count_nonzero(score):
                return True
        return False

    def _parts(self, cuboid: _Cuboid, index: int, free: list[int]) -> Iterator[tuple[Floats, ...]]:
        """Scores and pooled amounts of a slice's parts along each free dimension.

        Scores are without the leaves aside.
        """
        summed = (self._leaves[0], *self._leaves[3:])
        if self.cube.codes is not None and cuboid.cell_of_leaf is not None:
            inside = np.flatnonzero(cuboid.cell_of_leaf == index)
            spoken = [x[inside] for x in summed]
            spoken[0] = spoken[0] * ~self._aside[inside]
            for j in free:
                yield tuple(_totals(self.cube.codes[inside, j], x) for x in spoken)
            return
        shape = self.cube.shape
        where = np.unravel_index(index, cuboid.sums[0].shape)
        at = tuple(slice(None) if j in free else where[j] for j in range(len(where)))
        blocks = [x.reshape(shape)[at] for x in summed]
        blocks[0] = blocks[0] * ~self._aside.reshape(shape)[at]
        for axis in range(blocks[0].ndim):
            others = tuple(other for other in range(blocks[0].ndim) if other != axis)
            yield tuple(block.sum(axis=others) for block in blocks)

    def shortened(self, conditions: Conditions, live: NDArray[np.bool_]) -> Conditions:
        """Name a slice by as few conditions as hold the same leaves.

        Of all conditions that its leaves share, those are dropped first whose dimensions split
        the cells of the others least: in a sparse table a dimension that does not matter follows
        from the others throughout.

        Args:
            conditions: The slice.
            live: Leaves that count, shape (n_leaves,).
        """
        count = partial(self.cube.count, leaves=live)
        held = count(conditions)
        if not held:
            return conditions
        first = int(np.argmax(self.cube.members(conditions) & live))
        shared = [c for c in self.cube.name(first) if count((*conditions, c)) == held]
        kept = {self.cube.dimensions.index(c[0]): c for c in shared}
        split = {at: self._cuboids.get(tuple(sorted(kept.keys() - {at}))) for at in kept}
        for at in sorted(split, key=lambda at: -(c.named if (c := split[at]) else 0)):
            fewer = tuple(c for other, c in kept.items() if other != at)
            if count(fewer) == held:
                del kept[at]
        return tuple(kept.values()) if len(kept) <= len(conditions) else conditions

    def pass_over(self, conditions: Conditions) -> None:
        """Do not name a slice any more; its leaves still count for others."""
        code_at = {self.cube.dimensions.index(d): code for d, code in conditions}
        cuboid = self._cuboids[tuple(sorted(code_at))]
        if cuboid.cell_of_leaf is not None:
            index = int(cuboid.cell_of_leaf[np.argmax(self.cube.members(conditions))])
        else:
            at = [code_at.get(j, 0) for j in range(len(self.cube.shape))]
            index = int(np.ravel_multi_index(at, cuboid.sums[0].shape))
        self._passed_over.setdefault(cuboid.fixed, []).append(index)

    def take_out(self, conditions: Conditions) -> None:
        """Remove the leaves of a slice from all sums."""
        self._pooled.clear()
        if self.cube.codes is not None:
            self._take_out_leaves(self.cube.members(conditions))
            return
        code_at = {self.cube.dimensions.index(d): code for d, code in conditions}
        axes = range(len(self.cube.shape))
        block = tuple(
            slice(code_at[j], code_at[j] + 1) if j in code_at else slice(None) for j in axes
        )
        taken = [x.reshape(self.cube.shape)[block].copy() for x in self._leaves]
        for cuboid in self._cuboids.values():
            fixed = cuboid.fixed
            free = tuple(j for j in axes if j not in fixed)
            here = tuple(block[j] if j in fixed else slice(None) for j in axes)
            for sums, part in zip(cuboid.sums, taken, strict=False):  # fine ones have no pools
                sums[here] -= part.sum(axis=free, keepdims=True)
        for leaves in self._leaves[3:]:
            leaves.reshape(self.cube.shape)[block] = 0.0

    def _take_out_leaves(self, mask: NDArray[np.bool_]) -> None:
        for cuboid in self._cuboids.values():
            assert_cells = cuboid.cell_of_leaf
            if assert_cells is None:
                continue
            for sums, leaves in zip(cuboid.sums, self._leaves, strict=False):
                np.subtract.at(sums, assert_cells[mask], leaves[mask])
        for leaves in self._leaves:
            leaves[mask] = 0.0

    def _dense(self) -> Iterator[_Cuboid]:
        shape = self.cube.shape
        done: dict[tuple[int, ...], tuple[Floats, ...]] = {}
        for fixed in self.cube.cuboids():
            parents = [(tuple(sorted((*fixed, j))), j) for j in range(len(shape)) if j not in fixed]
            if parents:
                parent, free = min(parents, key=lambda p: done[p[0]][0].size)
                sums = tuple(_collapsed(x, free) for x in done[parent])
            else:
                sums = tuple(x.reshape(shape) for x in self._leaves)
            done[fixed] = sums
            named = _named(sums)
            yield _Cuboid(fixed=fixed, sums=sums, cost=self._cost(fixed, named), named=named)

    def _sparse(self, codes: Ints) -> Iterator[_Cuboid]:
        for fixed in self.cube.cuboids():
            keys = combine_keys([codes[:, j] for j in fixed], [self.cube.shape[j] for j in fixed])
            if not fixed:
                keys = np.zeros(self.cube.n_leaves, np.int64)
            _, first, cell = np.unique(keys, return_index=True, return_inverse=True)
            cell = cell.ravel().astype(np.int32)
            sums = tuple(_totals(cell, x) for x in self._leaves)
            named = _named(sums)
            yield _Cuboid(
                fixed=fixed,
                sums=sums,
                cost=self._cost(fixed, named),
                named=named,
                cell_of_leaf=cell,
                first_leaf=first,
            )

    def _cost(self, fixed: tuple[int, ...], named: int) -> float:
        levels = len(self.cube.dimensions)
        choices = log(max(named, 1)) + log(comb(levels, len(fixed))) + log(levels + 1)
        return choices + self._per_condition * len(fixed)

    def _name(self, cuboid: _Cuboid, index: int) -> Conditions:
        codes: list[int]
        if cuboid.first_leaf is not None and self.cube.codes is not None:
            leaf = self.cube.codes[cuboid.first_leaf[index]]
            codes = [int(leaf[j]) for j in cuboid.fixed]
        else:
            where = np.unravel_index(index, cuboid.sums[0].shape)
            codes = [int(where[j]) for j in cuboid.fixed]
        return tuple((self.cube.dimensions[j], c) for j, c in zip(cuboid.fixed, codes, strict=True))

    def _leaf_counts(self, conditions: Conditions) -> list[int]:
        live = (self._leaves[1] > 0) | (self._leaves[2] > 0)
        return [int(np.count_nonzero(live & self.cube.members((c,)))) for c in conditions]


def _named(sums: tuple[Floats, ...]) -> int:
    """Number of cells that hold any evidence."""
    return int(np.count_nonzero((sums[1] > 0) | (sums[2] > 0)))


def _totals(cells: Ints, values: Floats) -> NDArray[np.float64]:
    """Sum of the values per cell, numbered from 0."""
    return np.asarray(np.bincount(cells, weights=values), np.float64)


def _summed(
    done: dict[tuple[int, ...], tuple[Floats, ...]], fixed: tuple[int, ...]
) -> tuple[Floats, ...]:
    """Sums of a cuboid, axis by axis from the smallest one done that holds it."""
    parent = min((p for p in done if set(fixed) <= set(p)), key=lambda p: done[p][0].size)
    sums = done[parent]
    for axis in sorted(set(parent) - set(fixed), key=lambda a: -sums[0].shape[a]):
        sums = tuple(_collapsed(x, axis) for x in sums)
    return sums


def _collapsed(sums: Floats, axis: int) -> Floats:
    """Sum along an axis, which keeps a length of 1."""
    if prod(sums.shape[axis + 1 :]) > 1:
        return np.asarray(sums.sum(axis=axis, keepdims=True))
    length = sums.shape[axis]
    # Faster than a short sum; a matrix product would set BLAS's threads spinning.
    totals = np.einsum("ij->i", sums.reshape(-1, length))
    return np.asarray(totals.reshape(*sums.shape[:axis], 1, *sums.shape[axis + 1 :]))
