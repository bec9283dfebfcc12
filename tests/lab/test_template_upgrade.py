"""Newer notebooks of the kit come into a workspace, and nothing of the user's is lost."""

from __future__ import annotations

import json
import sys

import pytest
from tests.lab.test_template_drift import NAME, change

from opsbook.errors import RunError
from opsbook.run import template_drift
from opsbook.run.template_drift import drift
from opsbook.run.template_text import source
from opsbook.run.template_upgrade import upgrade
from opsbook.run.workspace import Workspace, init_workspace

MINE = "misses = trigger.consecutive_misses(context)  # my own\nshow.misses(misses, history)"


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A kit whose trigger notebook is newer than that of the workspaces made before."""
    made = init_workspace(tmp_path / "kit")
    monkeypatch.setattr(template_drift, "SHIPPED", made.root)

    def newer(cells, notebook):
        cells["verdict-words"]["source"] = "## The verdict\n\nNewer words."
        notebook["cells"].insert(-1, {**cells["save"], "id": "note", "source": "result.headline"})

    change(made, newer)
    return made


@pytest.fixture
def ops(tmp_path):
    return init_workspace(tmp_path / "ops")


def sources(workspace: Workspace) -> dict[str, str]:
    cells = json.loads((workspace.templates / NAME).read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: source(cell) for cell in cells}


def test_a_notebook_that_nobody_changed_is_replaced(ops, kit):
    (brought,) = upgrade(ops)
    assert brought.kept is None
    assert sources(ops) == sources(kit)
    assert drift(ops) == []
    assert list(upgrade(ops)) == []


def test_outputs_are_no_change_of_the_users(ops, kit):
    change(ops, lambda cells, _: cells["save"].update(execution_count=12))
    (brought,) = upgrade(ops)
    assert brought.kept is None


def test_changes_of_both_sides_are_merged_and_the_users_notebook_is_kept(ops, kit):
    change(ops, lambda cells, _: cells["misses"].update(source=MINE))
    before = (ops.templates / NAME).read_bytes()
    (brought,) = upgrade(ops)
    assert brought.conflicts == 0
    merged = sources(ops)
    assert merged["misses"] == MINE
    assert merged["verdict-words"] == "## The verdict\n\nNewer words."
    assert merged["note"] == "result.headline"
    assert (ops.root / brought.kept).read_bytes() == before
    assert drift(ops) == []


def test_where_both_changed_a_cell_both_versions_stay_and_are_told(ops, kit):
    change(ops, lambda cells, _: cells["misses"].update(source=MINE))
    theirs = "misses = trigger.consecutive_misses(context)  # the kit's\nshow.misses(misses)"
    change(kit, lambda cells, _: cells["misses"].update(source=theirs))
    (brought,) = upgrade(ops)
    assert brought.conflicts == 1
    merged = sources(ops)["misses"]
    assert MINE.splitlines()[0] in merged
    assert theirs.splitlines()[0] in merged
    assert "conflicts in the cells misses" in drift(ops)[0].problem


def test_a_chinese_workspace_gets_the_newer_notebook_in_chinese(tmp_path, kit):
    ops = init_workspace(tmp_path / "zh", "zh")
    (brought,) = upgrade(ops)
    assert brought.kept is None
    assert sources(ops)["intro"].startswith("# 有理由启动优化吗")
    assert sources(ops)["note"] == "result.headline"


def test_without_nbdime_one_line_says_what_to_install(ops, kit, monkeypatch):
    change(ops, lambda cells, _: cells["misses"].update(source=MINE))
    monkeypatch.setitem(sys.modules, "nbdime.merging.notebooks", None)
    with pytest.raises(RunError, match=r"pip install 'opsbook\[merge\]'"):
        list(upgrade(ops))
    assert sources(ops)["misses"] == MINE


def test_a_folder_that_init_did_not_make_cannot_be_upgraded(tmp_path):
    with pytest.raises(RunError, match="made by 'opsbook init'"):
        list(upgrade(Workspace(root=tmp_path)))
