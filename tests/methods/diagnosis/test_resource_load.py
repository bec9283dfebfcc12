"""Resource load: overlapping tasks count once, and only in open hours."""

import pytest

from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import event_log, open_clocks
from opsbook.methods.diagnosis.resource_load import resource_load

T = "2026-03-02T"


def test_overlapping_tasks_count_once():
    log = event_log(
        ["a", "b", "c"],
        ["x"] * 3,
        [T + "08", T + "09", T + "10"],
        [T + "12", T + "10", T + "13"],
        resource=["Li", "Li", "Li"],
    )
    load = resource_load(log, open_clocks(log, None, {}))[0]
    assert load.busy_hours == pytest.approx(5)
    assert load.utilisation == pytest.approx(1)
    assert load.events == 3


def test_overtime_is_not_counted_against_open_hours():
    office = Calendar(week=(((9.0, 17.0),),) * 5 + ((), ()))
    log = event_log(
        ["a", "b"], ["x"] * 2, [T + "15", T + "09"], [T + "19", T + "09"], resource=["Li", "Wu"]
    )
    loads = {r.resource: r for r in resource_load(log, open_clocks(log, office, {}))}
    assert loads["Li"].busy_hours == pytest.approx(2)
    assert loads["Li"].utilisation == pytest.approx(2 / 8)


def test_a_log_in_closed_hours_has_no_utilisation():
    office = Calendar(week=(((9.0, 17.0),),) * 5 + ((), ()))
    log = event_log(["a"], ["x"], [T + "20"], [T + "21"], resource=["Li"])
    assert resource_load(log, open_clocks(log, office, {}))[0].utilisation is None


def test_without_resources_there_is_no_load():
    log = event_log(["a"], ["x"], [T + "20"], [T + "21"])
    assert resource_load(log, open_clocks(log, None, {})) == ()
