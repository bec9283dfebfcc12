"""Params files: read whole, refused with every fault and its line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from opsbook.errors import ParamsError
from opsbook.project import load_project, read_params
from opsbook.project.load import nested
from opsbook.project.readable import checked

PARAMS = Path(__file__).parents[2] / "params"
SAMPLE = (PARAMS / "jfk_delays.yaml").read_text(encoding="utf-8")
SMALL = """\
project: { id: small, title: Small }
data:
  kpi:
    path: table.csv
    period: { column: day, grain: day }
    dimensions: [store]
    focus: { store: NO }
metric: { name: Conversion, numerator: orders, denominator: visits, better: higher }
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "p.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", [file.stem for file in PARAMS.glob("*.yaml")])
def test_every_sample_is_valid(name):
    assert read_params(PARAMS / f"{name}.yaml").projects()


def test_the_airports_file_describes_twenty_nine_projects():
    projects = read_params(PARAMS / "airports.yaml").projects()
    assert len(projects) == 29
    assert {p.data.kpi.focus["airport"] for p in projects} >= {"JFK", "LGA", "EWR", "ATL"}


def test_all_faults_are_told_at_once_with_their_lines(tmp_path):
    text = SAMPLE.replace("better: lower", "better: loower", 1).replace("launched:", "lanched:")
    with pytest.raises(ParamsError) as caught:
        load_project(write(tmp_path, text))
    told = str(caught.value)
    assert "2 faults" in told
    assert "metric.better: must be 'higher' or 'lower' (got 'loower')" in told
    assert "effect.lanched: unknown field; did you mean 'launched'?" in told
    line = text.splitlines().index("  launched: 2008-03-30".replace("launched", "lanched")) + 1
    assert f"line {line}  effect.lanched" in told


