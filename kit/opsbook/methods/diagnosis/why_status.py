"""The status of every why, computed from its evidence: confirmed, refuted or untested."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.diagnosis.judged import Outcome

Status = Literal["confirmed", "refuted", "untested"]
Joins = Literal["and", "or"]

DEEPEST_CHAIN = 50


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One piece of evidence for or against a why.

    Attributes:
        id: Its id.
        shows: ``present``: that the cause is there; ``effect``: that the effect appears and
            disappears with it.
        kind: ``data``, ``interview`` or ``observation``. What people believe to be the effect
            decides nothing about it: interviews count for ``present`` only.
        outcome: What its check found; ``undecided`` where there is no check.
    """

    id: str
    shows: Literal["present", "effect"]
    kind: Literal["data", "interview", "observation"]
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Why:
    """One answer to "why?".

    Attributes:
        id: Its id.
        because_of: Id of the why that it explains; empty for a first answer to the problem.
        evidence: Its evidence; none makes it untested.
        joins: How the answers below it join: ``or``, each is a cause of its own; ``and``, all
            are needed together.
        contribution: How much of the problem it makes, in the metric's unit; None if unknown.
        controllable: Whether the team can change it: asking stops there.
        action: What is done about it.
    """

    id: str
    because_of: str = ""
    evidence: tuple[Evidence, ...] = ()
    joins: Joins = "or"
    contribution: float | None = None
    controllable: bool = False
    action: str = ""


@dataclass(frozen=True, kw_only=True)
class WhyStatus:
    """What the evidence makes of one why.

    Attributes:
        id: Its id.
        depth: 0 for a first answer to the problem.
        status: From its own evidence. ``confirmed`` needs a supported check that the cause is
            present and one that the effect goes with it; ``refuted``, a contradicted check
            against no supported one on the same point; else ``untested``.
        missing: What no check has shown yet: ``present``, ``effect``.
        conflicting: What is supported by one check and contradicted by another.
        refuted_by: Ids of the evidence that rules it out.
        below: How far the answers below explain it, joined by and or or; None without any.
        chain: Status of the whole path from the problem down to here: confirmed only if every
            why on it is, and every answer that is needed together with one of them.
        root_cause: Confirmed chain, controllable, and not explained by confirmed answers below.
        ask_on: Confirmed chain, not controllable, and not explained either: why is it so?
        needs_action: A root cause without an action.
        contribution: As given.
        unexplained: The contribution less that of the confirmed answers below; None without
            answers below, or where one of the contributions is not known.
    """

    id: str
    depth: int
    status: Status
    missing: tuple[str, ...]
    conflicting: tuple[str, ...]
    refuted_by: tuple[str, ...]
    below: Status | None
    chain: Status
    root_cause: bool
    ask_on: bool
    needs_action: bool
    contribution: float | None
    unexplained: float | None


@dataclass(frozen=True, kw_only=True)
class WhyTree:
    """All whys, each above the answers below it.

    Attributes:
        whys: Every why, in reading order.
        root_causes: Ids of the root causes proven.
        explained: Contribution of the confirmed first answers; None where one is not known.
        unexplained: The problem's size less that; None where either is not known.
    """

    whys: tuple[WhyStatus, ...]
    root_causes: tuple[str, ...]
    explained: float | None
    unexplained: float | None


def why_status(whys: Sequence[Why], *, size: float | None = None, joins: Joins = "or") -> WhyTree:
    """Tell which answers to "why?" are proven, ruled out or still open, from their checks alone.

    Assumes that the checks test what the claims say. Contributions of answers joined by "or" are
    taken to add up; answers joined by "and" share one, of which the smallest given counts.

    Args:
        whys: The answers, in any order.
        size: Size of the problem, in the metric's unit.
        joins: How the first answers join.

    Returns:
        Every why with its status, and what is still unexplained.

    Raises:
        DataError: If an id is used twice or empty, an answer hangs on an unknown why, whys run in
            a circle or stand deeper than fifty, or a contribution is not a finite number.

    References:
        Ohno (1988), Toyota Production System, on asking why five times. That a cause is proven
        by its presence and by its effect together is the rule of this kit.

    Examples:
        >>> def proof(outcome):
        ...     return (
        ...         Evidence(id="e1", shows="present", kind="data", outcome="supported"),
        ...         Evidence(id="e2", shows="effect", kind="data", outcome=outcome),
        ...     )
        >>> [why_status([Why(id="w1", evidence=proof(o))]).whys[0].status
        ...  for o in ("supported", "contradicted", "undecided")]
        ['confirmed', 'refuted', 'untested']
    """
    by_id = _checked(whys, size)
    below: dict[str, list[Why]] = {"": []}
    for why in whys:
        below.setdefault(why.id, [])
        below.setdefault(why.because_of, []).append(why)
    own = {why.id: _status(why.evidence) for why in whys}

    def joined(parent: str) -> Status | None:
        statuses = [own[child.id] for child in below[parent]]
        how = by_id[parent].joins if parent else joins
        return _joined(statuses, how) if statuses else None

    def walk(parent: str, depth: int, chain: Status) -> Iterator[WhyStatus]:
        together = by_id[parent].joins if parent else joins
        for why in below[parent]:
            links = [chain, own[why.id]]
            if together == "and":
                links.append(joined(parent) or "confirmed")
            path = _joined(links, "and")
            end = path == "confirmed" and joined(why.id) != "confirmed"
            known = _known(below[why.id], own, why.joins)
            shown = {point: _outcomes(why.evidence, point) for point in ("present", "effect")}
            yield WhyStatus(
                id=why.id,
                depth=depth,
                status=own[why.id],
                missing=tuple(p for p, found in shown.items() if "supported" not in found),
                conflicting=tuple(
                    p for p, found in shown.items() if {"supported", "contradicted"} <= found
                ),
                refuted_by=tuple(
                    e.id for e in _counting(why.evidence) if e.outcome == "contradicted"
                )
                if own[why.id] == "refuted"
                else (),
                below=joined(why.id),
                chain=path,
                root_cause=end and why.controllable,
                ask_on=end and not why.controllable,
                needs_action=end and why.controllable and not why.action.strip(),
                contribution=why.contribution,
                unexplained=_rest(why.contribution, known) if below[why.id] else None,
            )
            yield from walk(why.id, depth + 1, path)

    found = tuple(walk("", 0, "confirmed"))
    explained = _known(below[""], own, joins)
    return WhyTree(
        whys=found,
        root_causes=tuple(why.id for why in found if why.root_cause),
        explained=explained,
        unexplained=_rest(size, explained),
    )


