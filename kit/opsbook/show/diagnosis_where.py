"""Where a change sits: the logic tree and the slices."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from html import escape
from typing import TYPE_CHECKING

from opsbook.results.logic_tree import LogicTree, Slice, SliceSearch, TreeNode
from opsbook.show.cells import amount, count, in_points, moved
from opsbook.show.reader import reader
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    Html,
    Picture,
    absent,
    bracketed,
    filled,
    headings,
    note,
    picture,
    shown,
    style,
    table,
    words,
)
from opsbook.text import P_VALUE, POINTS, SHARE, Quantity, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Parts of a tree that a figure shows, and the widest label in half-width characters.
MOST_ROWS, WIDEST_LABEL = 26, 52
#: Share of the change from which what the formula leaves out has a bar of its own.
TOLD_REST = 0.005
#: Height of a row in inches, and the room for a tree's title, in rows.
ROW, BETWEEN = 0.3, 1.8
AGAINST = {
    "before": term("against the window before"),
    "last_year": term("against a year earlier"),
    "benchmark": term("against the benchmark"),
}
DIRECTION = {"fell": term("fell"), "rose": term("rose")}
SIGNS = {"*": "×", "/": "÷", "-": "\N{MINUS SIGN}", "+": "+", "": ""}


def trees(trees: tuple[LogicTree, ...]) -> Picture | Html:
    """Each part of the formula with its part in the change: the tree, and a waterfall beside it."""
    if not trees:
        return absent(words("The params give no formula (diagnosis.formula)."))
    if not any(tree.nodes for tree in trees):
        return note(" ".join(shown(tree.reason) for tree in trees if tree.reason is not None))
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    style()
    parts = [_parts(tree) for tree in trees]
    heights = [
        len(rows) + len(_remainder(tree)) or len(_reason(tree))
        for tree, rows in zip(trees, parts, strict=True)
    ]
    figure, grid = plt.subplots(
        len(trees),
        2,
        figsize=(8.0, ROW * (sum(heights) + BETWEEN * len(trees))),
        squeeze=False,
        gridspec_kw={
            "width_ratios": [1, 1],
            "height_ratios": heights,
            "wspace": 0.02,
            "hspace": BETWEEN * len(trees) / sum(heights),
        },
    )
    told = []
    for tree, rows, (left, right) in zip(trees, parts, grid, strict=True):
        left.set_title(_title(tree))
        if not rows:
            lines = _reason(tree)
            for y, line in enumerate(lines):
                left.text(0, y, line, va="center", fontsize=9)
            left.set(xlim=(0, 1), ylim=(len(lines) - 0.4, -0.6))
            left.axis("off")
            right.axis("off")
            told.append(reader().told(_title(tree), "".join(lines)))
            continue
        _outline(left, tree, rows)
        _bars(right, tree, rows)
        lines = [_in_words(node.label, _told(tree, node)) for node in rows]
        lines += [_in_words(label, _change(tree, value)) for label, _, value in _remainder(tree)]
        told.append(reader().told(_title(tree), reader().listed(lines)))
    return picture(figure, ". ".join(told))


def tree_cuts(trees: tuple[LogicTree, ...]) -> Html:
    """Each part's change cut by segments: across they add up to the part, down to the change."""
    whole = Html(html="")
    for tree in trees:
        rows = [node for node in _parts(tree) if node.cuts]
        if not rows:
            continue
        names = [escape(cut.label) or words("others") for cut in rows[0].cuts]
        columns = [words("Part of the formula"), *names, words("total change")]
        title = filled(
            "{dimension}: parts in the change, {against}",
            dimension=escape(tree.cut_by),
            against=escape(_title(tree)),
        )
        whole += table(
            columns,
            [
                [
                    f"{SIGNS[node.sign]} {escape(node.label)}".strip(),
                    *(moved(cut.contribution, tree.unit) for cut in node.cuts),
                    moved(node.contribution, tree.unit),
                ]
                for node in rows
            ],
            caption=title + (in_points(tree.unit) or _in_unit(tree.unit)),
            numeric=tuple(range(1, len(columns))),
        )
    return whole


def _in_unit(unit: str) -> str:
    """What a heading of bare numbers adds to its words."""
    return bracketed(escape(reader().text(unit))) if unit else ""


