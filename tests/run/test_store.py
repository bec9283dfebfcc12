"""Outputs kept in a store: brought before a run, sent after it, never half."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.run.workspaces import opsbook, workspace

from opsbook.errors import RunError
from opsbook.run.store import LISTING, Store

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path):
    if request.param == "file":
        return Store(f"file://{tmp_path}/store")
    return Store(f"memory://{tmp_path.name}")


def project(folder: Path, **files: str) -> Path:
    """A project's outputs with these files."""
    for name, text in files.items():
        file = folder / "jfk" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "jfk"


def contents(folder: Path) -> dict[str, str]:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != LISTING)
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in files}


def test_what_one_machine_sends_another_one_has(store, tmp_path):
    here = project(tmp_path / "here", report="<html>", tables__a="1,2", run="{}")
    (here / ".draft").write_text("half")
    (here / "run.lock").write_text("ours")
    store.send(here)
    there = tmp_path / "there" / "jfk"
    store.fetch(there, tmp_path / "there" / "nobody")
    assert contents(there) == {"report": "<html>", "tables/a": "1,2", "run": "{}"}
    assert not (tmp_path / "there" / "nobody").exists()


def test_what_is_gone_here_goes_there_and_what_is_new_there_comes_here(store, tmp_path):
    here, there = project(tmp_path / "here", a="1", b="1"), tmp_path / "there" / "jfk"
    store.send(here)
    store.fetch(there)
    project(tmp_path / "here", b="2", c="3")
    (here / "a").unlink()
    store.send(here)
    store.fetch(there)
    assert contents(there) == {"b": "2", "c": "3"}


def test_what_somebody_changed_here_is_set_aside_before_it_is_replaced(store, tmp_path):
    here, there = project(tmp_path / "here", a="1", b="1"), tmp_path / "there" / "jfk"
    store.send(here)
    store.fetch(there)
    project(tmp_path / "there", a="mine", b="mine")
    project(tmp_path / "here", a="2")
    store.send(here)
    store.fetch(there)
    assert contents(there) == {"a": "2", "a.by_hand": "mine", "b": "mine"}


def test_what_a_lost_machine_has_half_sent_counts_as_none_and_is_mended(
    store, tmp_path, monkeypatch
):
    here, there = project(tmp_path / "here", a="1", b="1"), tmp_path / "there" / "jfk"
    store.send(here)
    put = store._put

    def lost_after_the_first(name, content):
        put(name, content)
        raise KeyboardInterrupt

    project(tmp_path / "here", a="2", b="2")
    monkeypatch.setattr(store, "_put", lost_after_the_first)
    with pytest.raises(KeyboardInterrupt):
        store.send(here)
    monkeypatch.setattr(store, "_put", put)
    store.fetch(there)
    assert not there.exists()
    store.send(project(tmp_path / "there", a="3"))
    store.fetch(here)
    assert contents(here) == {"a": "3", "a.by_hand": "2", "b": "2"}


def test_files_that_change_while_they_are_brought_are_refused(store, tmp_path):
    here = project(tmp_path / "here", a="1")
    store.send(here)
    store._put("jfk/a", b"2")
    with pytest.raises(RunError, match="jfk is being written to"):
        store.fetch(tmp_path / "there" / "jfk")


@pytest.mark.parametrize(
    ("url", "words"),
    [("bucket/ops", "is no address of a store"), ("nothing://ops", "Protocol not known: nothing")],
)
def test_an_address_that_cannot_be_used_is_told(url, words):
    with pytest.raises(RunError, match=words):
        Store(url)


def test_a_store_that_is_out_of_reach_is_told(tmp_path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(RunError, match="store cannot be used: NotADirectoryError"):
        Store(f"file://{tmp_path}/store").send(project(tmp_path / "here", a="1"))


def test_a_run_on_another_machine_takes_everything_from_the_store(tmp_path):
    one = workspace(tmp_path / "one", "clinic_deaths")
    (one / "opsbook.yaml").write_text(f"store: file://{tmp_path}/store\n")
    two = tmp_path / "two"
    shutil.copytree(one, two)
    told = opsbook(one, "run", "--stage", "intake")
    assert told.returncode == 0, told.stderr
    again = opsbook(two, "run", "--stage", "intake")
    assert again.returncode == 0, again.stderr
    assert "clinic_deaths: 1 cached" in again.stderr
    kept = tmp_path / "store" / "clinic_deaths"
    assert (kept / "report.html").read_bytes() == (
        two / "outputs" / "clinic_deaths" / "report.html"
    ).read_bytes()
    assert json.loads((kept / LISTING).read_text("utf-8")).keys() >= {"run.json", "0_intake.json"}
    assert (tmp_path / "store" / "index.html").is_file()
