"""Sections for which the params give nothing: folded behind one line that names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

#: What `opsbook.show.shown.absent` makes, once or several times.
ABSENT = re.compile(
    r'(?:<style>[^<]*</style>)?(?:<div class="ops note absent"><p>[^<]*</p></div>)+'
)


def nothing_shown(cell: Mapping[str, Any]) -> bool:
    """Whether all that a cell shows is that the params give nothing for it.

    Examples:
        >>> note = '<div class="ops note absent"><p>No funnel.</p></div>'
        >>> output = {"output_type": "display_data", "data": {"text/html": note}}
        >>> nothing_shown({"cell_type": "code", "outputs": [output]})
        True
    """
    told = [
        "".join(output.get("data", {}).get("text/html", "?")) for output in cell.get("outputs", ())
    ]
    return any(told) and all(ABSENT.fullmatch(html) for html in told if html)


def empty_sections(cells: Sequence[Mapping[str, Any]]) -> list[range]:
    """Positions of neighbouring sections that have nothing to show, a range for each stretch.

    Args:
        cells: A stage's cells; a section is a cell of prose and the one code cell under it.
    """
    found: list[range] = []
    for position, (prose, code) in enumerate(pairwise(cells)):
        if prose["cell_type"] != "markdown" or code["cell_type"] != "code":
            continue
        after = cells[position + 2] if position + 2 < len(cells) else None
        ends = after is None or after["cell_type"] == "markdown"
        if not ends or not nothing_shown(code):
            continue
        if found and found[-1].stop == position:
            found[-1] = range(found[-1].start, position + 2)
        else:
            found.append(range(position, position + 2))
    return found
