"""Options and their gates, their scores, and the choice."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.scoring import CrossCheck, Gates, ScoredCriterion, Scores
from opsbook.results.solutions import Choice
from opsbook.show.cells import count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Html,
    Picture,
    bracketed,
    filled,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.show.solution_axes import legend_below, lines, option_axes
from opsbook.text import MONEY, POINTS, SHARE, Period, Quantity, term

PALETTE = (BLUE, ORANGE, GREEN, GREY, "#7b5ea7", "#b5a23a", "#b07aa1", "#4c4c6d")
METHODS = {
    "topsis": "TOPSIS",
    "vikor": "VIKOR",
    "promethee_ii": "PROMETHEE II",
}
NORMALISATIONS = {
    "vector": term("vector"),
    "min_max": term("min-max"),
    "usual": term("any difference wins"),
    "linear": term("linear"),
}
WEIGHTINGS = {
    "equal_weights": term("equal weights"),
    "point_allocation": term("points handed out"),
    "swing_weights": term("swing weights"),
    "rank_order_centroid": term("order of importance (rank-order centroid)"),
    "analytic_hierarchy_process": term("pairwise judgements (AHP)"),
}
CAUSE_STATUS = {
    "confirmed": term("confirmed"),
    "refuted": term("refuted"),
    "untested": term("untested"),
}


def gates(gates: Gates) -> Html:
    """Every option with the cause that it removes and the gates that stop it."""
    rows = []
    for row in gates.rows:
        cause = escape(row.cause) if row.cause else words("names no cause")
        if row.cause_status:
            cause += bracketed(shown(CAUSE_STATUS[row.cause_status]))
        if row.shut:
            answer = "✗ " + reader().listed(shown(gate.reason) for gate in row.shut)
        elif row.unanswered:
            answer = "? " + reader().listed(shown(question) for question in row.unanswered)
        else:
            answer = "✓ " + words("passed")
        rows.append([escape(row.title), cause, answer])
    result = table(headings("Option", "Root cause addressed", "gates"), rows)
    for claim in gates.causes_without_option:
        missing = words("No option addresses the confirmed cause: {claim}")
        result += note(missing.format(claim=escape(claim)))
    return result


def scores(scores: Scores) -> Picture | Html:
    """Points of each option, criterion by criterion."""
    rows = scores.rows
    if not rows:
        return note(words("No option passed its gates."))
    language = reader()
    figure, axes = option_axes([row.title for row in rows], extra=1.4)
    left = np.zeros(len(rows))
    for i, criterion in enumerate(scores.criteria):
        part = np.array([row.cells[i].weighted for row in rows])
        axes.barh(
            range(len(rows)),
            part,
            left=left,
            height=0.62,
            label=lines(criterion.title, 30),
            color=PALETTE[i % len(PALETTE)],
            hatch="//" if i >= len(PALETTE) else None,
        )
        left += part
    for place, row in enumerate(rows):
        axes.annotate(
            language.number(row.score, 0),
            (left[place], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_xlim(0, 108)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel(language.text("points of 100"))
    legend_below(axes)
    text = language.listed(f"{row.title} {language.number(row.score, 0)}" for row in rows)
    return picture(figure, text)


def score_table(scores: Scores) -> Html:
    """Ranks by the score and by the cross-checks, then the measures and the scales behind them."""
    if not scores.rows:
        return note(words("No option passed its gates."))
    result = _ranks(scores) + _measures(scores) + _scales(scores)
    if scores.contradictions:
        found = "; ".join(shown(contradiction) for contradiction in scores.contradictions)
        ratio = shown(Quantity(value=scores.consistency_ratio or 0.0, digits=3))
        contradict = words("Judgements to look at again (consistency ratio {ratio}):")
        result += note(f"{contradict.format(ratio=ratio)} {found}")
    return result


def choice(choice: Choice) -> Html:
    """What the means buy, what more would buy, and what people decided."""
    nothing = words("nothing")
    limit = choice.budget_person_weeks
    weeks = None if limit is None else Quantity(value=limit)
    rows = [
        [words("best by the figures"), shown(tuple(choice.titles)) or nothing],
        [words("cost"), _used(choice.cost, choice.budget)],
        [words("person-weeks"), _used(Quantity(value=choice.person_weeks), weeks)],
    ]
    if choice.missing:
        rows.append([words("missing"), " ".join(shown(lack) for lack in choice.missing)])
    if choice.left_out:
        rows.append([words("left out"), " ".join(shown(reason) for reason in choice.left_out)])
    if choice.next_best is not None:
        rows.append([words("with a little more"), shown(choice.next_best)])
    decision = choice.decision
    if decision is not None:
        rows.append([words("decided"), shown(tuple(decision.titles)) or nothing])
        rows.append([words("by whom, when"), shown((decision.who, Period(start=decision.when)))])
        rows.append([words("why"), escape(decision.why)])
    return table([words("Choice"), words("Entry")], rows)


def effort_impact(choice: Choice) -> Picture | Html:
    """Options by the work they take and the points they earn; the chosen ones are filled."""
    points = choice.map
    if not points:
        return note(words("No option passed its gates."))
    language = reader()
    work = any(point.person_weeks for point in points)
    figure, axes = new_axes(height=3.6)
    for i, point in enumerate(points, start=1):
        x = point.person_weeks if work else point.cost
        axes.scatter(
            x,
            point.score,
            s=230,
            color=BLUE if point.chosen else "none",
            edgecolor=BLUE,
            linewidth=1.6,
            label=f"{i}  {lines(point.title, 44)}",
        )
        axes.annotate(
            str(i),
            (x, point.score),
            ha="center",
            va="center_baseline",
            fontsize=9,
            color="white" if point.chosen else BLUE,
        )
    effort = [point.person_weeks if work else point.cost for point in points]
    axes.set_xlim(0, max(effort) * 1.12 or 1)
    axes.set_ylim(0, 100)
    axes.grid(axis="x")
    if work:
        axes.set_xlabel(language.text("person-weeks"))
    else:
        axes.set_xlabel(
            language.text("cost") + language.bracketed(choice.cost.unit.removeprefix(MONEY))
        )
    axes.set_ylabel(language.text("points of 100"))
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.18), ncols=2, fontsize=9, markerscale=0.5)
    text = reader().listed(
        f"{point.title} {language.number(x)}, {language.number(point.score, 0)}"
        for x, point in zip(effort, points, strict=True)
    )
    return picture(figure, text)


def _used(used: Quantity, limit: Quantity | None) -> str:
    if limit is None:
        return filled("{used}, without a limit", used=shown(used))
    return filled("{used} of {limit}", used=shown(used), limit=shown(limit))


def _ranks(scores: Scores) -> Html:
    columns = headings("Option", "points of 100", "rank")
    columns += [METHODS[check.method] for check in scores.checks]
    rows = [
        [
            escape(row.title),
            shown(Quantity(value=row.score, digits=1)),
            count(row.rank),
            *(count(rank) for rank in row.check_ranks),
        ]
        for row in scores.rows
    ]
    rows.append([words("normalisation"), "", words("fixed scales"), *_normalised(scores.checks)])
    rows.append(
        [
            words("Kendall's τ with the score"),
            "",
            "",
            *(
                shown(None if check.tau is None else Quantity(value=check.tau, digits=2))
                for check in scores.checks
            ),
        ]
    )
    rows.append(
        [
            words("pairs that turn when an option is left out"),
            "",
            count(scores.reversals),
            *(count(check.reversals) for check in scores.checks),
        ]
    )
    numeric = tuple(range(1, len(columns)))
    return table(columns, rows, caption=words("Ranks, and the cross-checks"), numeric=numeric)


def _normalised(checks: tuple[CrossCheck, ...]) -> list[str]:
    return [shown(NORMALISATIONS[check.normalisation]) for check in checks]


def _measures(scores: Scores) -> Html:
    columns = [words("Option")]
    columns += [_heading(criterion) for criterion in scores.criteria]
    rows = []
    for row in scores.rows:
        cells = [escape(row.title)]
        for criterion, cell in zip(scores.criteria, row.cells, strict=True):
            text = _measure(criterion, cell.value)
            if cell.high > cell.low:
                ends = (_measure(criterion, end) for end in (cell.low, cell.high))
                text += bracketed(" … ".join(ends))
            points = words("{points} points")
            text += " · " + points.format(points=shown(Quantity(value=cell.points, digits=0)))
            if cell.n_raters is not None:
                text += " · " + filled("raters: {n}", n=count(cell.n_raters))
            if cell.outside:
                text += " · " + words("beyond the scale")
            cells.append(text)
        rows.append(cells)
    return table(columns, rows, caption=words("What was judged"))


def _heading(criterion: ScoredCriterion) -> str:
    unit = criterion.unit.removeprefix(MONEY)
    if criterion.unit == POINTS:
        unit = "percentage points"
    return escape(criterion.title) + (bracketed(words(unit)) if unit else "")


def _measure(criterion: ScoredCriterion, value: float) -> str:
    if criterion.unit == POINTS:
        return shown(Quantity(value=value * 100, digits=2))
    return shown(Quantity(value=value))


def _scales(scores: Scores) -> Html:
    rows = []
    for criterion in scores.criteria:
        marks = []
        for mark in criterion.scale:
            text = f"{_measure(criterion, mark.at)} → {shown(Quantity(value=mark.points))}"
            marks.append(text + (bracketed(escape(mark.meaning)) if mark.meaning else ""))
        weight = shown(Quantity(value=criterion.weight, unit=SHARE, digits=1))
        rows.append([_heading(criterion), weight, reader().listed(marks)])
    caption = filled(
        "Scales, fixed beforehand; weights: {method}", method=shown(WEIGHTINGS[scores.weighting])
    )
    return table(headings("Criterion", "weight", "measure → points"), rows, caption=caption)
