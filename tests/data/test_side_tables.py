"""The event log and the feedback: every row is used or left out for a reason that is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.data.test_intake import ROWS, table

from opsbook.data import load_tables
from opsbook.errors import DataError
from opsbook.project import Project

LOG = [
    "order,what,from,to,who",
    "1,pick,2024-01-01 09:00,2024-01-01 09:30,Ann",
    "1,pack,2024/01/01 10:00:00,2024-01-01T10:20:00,",
    "2,pick,2024-01-02 09:00,,Bob",
    ",pick,2024-01-02 09:00,2024-01-02 09:10,Bob",
]
SAID = [
    "when,about,where,words,nps",
    "2024-01-01,late,app,where is it,3",
    "2024-01-01,late,app,where is it,3",
    "2024-01-02,late,app,where is it,9",
    "2024-01-02,,app,hm,9",
]


def project(**tables: object) -> Project:
    return Project.model_validate(
        {
            "project": {"id": "p", "title": "P"},
            "data": {
                "kpi": {"path": "table.csv", "period": {"column": "day", "grain": "day"}},
                **tables,
            },
            "metric": {
                "name": "Conversion",
                "numerator": "orders",
                "denominator": "visits",
                "better": "higher",
            },
        }
    )


PROCESS = {"path": "log.csv", "case": "order", "step": "what", "start": "from", "end": "to"}
FEEDBACK = {"path": "said.csv", "date": "when", "topic": "about"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    table(tmp_path, ROWS)
    table(tmp_path, LOG, "log.csv")
    table(tmp_path, SAID, "said.csv")
    return tmp_path


def test_without_the_sections_there_are_no_side_tables(folder):
    tables = load_tables(project(), folder)
    assert tables.process is None
    assert tables.feedback is None


def test_an_event_log_keeps_open_steps_and_leaves_out_rows_without_a_case(folder):
    log = load_tables(project(process=PROCESS | {"resource": "who"}), folder).process
    assert log is not None
    assert log.resource is not None
    assert log.case.tolist() == ["1", "1", "2"]
    assert log.resource.tolist() == ["Ann", None, "Bob"]
    assert np.isnat(log.end).tolist() == [False, False, True]
    assert (log.start[1] - log.end[0]).astype(int) == 30 * 60 * 10**6
    assert (log.ledger.rows_in, log.ledger.rows_used) == (4, 3)
    assert log.ledger.left_out[0].reason.values == {"column": "order"}


def test_copies_of_one_complaint_are_one_complaint(folder):
    params = FEEDBACK | {"channel": "where", "text": "words", "score": "nps"}
    feedback = load_tables(project(feedback=params), folder).feedback
    assert feedback is not None
    assert feedback.frame["score"].tolist() == [3, 9]
    assert feedback.frame["text"].tolist() == ["where is it", "where is it"]
    ledger = feedback.ledger
    assert ledger.rows_in == ledger.rows_used + sum(line.rows for line in ledger.left_out) == 4


def test_the_volume_is_summed_from_the_kpi_table(folder):
    chosen = project(feedback=FEEDBACK)
    assert chosen.feedback_volume is not None
    volume = load_tables(chosen, folder).kpi.series(chosen.feedback_volume)
    assert volume.value[0] == 30


def test_names_the_cell_that_is_no_moment(folder):
    table(folder, [*LOG, "3,pick,yesterday,,"], "log.csv")
    with pytest.raises(DataError, match="line 6, column 'from': 'yesterday' is no date and time"):
        load_tables(project(process=PROCESS), folder)


def test_names_the_column_that_is_not_there_and_those_that_are(folder):
    with pytest.raises(DataError, match=r"no column 'stepp' \(data.process.step\); it has: order"):
        load_tables(project(process=PROCESS | {"step": "stepp"}), folder)


def test_says_that_a_side_table_is_missing(folder):
    with pytest.raises(DataError, match=r"data\.feedback\.path"):
        load_tables(project(feedback=FEEDBACK | {"path": "none.csv"}), folder)


def test_says_that_the_filter_leaves_nothing(folder):
    with pytest.raises(DataError, match="no row to use: 4 rows in"):
        load_tables(project(feedback=FEEDBACK | {"filter": {"where": "fax"}}), folder)


def test_an_event_log_has_its_times_in_any_form(folder):
    rows = [
        "1,pick,2024/1/1 9:00,2024年1月1日 上午9:30,Ann",
        "1,pack,20240101100000,2024-01-01T18:20:00+08:00,Ann",
        "2,pick,45293.5,02/01/2024 01:00 PM,Bob",
    ]
    (folder / "log.csv").write_bytes("\n".join([LOG[0], *rows]).encode("gbk"))
    log = load_tables(project(process=PROCESS | {"order": "day_first"}), folder).process
    assert log is not None
    assert [str(moment) for moment in log.start.astype("datetime64[m]")] == [
        "2024-01-01T09:00",
        "2024-01-01T10:00",
        "2024-01-02T12:00",
    ]
    assert (log.end - log.start).astype("timedelta64[m]").astype(int).tolist() == [30, 20, 60]
    assert [told.message for told in log.ledger.read_as] == ["encoding {encoding}"]


@pytest.mark.parametrize(("zone", "hours"), [("UTC", (1, 1, 5)), ("Asia/Shanghai", (9, 9, 5))])
def test_moments_of_an_event_log_are_told_in_its_time_zone(folder, zone, hours):
    rows = [
        "1,pick,2024-01-01T09:00:00+08:00,2024-01-01 01:30:00.5Z,Ann",
        "1,pack,2024/1/1 01:00+0000,2024年1月1日 20:00 +08:00,Ann",
        "2,pick, 2024-01-02 05:00 ,2024-01-02 06:00,Bob",
    ]
    table(folder, [LOG[0], *rows], "log.csv")
    log = load_tables(project(process=PROCESS | {"zone": zone}), folder).process
    assert log is not None
    assert [str(moment) for moment in log.start.astype("datetime64[h]")] == [
        f"2024-01-0{day}T{hour:02d}" for day, hour in zip((1, 1, 2), hours, strict=True)
    ]
    minutes = (log.end - log.start).astype("timedelta64[m]").astype(int).tolist()
    assert minutes == [30, 660, 60]


def test_a_time_zone_that_is_none_is_refused():
    with pytest.raises(ValueError, match="must be a time zone such as Asia/Shanghai"):
        project(process=PROCESS | {"zone": "Mars/Olympus"})


def test_feedback_has_its_dates_and_scores_in_any_form(folder):
    rows = [SAID[0], "2024年1月1日,late,app,a,９", "45293,late,app,b,8", "Jan 3, 2024,late,app,c,7"]
    rows[-1] = rows[-1].replace("Jan 3, 2024", '"Jan 3, 2024"')
    table(folder, rows, "said.csv")
    feedback = load_tables(project(feedback=FEEDBACK | {"score": "nps"}), folder).feedback
    assert feedback is not None
    assert feedback.frame["date"].dt.day.tolist() == [1, 2, 3]
    assert feedback.frame["score"].tolist() == [9, 8, 7]


def test_an_ambiguous_date_of_feedback_is_named_with_the_field_that_tells(folder):
    table(folder, [*SAID, "03/04/2024,late,app,x,1"], "said.csv")
    with pytest.raises(DataError, match=r"line 6.*'03/04/2024' may be day first or month first"):
        load_tables(project(feedback=FEEDBACK), folder)


def test_all_tables_count_for_the_content_that_a_result_is_computed_from(folder):
    alone = load_tables(project(), folder)
    assert alone.sha256 == alone.ledger.sha256
    first = load_tables(project(feedback=FEEDBACK), folder)
    table(folder, [*SAID, "2024-01-03,late,app,x,1"], "said.csv")
    second = load_tables(project(feedback=FEEDBACK), folder)
    assert len({alone.sha256, first.sha256, second.sha256}) == 3