def slices(searches: tuple[SliceSearch, ...]) -> Html:
    """The slices that explain the change, each beside its remainder, or "everywhere"."""
    if not searches:
        return absent(words("No dimension is left beside the focus to search (diagnosis.slices)."))
    whole = _slices(searches[0])
    for search in searches[1:]:
        whole += _slices(search)
    return whole


def _found(search: SliceSearch) -> str:
    """What a search found, as a message."""
    if search.own_change is not None:
        return term(
            "{name} by {dimensions}: their shares moved it, from {before} to {after}; their own "
            "figures moved it by {own}."
        ).term
    if search.everywhere and search.slices:
        return term(
            "{name} by {dimensions}: it moved everywhere, from {before} to {after}, and beyond "
            "that in these slices."
        ).term
    if search.everywhere:
        return term("{name} by {dimensions}: it moved everywhere, from {before} to {after}.").term
    if search.slices:
        return term("{name} by {dimensions}: it concentrates in these slices.").term
    if search.few:
        return term(
            "{name} by {dimensions}: no part stands out; among only {leaves}, even a large move "
            "of one may be chance."
        ).term
    return term(
        "{name} by {dimensions}: no part stands out; they moved alike, or too little to tell."
    ).term


def _slices(search: SliceSearch) -> Html:
    if search.reason is not None:
        return note(shown(search.reason))
    told = filled(
        _found(search),
        name=escape(search.name),
        dimensions=shown(tuple(search.dimensions)),
        before=amount(search.before, search.unit),
        after=amount(search.after, search.unit),
        own=_own(search),
        leaves=count(search.leaves),
    )
    if search.held_back:
        told += " " + filled(
            "Slices held back, for they rest on few cases: {n}.", n=count(search.held_back)
        )
    if not search.slices:
        return note(told)
    columns = headings("Slice", "direction", "before", "after", "the rest before")
    columns += headings("the rest after", "cases", "p-value, at most")
    rows = [_slice_row(found, search.unit) for found in search.slices]
    return table(columns, rows, caption=told, numeric=(2, 3, 4, 5, 6, 7))


def _own(search: SliceSearch) -> str:
    """What the parts' own figures made of a change of the mix."""
    unit = POINTS if search.unit == SHARE else search.unit
    value = search.own_change or 0.0
    return shown(Quantity(value=value, unit=unit, signed=True))


def _slice_row(found: Slice, unit: str) -> list[str]:
    return [
        shown(tuple(f"{dimension} = {value}" for dimension, value in found.conditions)),
        shown(DIRECTION[found.direction]),
        amount(found.before, unit),
        amount(found.after, unit),
        amount(found.rest_before, unit),
        amount(found.rest_after, unit),
        "–" if found.n_after is None else count(found.n_after),
        shown(Quantity(value=found.p_value, unit=P_VALUE)),
    ]


def _parts(tree: LogicTree) -> list[TreeNode]:
    """The parts to draw: as deep as the rows reach; of very many, the largest and the others."""
    for depth in (9, 2, 1):
        rows = [node for node in tree.nodes if len(node.path) <= depth]
        if len(rows) <= MOST_ROWS:
            return rows
    ranked = sorted(rows[1:], key=lambda node: -abs(node.contribution))
    kept, rest = ranked[: MOST_ROWS - 2], ranked[MOST_ROWS - 2 :]
    others = TreeNode(
        path=(len(rows),),
        label=reader().text("others"),
        sign="",
        before=None,
        after=None,
        contribution=math.fsum(node.contribution for node in rest),
        share=None if rows[0].share is None else math.fsum(node.share or 0.0 for node in rest),
        leaf=False,
    )
    return [rows[0], *(node for node in rows[1:] if node in kept), others]


def _title(tree: LogicTree) -> str:
    language = reader()
    title = language.value(AGAINST[tree.against])
    if tree.first is not None:
        first, last = (language.period(period) for period in tree.first)
        return title + language.bracketed(f"{first} – {last}")
    return title + language.bracketed(tree.name)


def _reason(tree: LogicTree) -> list[str]:
    """Why a comparison was not computed, in lines as wide as the picture."""
    if tree.reason is None:
        return []
    width = WIDEST_LABEL if reader().code == "zh" else 2 * WIDEST_LABEL
    return textwrap.wrap(reader().say(tree.reason), width)


