from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.critical_path import PlannedTask, critical_path

# Hillier & Lieberman, Introduction to Operations Research: Reliable Construction Co., in weeks.
RELIABLE = {
    "A": (2, ""),
    "B": (4, "A"),
    "C": (10, "B"),
    "D": (6, "C"),
    "E": (4, "C"),
    "F": (5, "E"),
    "G": (7, "D"),
    "H": (9, "EG"),
    "I": (7, "C"),
    "J": (8, "FI"),
    "K": (4, "J"),
    "L": (5, "J"),
    "M": (2, "H"),
    "N": (6, "KL"),
}


def test_agrees_with_hillier_and_lieberman():
    plan = critical_path(
        [PlannedTask(name=n, days=d, after=tuple(after)) for n, (d, after) in RELIABLE.items()]
    )
    assert plan.days == 44
    assert plan.path == tuple("ABCEFJLN")
    slack = {task.name: task.slack for task in plan.tasks}
    assert (slack["D"], slack["G"], slack["H"], slack["I"], slack["K"]) == (4, 4, 4, 2, 1)
    assert [task.name for task in plan.tasks if task.critical] == list("ABCEFJLN")


def test_the_order_of_the_rows_does_not_matter():
    rows = [PlannedTask(name=n, days=d, after=tuple(a)) for n, (d, a) in RELIABLE.items()]
    assert critical_path(rows[::-1]).path == critical_path(rows).path


def test_a_milestone_ends_the_path():
    build = PlannedTask(name="build", days=3)
    live = PlannedTask(name="live", days=0, after=("build",))
    assert critical_path([build, live]).path == ("build", "live")


def test_a_planned_start_holds_a_task_back_or_is_called_too_early():
    build = PlannedTask(name="build", days=5)
    train = PlannedTask(name="train", days=2, after=("build",), start=3)
    launch = PlannedTask(name="launch", days=1, after=("train",), start=20)
    plan = critical_path([build, train, launch])
    assert [task.too_early for task in plan.tasks] == [0, 2, 0]
    assert [task.start for task in plan.tasks] == [0, 5, 20]
    assert plan.tasks[0].slack == 13
    assert plan.path == ("launch",)


durations = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@given(durations, st.data())
def test_the_path_is_as_long_as_the_plan_and_nothing_starts_too_soon(days, data):
    tasks = []
    for i, d in enumerate(days):
        before = data.draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else set()
        tasks.append(PlannedTask(name=str(i), days=d, after=tuple(map(str, sorted(before)))))
    plan = critical_path(tasks)
    done = {task.name: task for task in plan.tasks}
    assert sum(days[int(name)] for name in plan.path) == plan.days
    for task in tasks:
        assert all(done[before].finish <= done[task.name].start for before in task.after)


def test_names_the_circle():
    a = PlannedTask(name="a", days=1, after=("c",))
    b = PlannedTask(name="b", days=1, after=("a",))
    c = PlannedTask(name="c", days=1, after=("b",))
    with pytest.raises(DataError, match="in a circle: a → b → c → a"):
        critical_path([a, b, c])


def test_names_what_else_is_wrong():
    with pytest.raises(DataError, match="Unknown task in what 'a' waits for: 'z'"):
        critical_path([PlannedTask(name="a", days=1, after=("z",))])
    with pytest.raises(DataError, match="Task 'a' takes -1 days"):
        critical_path([PlannedTask(name="a", days=-1)])
    with pytest.raises(DataError, match="Task 'a' starts on day -2"):
        critical_path([PlannedTask(name="a", days=1, start=-2)])
    with pytest.raises(DataError, match="found 'a' 2 times"):
        critical_path([PlannedTask(name="a", days=1), PlannedTask(name="a", days=1)])