def _counting(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence that can decide: beliefs about the effect cannot."""
    return [e for e in evidence if not (e.shows == "effect" and e.kind == "interview")]


def _outcomes(evidence: Sequence[Evidence], point: str) -> set[Outcome]:
    return {e.outcome for e in _counting(evidence) if e.shows == point}


def _status(evidence: Sequence[Evidence]) -> Status:
    """Return what a why's own evidence makes of it."""
    points = [_outcomes(evidence, "present"), _outcomes(evidence, "effect")]
    if any("contradicted" in found and "supported" not in found for found in points):
        return "refuted"
    if all("supported" in found and "contradicted" not in found for found in points):
        return "confirmed"
    return "untested"


def _joined(statuses: Sequence[Status], how: Joins) -> Status:
    """Join statuses: and takes the worst, or the best."""
    deciding, settled = ("refuted", "confirmed") if how == "and" else ("confirmed", "refuted")
    if deciding in statuses:
        return "refuted" if how == "and" else "confirmed"
    if all(status == settled for status in statuses):
        return "confirmed" if how == "and" else "refuted"
    return "untested"


def _known(whys: Sequence[Why], own: dict[str, Status], how: Joins) -> float | None:
    """Return what the confirmed answers contribute; None where one of them is not known."""
    if how == "and" and any(own[why.id] != "confirmed" for why in whys):
        return 0.0
    parts = [why.contribution for why in whys if own[why.id] == "confirmed"]
    known = [part for part in parts if part is not None]
    if how == "and" and known:
        return min(known, key=abs)
    return None if len(known) < len(parts) else math.fsum(known)


def _rest(whole: float | None, known: float | None) -> float | None:
    return None if whole is None or known is None else whole - known


def _checked(whys: Sequence[Why], size: float | None) -> dict[str, Why]:
    """Return the whys by id after checking that they form a tree."""
    if size is not None and not math.isfinite(size):
        raise DataError(f"The size of the problem is {size}.", "Leave it out if not known.")
    by_id = {why.id: why for why in whys}
    twice = [name for name, count in Counter(why.id for why in whys).items() if count > 1]
    if twice or "" in by_id:
        raise DataError(
            f"The why '{twice[0]}' is there twice." if twice else "A why has no id.",
            "Give each why an id of its own.",
        )
    for why in whys:
        if why.because_of and why.because_of not in by_id:
            raise DataError(
                f"The why '{why.id}' explains '{why.because_of}', which is not there; there are: "
                f"{', '.join(by_id)}.",
                "Correct the id.",
            )
        if why.contribution is not None and not math.isfinite(why.contribution):
            raise DataError(
                f"The why '{why.id}' contributes {why.contribution}.",
                "Leave the contribution out if it is not known.",
            )
    for why in whys:
        path = [why.id]
        while by_id[path[-1]].because_of:
            path.append(by_id[path[-1]].because_of)
            if len(path) > DEEPEST_CHAIN and len(set(path)) == len(path):
                raise DataError(
                    f"The why '{why.id}' stands more than {DEEPEST_CHAIN} levels deep.",
                    "Stop asking at a cause that the team controls.",
                )
            if path[-1] in path[:-1]:
                circle = path[path.index(path[-1]) :]
                raise DataError(
                    f"The whys run in a circle: {' -> '.join(circle)}.",
                    "Let the first of them explain the problem itself.",
                )
    return by_id