@pytest.mark.parametrize(
    ("path", "wrong", "near"),
    [
        (("diagnosis", "whys", 1, "evidence", 0), "askd", "asked"),
        (("diagnosis", "whys", 1, "evidence", 1), "suports", "supports"),
        (("diagnosis", "whys", 1, "evidence", 2), "beyond_peer", "beyond_peers"),
        (("solutions", "options", 0, "scores", "feasibility"), "rater", "raters"),
        (("solutions", "options", 0, "effect"), "lwo", "low"),
        (("metric", "guardrails", 0), "margn", "margin"),
    ],
)
def test_an_unknown_field_is_told_the_nearest_however_deep(path, wrong, near):
    values = copy.deepcopy(dict(read_params(PARAMS / "shop_signup.yaml").values))
    place: Any = values
    for part in path:
        place = place[part]
    place[wrong] = 1
    _, faults = checked(values)
    told = [fault.message for fault in faults if fault.path == (*path, wrong)]
    assert told == [f"unknown field; did you mean '{near}'?"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: small", "id: ../x", "letters, digits, '_' or '-' (got '../x')"),
        ("id: small", f"id: {'x' * 81}", "project.id: must have at most 80 characters"),
        ("id: small", "id: a/b", "letters, digits"),
        ("better: higher", "better: higher, target: X %", "a blank goal is no goal"),
        ("better: higher", "better: higher, target: 20", "between 0 and 1 (got 20.0)"),
        ("grain: day", "grain: fortnight", "'day', 'week', 'month'"),
        ("numerator: orders, ", "", "a share needs numerator and denominator"),
        ("dimensions: [store]", "dimensions: []", "not in data.kpi.dimensions"),
        ("title: Small", "", "project.title: is missing"),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_the_choices(tmp_path, old, new, words):
    with pytest.raises(ParamsError) as caught:
        load_project(write(tmp_path, SMALL.replace(old, new)))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is nothing"),
        ("- a\n- b\n", "it is a list"),
        ("just words", "it is a str"),
        ("a: [1, 2\n", "is no YAML"),
        ("metric: {}\nmetric: {}\n", "'metric' stands on line 1 already"),
        ("a: *nowhere\n", "is no YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, words):
    with pytest.raises(ParamsError, match=None) as caught:
        read_params(write(tmp_path, text))
    assert words in str(caught.value)


def test_a_file_that_is_not_there_or_not_utf8_is_named(tmp_path):
    with pytest.raises(ParamsError, match="no params file"):
        read_params(tmp_path / "missing.yaml")
    with pytest.raises(ParamsError, match="is a folder"):
        read_params(tmp_path)
    (tmp_path / "gbk.yaml").write_bytes("标题".encode("gbk"))
    with pytest.raises(ParamsError, match="not UTF-8"):
        read_params(tmp_path / "gbk.yaml")


def test_norway_stays_a_country_and_a_time_of_day_a_word(tmp_path):
    project = load_project(write(tmp_path, SMALL))
    assert project.data.kpi.focus == {"store": "NO"}
    labels = SMALL.replace("dimensions:", "labels: { open: 12:30 }\n    dimensions:")
    assert load_project(write(tmp_path, labels)).data.kpi.labels == {"open": "12:30"}


def test_twenty_percent_is_a_fifth(tmp_path):
    text = SMALL.replace("better: higher", "better: higher, target: 20%")
    assert load_project(write(tmp_path, text)).metric.target == pytest.approx(0.2)


def test_overrides_replace_fields_and_keep_their_neighbours(tmp_path):
    project = load_project(write(tmp_path, SMALL), nested({"metric.target": 0.3}))
    assert project.metric.target == pytest.approx(0.3)
    assert project.metric.numerator == "orders"


def test_for_each_makes_a_project_of_each_row(tmp_path):
    rows = "for_each:\n  - { project.id: a, data.kpi.focus.store: A }\n  - { project.id: b }\n"
    params = read_params(write(tmp_path, SMALL + rows))
    assert [p.project.id for p in params.projects()] == ["a", "b"]
    assert params.project({"project": {"id": "a"}}).data.kpi.focus == {"store": "A"}


def test_a_table_of_projects_asks_for_values_as_yaml_does(tmp_path):
    cells = ["007", "7", "8.0", "-3", "True", "North", "1e3"]
    rows = [f"p{i},{cell}" for i, cell in enumerate(cells)]
    text = "\n".join(["project.id,data.kpi.focus.store", *rows, ""])
    (tmp_path / "stores.csv").write_text(text, encoding="utf-8")
    params = read_params(write(tmp_path, SMALL + "for_each: { table: stores.csv }\n"))
    asked = [row["data"]["kpi"]["focus"]["store"] for row in params.rows]
    assert asked == ["007", 7, 8.0, -3, True, "North", "1e3"]
    assert isinstance(asked[4], bool)


def test_for_each_reads_a_table(tmp_path):
    (tmp_path / "stores.csv").write_text(
        "project.id,data.kpi.focus.store\na,A\nb,B\n", encoding="utf-8"
    )
    params = read_params(write(tmp_path, SMALL + "for_each: { table: stores.csv }\n"))
    assert [p.data.kpi.focus["store"] for p in params.projects()] == ["A", "B"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("for_each: [{ project: x }]", "for_each.0: has no project.id"),
        ("for_each: [{ project.id: a, project: x }]", "Set one of the two"),
        ("for_each: { table: none.csv }", "cannot be read: No such file"),
        ("for_each: { table: gbk.csv }", "gbk.csv is not UTF-8"),
        ("for_each: { table: uneven.csv }", "more or fewer cells than its header on line 3"),
        ("for_each: 3", "must be a list of mappings"),
        ("for_each: []", "at least one row"),
    ],
)
def test_a_for_each_that_cannot_be_read_says_why(tmp_path, rows, words):
    (tmp_path / "gbk.csv").write_bytes("project.id,project.title\n1,北京".encode("gbk"))
    (tmp_path / "uneven.csv").write_text("project.id,project.title\na,A\nb,B,C\n")
    with pytest.raises(ParamsError) as caught:
        read_params(write(tmp_path, f"{SMALL}{rows}\n")).projects()
    assert words in str(caught.value)


def test_a_stores_number_is_its_id(tmp_path):
    rows = "for_each:\n  - { project.id: 1 }\n  - { project.id: 002 }\n"
    params = read_params(write(tmp_path, SMALL + rows))
    assert [p.project.id for p in params.projects()] == ["1", "002"]
    assert params.project({"project": {"id": 1}}).project.id == "1"


def test_a_faulty_row_is_told_at_its_line_and_the_others_stand(tmp_path):
    (tmp_path / "stores.csv").write_text("project.id,metric.better\na,higher\nb,hihger\n")
    params = read_params(write(tmp_path, SMALL + "for_each: { table: stores.csv }\n"))
    good, bad = params.readings()
    assert good.faults == ()
    assert "line 3  for_each.1.metric.better: must be" in str(params.error(bad.faults))


def test_a_fault_that_all_rows_share_is_told_once(tmp_path):
    rows = "for_each:\n  - { project.id: a }\n  - { project.id: b }\n"
    with pytest.raises(ParamsError) as caught:
        read_params(write(tmp_path, SMALL.replace("higher", "up") + rows)).projects()
    assert "has 1 fault" in str(caught.value)


def test_wrong_references_are_told_beside_wrong_fields_each_at_its_line(tmp_path):
    text = SMALL.replace("focus: { store: NO }", "focus: { shop: NO }").replace("higher", "up")
    text += (
        "diagnosis:\n  before: { from: 2024-01, to: 2024-01 }\n"
        "  after: { from: 2024-02, to: 2024-02 }\n  whys:\n"
        "    - { id: a, claim: A, evidence: [{ kind: cause, cause: x }] }\n"
        "    - { id: b, claim: B, evidense: 3 }\n"
        "effect:\n  launched: 2024-03-01\n  controls: { dimension: town }\n"
    )
    with pytest.raises(ParamsError) as caught:
        load_project(write(tmp_path, text))
    told = str(caught.value).splitlines()
    assert told[0].endswith("has 5 faults")
    assert "line 7  data.kpi.focus.shop: is 'shop', which is not in data.kpi.dimensions" in told[1]
    assert "line 8  metric.better: must be 'higher' or 'lower'" in told[2]
    assert "line 13  diagnosis.whys.0.evidence.0.cause: is 'x', which is not in" in told[3]
    assert "line 14  diagnosis.whys.1.evidense: unknown field" in told[4]
    assert "line 17  effect.controls.dimension: is 'town', which is not in" in told[5]


def test_a_fault_that_only_follows_from_another_is_not_told(tmp_path):
    text = SMALL.replace("dimensions: [store]", "dimensions: [store, 3]")
    with pytest.raises(ParamsError) as caught:
        load_project(write(tmp_path, text))
    assert "has 1 fault" in str(caught.value)


def test_for_each_refuses_an_id_twice_and_asks_for_one_where_many_are_meant(tmp_path):
    twice = "for_each:\n  - { project.id: a }\n  - { project.id: a }\n"
    with pytest.raises(ParamsError, match="'a' is there twice"):
        read_params(write(tmp_path, SMALL + twice)).projects()
    two = "for_each:\n  - { project.id: a }\n  - { project.id: b }\n"
    with pytest.raises(ParamsError, match="describes 2 projects; say which one"):
        load_project(write(tmp_path, SMALL + two))


def test_a_circle_of_whys_is_refused(tmp_path):
    whys = """
diagnosis:
  before: { from: 2024-01, to: 2024-01 }
  after: { from: 2024-02, to: 2024-02 }
  whys:
    - { id: a, claim: A, because_of: b }
    - { id: b, claim: B, because_of: a }
"""
    with pytest.raises(ParamsError, match="a circle: a → b → a"):
        load_project(write(tmp_path, SMALL + whys))


def test_overlapping_windows_are_refused(tmp_path):
    text = SMALL + (
        "diagnosis:\n  before: { from: 2024-01, to: 2024-03 }\n"
        "  after: { from: 2024-03, to: 2024-04 }\n"
    )
    with pytest.raises(ParamsError, match="before and after overlap"):
        load_project(write(tmp_path, text))


def test_several_faults_of_one_line_are_all_told(tmp_path):
    text = SMALL.replace("title: Small", "titel: Small, ownr: Ann")
    with pytest.raises(ParamsError) as caught:
        load_project(write(tmp_path, text))
    told = str(caught.value)
    assert "3 faults" in told
    assert told.count("line 1  project") == 3


def test_a_fault_in_one_of_several_forms_stands_at_its_own_path(tmp_path):
    text = SAMPLE.replace("scores: { feasibility: 5 }", "scores: { feasibility: }")
    with pytest.raises(ParamsError, match=r"options\.1\.scores\.feasibility: is blank"):
        load_project(write(tmp_path, text))


def test_rows_of_for_each_give_the_projects_that_each_gives_alone(tmp_path):
    rows = (
        "for_each:\n  - { project.id: a, data.kpi.focus.store: A, metric.target: 10% }\n"
        "  - { project.id: b }\n  - { project.id: c, metric.target: 20% }\n  - { project.id: d }\n"
    )
    file = write(tmp_path, SMALL + rows)
    overrides = {"trigger": {"drop": "20%"}}
    together = read_params(file).projects(overrides)
    alone = [load_project(file, overrides | {"project": {"id": one}}) for one in "abcd"]
    assert together == alone


def test_where_every_item_is_faulty_only_their_own_faults_are_told(tmp_path):
    options = "solutions:\n  options:\n    - { id: a, title: A, cost: }\n"
    with pytest.raises(ParamsError) as caught:
        read_params(write(tmp_path, SMALL + options)).projects()
    told = str(caught.value)
    assert "options.0.cost: is blank; fill it in" in told
    assert "at least" not in told
    assert "None" not in told
    with pytest.raises(ParamsError, match="options: needs at least 1; there are 0"):
        read_params(write(tmp_path, f"{SMALL}solutions: {{ options: [] }}\n")).projects()


def test_a_text_where_a_list_belongs_and_an_empty_one_are_told_in_plain_words(tmp_path):
    windows = "before: { from: 2025-01, to: 2025-02 }, after: { from: 2025-03, to: 2025-04 }"
    whys = '[{ id: a, claim: "" }, { id: b, claim: B, evidence: we know }]'
    with pytest.raises(ParamsError) as caught:
        read_params(
            write(tmp_path, f"{SMALL}diagnosis: {{ {windows}, whys: {whys} }}\n")
        ).projects()
    told = str(caught.value)
    assert "diagnosis.whys.0.claim: must not be empty" in told
    assert "diagnosis.whys.1.evidence: must be a list (got 'we know')" in told


def test_what_rows_of_for_each_leave_untouched_is_checked_and_kept_once(tmp_path):
    rows = (
        "for_each:\n  - { project.id: a, data.kpi.focus.store: 1 }\n"
        "  - { project.id: b, data.kpi.focus.store: true }\n"
        "  - { project.id: c, metric.target: 10% }\n"
    )
    params = read_params(write(tmp_path, SMALL + rows))
    first, second, third = params.projects()
    assert second.metric is first.metric
    assert second.data.kpi.period is third.data.kpi.period is first.data.kpi.period
    assert [first.data.kpi.focus["store"], second.data.kpi.focus["store"]] == [1, True]
    assert isinstance(second.data.kpi.focus["store"], bool)
    assert (first.metric.target, third.metric.target) == (None, 0.1)
    alone = params.project({"project": {"id": "b"}})
    assert second.model_dump(exclude_unset=True) == alone.model_dump(exclude_unset=True)
