"""Stage 1 as pictures and tables: they draw what is there and stay calm about what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.stages.trigger_case import LOG, MONDAY, PROCESS, check, noisy, weeks

from opsbook import show
from opsbook.results.trigger import NoChart, TriggerResult
from opsbook.text import say


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> TriggerResult:
    folder: Path = tmp_path_factory.mktemp("full")
    (folder / "log.csv").write_text("\n".join(LOG), encoding="utf-8")
    said = ["when,about,score", *(f"{MONDAY},topic {i % 3} <b>,{i % 11}" for i in range(40))]
    (folder / "said.csv").write_text("\n".join(said), encoding="utf-8")
    feedback = {"path": "said.csv", "date": "when", "topic": "about", "score": "score"}
    launch: dict[str, Any] = {
        "kind": "launch",
        "title": "New shop",
        "reason": "Growth",
        "date": "2023-08",
        "decider": "Board",
    }
    shares = noisy(60)
    shares[50:] += 0.08
    return check(
        folder,
        weeks(shares),
        metric={"target": 0.22},
        project={"team": {"lead": "Ann"}, "goal": {"text": "Lose less.", "value": "10%"}},
        data={"process": PROCESS, "feedback": feedback},
        trigger={"declared": [launch], "n_of_m": {"misses": 6, "of": 8}},
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_is_shown_in_both_languages(full, language):
    show.speak(language)
    assert full.history is not None
    pictures = [
        show.history(full.history),
        show.control_chart(full.chart, full.history),
        show.guard(full.guard, full.history),
        show.feedback(full.feedback),
    ]
    tables = [
        show.misses(full.misses, full.history),
        show.rules(full.rules),
        show.changes(full.guard),
        show.process(full.process),
        show.topics(full.feedback),
        show.declared(full.declared),
        show.task_force(full),
        show.chart_reason(full.chart),
    ]
    show.speak("en")
    assert all("<svg" in picture.svg for picture in pictures)  # type: ignore[union-attr] # pictures
    assert all(piece.html and "nan" not in piece.html for piece in tables)
    assert not any("<b>" in piece.html for piece in tables)


def test_what_is_not_there_is_a_calm_note():
    assert "data.process" in show.process(None).text
    assert "data.feedback" in show.feedback(None).text
    assert show.topics(None).html == ""
    assert "trigger.declared" in show.declared(()).text
    assert show.chart_reason(NoChart(reason=say("No chart."))).text == "No chart."
