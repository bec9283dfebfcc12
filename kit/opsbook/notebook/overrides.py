"""What somebody set otherwise by hand is saved with the result and told: who, when, why.

A cell says so itself, in a comment: `# override: Ann Lee, 2025-11-03: the reason`. Whose account
ran it, and on which day, is noted in any case.
"""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
from collections.abc import Iterable
from typing import Any

from opsbook.results import Caution, Override, StageResult
from opsbook.text import Period, say, term

COMMENT = re.compile(
    r"#\s*(?:override|改动)\s*[:：]\s*(?P<who>[^,，:：\n]+?)\s*[,，]\s*"
    r"(?P<when>\d{4}-\d{2}-\d{2})\s*[:：]\s*(?P<why>\S.*)"
)
NOWHERE = term("nothing")
UNKNOWN = term("an unknown account")


def reason_in(code: str) -> dict[str, Any]:
    """Who changed something, when and why, as a cell's comment says; empty if it says nothing."""
    told = COMMENT.search(code)
    if told is None:
        return {}
    try:
        when = dt.date.fromisoformat(told["when"])
    except ValueError:
        return {}
    return {"who": told["who"], "when": when, "why": told["why"].strip()}


def run_by() -> dict[str, Any]:
    """Whose account runs this, and the day."""
    try:
        account = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in a container
        account = None
    return {"account": account, "ran": dt.datetime.now().astimezone().date()}


def with_overrides(result: StageResult, overrides: Iterable[Override]) -> StageResult:
    """The result with what was changed by hand, which its reader is told among the cautions."""
    found = tuple(overrides)
    if not found:
        return result
    cautions = (*result.cautions, *map(caution_of, found))
    return result.model_copy(update={"overrides": found, "cautions": cautions})


def caution_of(override: Override) -> Caution:
    """An override as its reader is told it, with what is missing of who, when and why."""
    day = Period(start=override.ran)
    account = override.account or UNKNOWN
    identifier = f"changed-{override.name}"
    told = override.who is not None and override.when is not None and override.why is not None
    if override.what == "field":
        value, before = override.value or NOWHERE, override.instead_of or NOWHERE
        field = override.name
        if told:
            statement = say(
                "{field} was set to {value} by hand by {who} on {when}: {why} "
                "(the params file says: {before})",
                field=field,
                value=value,
                who=str(override.who),
                when=Period(start=override.when or override.ran),
                why=str(override.why),
                before=before,
            )
            return Caution(id=identifier, statement=statement)
        statement = say(
            "{field} was set to {value} by hand (the params file says: {before}). "
            "{account} ran it on {day}, and nobody says why.",
            field=field,
            value=value,
            before=before,
            account=account,
            day=day,
        )
        settles = say(
            "Say it in the parameters cell: # override: your name, 2025-11-30: the reason; "
            "or put it into the params file."
        )
        return Caution(id=identifier, statement=statement, settles=settles)
    if told:
        statement = say(
            "The step '{step}' was changed by hand by {who} on {when}: {why}",
            step=override.name,
            who=str(override.who),
            when=Period(start=override.when or override.ran),
            why=str(override.why),
        )
        return Caution(id=identifier, statement=statement)
    statement = say(
        "The step '{step}' was changed by hand. {account} ran it on {day}, and nobody says why.",
        step=override.name,
        account=account,
        day=day,
    )
    settles = say("Say it in its cell: # override: your name, 2025-11-30: the reason")
    return Caution(id=identifier, statement=statement, settles=settles)