def _remainder(tree: LogicTree) -> list[tuple[str, float, float]]:
    """What the metric moved beyond its formula, and both together: label, start, length."""
    if abs(tree.unexplained) <= TOLD_REST * abs(tree.total):
        return []
    language = reader()
    return [
        (language.text("not in the formula"), tree.total - tree.unexplained, tree.unexplained),
        (language.text("change as measured"), 0.0, tree.total),
    ]


def _outline(axes: Axes, tree: LogicTree, rows: list[TreeNode]) -> None:
    """The parts as an indented list with lines from each to its parent."""
    place = {node.path: y for y, node in enumerate(rows)}
    for node, y in zip(rows, place.values(), strict=True):
        indent = 0.045 * len(node.path)
        if node.path:
            parent = place[node.path[:-1]]
            axes.plot([indent - 0.03] * 2, [parent + 0.35, y], color=GREY, lw=0.8)
            axes.plot([indent - 0.03, indent - 0.008], [y, y], color=GREY, lw=0.8)
        label = _short(f"{SIGNS[node.sign]} {node.label}".strip(), len(node.path))
        axes.text(indent, y, label, va="center", fontsize=9)
    more = _remainder(tree)
    for y, (label, _, _) in enumerate(more, start=len(rows)):
        axes.text(0, y, label, va="center", fontsize=9)
    axes.set(xlim=(0, 1), ylim=(len(rows) + len(more) - 0.4, -0.6))
    axes.axis("off")


def _short(label: str, depth: int) -> str:
    """A label as wide as its place; a Chinese character is as wide as two others."""
    room = WIDEST_LABEL - 2 * depth
    for i, character in enumerate(label):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return label[:i].rstrip() + "…"
    return label


def _bars(axes: Axes, tree: LogicTree, rows: list[TreeNode]) -> None:
    """A waterfall on every level: each part begins where its sibling before it ended."""
    starts: dict[tuple[int, ...], float] = {(): 0.0}
    reached: dict[tuple[int, ...], float] = {}
    for node in rows:
        if node.path:
            parent = node.path[:-1]
            starts[node.path] = reached.get(parent, starts[parent])
            reached[parent] = starts[node.path] + node.contribution
    factor = 100.0 if tree.unit == SHARE else 1.0
    more = _remainder(tree)
    lefts = [*(starts[node.path] * factor for node in rows), *(s * factor for _, s, _ in more)]
    values = [*(node.contribution * factor for node in rows), *(v * factor for *_, v in more)]
    ends = [left + value for left, value in zip(lefts, values, strict=True)]
    whole = [*(not node.path for node in rows), *(not start for _, start, _ in more)]
    colors = [
        GREY if total else ORANGE if value > 0 else BLUE
        for total, value in zip(whole, values, strict=True)
    ]
    axes.barh(range(len(values)), values, left=lefts, color=colors, height=0.6)
    axes.axvline(0, color=GREY, lw=0.8)
    told = [*(_told(tree, node) for node in rows), *(_change(tree, value) for *_, value in more)]
    for y, (label, left, end) in enumerate(zip(told, lefts, ends, strict=True)):
        axes.annotate(
            label,
            (max(left, end, 0.0), y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    low, high = min([*lefts, *ends]), max([*lefts, *ends])
    span = (high - low) or 1.0
    axes.set(xlim=(low - 0.05 * span, high + 0.75 * span), ylim=(len(values) - 0.4, -0.6))
    axes.set_yticks([])
    axes.set_xticks([])
    axes.grid(visible=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _told(tree: LogicTree, node: TreeNode) -> str:
    """A part's contribution, and its share of the change in brackets."""
    language, moved = reader(), _change(tree, node.contribution)
    if node.share is None:
        return moved
    share = language.quantity(Quantity(value=node.share, unit=SHARE, digits=0))
    return moved + language.bracketed(share)


def _change(tree: LogicTree, value: float) -> str:
    """A part of the change; of a share in points."""
    language = reader()
    if tree.unit != SHARE:
        return language.quantity(Quantity(value=value, unit=tree.unit, signed=True))
    return f"{language.number(value * 100, 2, signed=True)} {language.text('points')}"


def _in_words(label: str, told: str) -> str:
    return f"{label} {told}"
