import datetime as dt
import re
from typing import Any

from tests.report.samples import TEMPLATE, project, results, write

from opsbook.report import Entry, index, publish
from opsbook.results import Failure, Form, FormField, Point, Series, StageResult
from opsbook.results.trigger import History, TriggerResult
from opsbook.text import Period, Quantity, say, term


def trigger(verdict: Any) -> TriggerResult:
    return TriggerResult(project="p", headline=say(f"It says {verdict}."), verdict=verdict)


def order(html: str) -> list[str]:
    return re.findall(r"<small>(\w+)", html)


def test_who_needs_attention_comes_first(tmp_path):
    for name, verdict in {
        "a": "no_reason",
        "b": "watch",
        "c": "start",
        "d": "insufficient",
    }.items():
        write(tmp_path / name, {"trigger": trigger(verdict)}, {})
    write(tmp_path / "e", {"trigger": trigger("no_reason")}, {})
    failure = Failure(stage="trigger", error="DataError", message="No column 'late'.")
    entries = [Entry(id=name, title=name) for name in "abcd"]
    entries.append(Entry(id="e", title="e", failures={"trigger": failure}))
    html = index(tmp_path, entries, template_dir=TEMPLATE).read_text("utf-8")
    assert order(html) == ["e", "c", "b", "d", "a"]
    assert "No column &#39;late&#39;." in html


def test_a_row_links_to_its_report_and_says_when_it_ran(tmp_path):
    write(tmp_path / "late", {"trigger": trigger("watch")}, {})
    publish(tmp_path / "late", project(), template_dir=TEMPLATE)
    entry = Entry(
        id="late", title="Late flights", last_run=dt.datetime(2025, 11, 3, 7, 0, tzinfo=dt.UTC)
    )
    html = index(tmp_path, [entry], template_dir=TEMPLATE).read_text("utf-8")
    assert 'href="late/report.html"' in html
    assert "2025-11-03 07:00" in html


def test_each_row_is_in_its_project_s_language(tmp_path):
    write(tmp_path / "shop", {}, {})
    entries = [Entry(id="shop", title="注册转化率", language="zh")]
    html = index(tmp_path, entries, template_dir=TEMPLATE).read_text("utf-8")
    assert '<html lang="en">' in html
    assert 'lang="zh-Hans">该项目尚未运行。' in html


def test_a_project_that_could_not_run_is_listed_with_the_reason(tmp_path):
    entry = Entry(id="x", title="x", problem="params/x.yaml has 1 fault")
    html = index(tmp_path, [entry], template_dir=TEMPLATE).read_text("utf-8")
    assert "params/x.yaml has 1 fault" in html


def test_a_result_of_another_version_does_not_stop_the_index(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "1_trigger.json").write_text("{}")
    html = index(tmp_path, [Entry(id="x", title="x")], template_dir=TEMPLATE).read_text("utf-8")
    assert "was not written by this version" in html


def test_a_skipped_stage_saved_as_failed_is_told(tmp_path):
    broken = StageResult(stage="effect", project="x", status="failed", headline=say("Skipped."))
    write(tmp_path / "x", {"effect": broken}, {})
    html = index(tmp_path, [Entry(id="x", title="x")], template_dir=TEMPLATE).read_text("utf-8")
    assert "Skipped." in html


def test_no_project_is_a_page_too(tmp_path):
    html = index(tmp_path, [], template_dir=TEMPLATE).read_text("utf-8")
    assert "There is no project yet." in html


def series(name: str) -> Series:
    points = tuple(
        Point(period=Period(start=dt.date(2020, 1, 6) + dt.timedelta(weeks=i)), value=i % 7 / 50)
        for i in range(120)
    )
    return Series(name=name, unit="share", grain="week", points=points, target=0.08)


def test_five_hundred_whole_projects_stay_under_a_megabyte(tmp_path):
    history = History(series=series("Late share"), as_of=Period(start=dt.date(2022, 1, 3)))
    watched = trigger("start").model_copy(
        update={
            "history": history,
            "headline": say("Start an optimisation: the figure was off its target 27 times."),
        }
    )
    for i in range(500):
        write(tmp_path / f"p{i}", results() | {"trigger": watched}, {})
        (tmp_path / f"p{i}" / "report.html").touch()
        (tmp_path / f"p{i}" / "report.zh.html").touch()
    entries = [Entry(id=f"p{i}", title=f"Late flights at airport {i}") for i in range(500)]
    page = index(tmp_path, entries, template_dir=TEMPLATE)
    assert page.read_text("utf-8").count("<polyline") >= 500
    assert page.stat().st_size < 1_000_000


def test_it_says_what_changed_since_the_run_before(tmp_path):
    def told(verdict: Any, day: int) -> str:
        write(tmp_path / "x", {"trigger": trigger(verdict)}, {})
        ran = dt.datetime(2025, 11, day, 7, tzinfo=dt.UTC)
        entry = Entry(id="x", title="x", last_run=ran)
        return index(tmp_path, [entry], template_dir=TEMPLATE).read_text("utf-8")

    assert ">before: " not in told("watch", 3)
    assert "before: Watch" in told("start", 10)
    assert "before: Watch" in told("start", 10)  # the same run, told again
    assert ">before: " not in told("start", 17)


def test_money_is_told_where_a_result_has_it(tmp_path):
    saved = Form(
        id="2-5",
        title=term("Effect evaluation"),
        fields=(
            FormField(
                label=term("Benefit in money"),
                value=say("{sum} a year", sum=Quantity(value=120000, unit="money:CNY")),
            ),
        ),
    )
    found = results()["effect"].model_copy(update={"forms": (saved,)})
    write(tmp_path / "x", {"effect": found}, {})
    write(tmp_path / "y", {"trigger": trigger("watch")}, {})
    entries = [Entry(id=name, title=name) for name in "xy"]
    html = index(tmp_path, entries, template_dir=TEMPLATE).read_text("utf-8")
    assert "CNY 120,000<small>Benefit in money" in html
    assert html.count("<small>Benefit") == 1


def test_a_report_in_another_language_is_linked(tmp_path):
    write(tmp_path / "x", {"trigger": trigger("watch")}, {})
    for name in ("report.html", "report.zh.html"):
        (tmp_path / "x" / name).touch()
    html = index(tmp_path, [Entry(id="x", title="x")], template_dir=TEMPLATE).read_text("utf-8")
    assert 'href="x/report.zh.html" lang="zh">中文</a>' in html
