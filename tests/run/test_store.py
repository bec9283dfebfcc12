"""Outputs kept in a store: brought before a run, sent after it, never half."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.run.workspaces import opsbook, workspace

from opsbook.cli import main
from opsbook.errors import RunError
from opsbook.run.batch import run_batch
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.project_run import run_project
from opsbook.run.record import Run
from opsbook.run.status import last_failed
from opsbook.run.store import TRIAL, Store
from opsbook.run.store_listing import LISTING, listed
from opsbook.run.workspace import init_workspace

fsspec = pytest.importorskip("fsspec")
memory = pytest.importorskip("fsspec.implementations.memory")


class Unruly(memory.MemoryFileSystem):  # type: ignore[misc,name-defined] # untyped
    """A store that loses what is on its way, half of it sent, to files of these names."""

    protocol = "unruly"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    error: ClassVar[type[Exception]] = ConnectionError
    lost: ClassVar[set[str]] = set()

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        known = path.rpartition("/")[2].lstrip(".") in self.lost
        super().pipe_file(path, value[: len(value) // 2] if known else value, mode)
        if known:
            raise self.error("on its way")


class Renaming(Unruly):
    """The same, where files can be renamed."""

    protocol = "renaming"

    def mv(self, path1: str, path2: str, **_: Any) -> None:
        self.store[self._strip_protocol(path2)] = self.store.pop(self._strip_protocol(path1))


class Reluctant(Renaming):
    """The same, where a name that is taken has to be made free."""

    protocol = "reluctant"

    def mv(self, path1: str, path2: str, **_: Any) -> None:
        if self.exists(path2):
            raise FileExistsError(path2)
        super().mv(path1, path2)


@pytest.fixture(params=[Unruly, Renaming, Reluctant], ids=lambda kind: kind.protocol)
def unruly(request: Any) -> Iterator[type[Unruly]]:
    fsspec.register_implementation(request.param.protocol, request.param, clobber=True)
    yield request.param
    Unruly.store.clear()
    Unruly.lost.clear()


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

    def lost_after_the_first(path, content):
        put(path, content)
        if not path.endswith(LISTING):
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


def test_a_file_that_the_store_has_lost_is_sent_again_and_nowhere_removed(store, tmp_path):
    here, there = project(tmp_path / "here", a="1", b="1", empty=""), tmp_path / "there" / "jfk"
    store.send(here)
    assert store.fetch(here) == set()
    store._files.rm_file(store._path(here, "a"))
    assert store.fetch(here, there) == {here, there}
    assert contents(here) == {"a": "1", "b": "1", "empty": ""}
    assert contents(there) == {"b": "1", "empty": ""}
    store.send(here)
    assert store.fetch(here, there) == set()
    assert contents(there) == {"a": "1", "b": "1", "empty": ""}


def test_an_older_file_goes_where_the_store_has_lost_the_newer_one(store, tmp_path):
    here, there = project(tmp_path / "here", a="1", b="1"), tmp_path / "there" / "jfk"
    store.send(here)
    store.fetch(there)
    store.send(project(tmp_path / "here", a="2", b="2"))
    store._files.rm_file(store._path(here, "a"))
    assert store.fetch(there) == {there}
    assert contents(there) == {"b": "2"}


def test_a_file_that_is_not_what_the_listing_says_is_as_good_as_lost(store, tmp_path):
    here, there = project(tmp_path / "here", a="1", b="1"), tmp_path / "there" / "jfk"
    store.send(here)
    store._put(store._path(here, "a"), b"of another run")
    assert store.fetch(there) == {there}
    assert contents(there) == {"b": "1"}
    project(tmp_path / "there", a="1")
    store.send(there)
    third = tmp_path / "third" / "jfk"
    assert store.fetch(third) == set()
    assert contents(third) == {"a": "1", "b": "1"}


def test_what_changed_here_and_was_not_sent_is_known_without_asking_for_each_file(store, tmp_path):
    here = project(tmp_path / "here", a="1")
    store.send(here)
    project(tmp_path / "here", a="2")
    assert store.fetch(here) == {here}
    assert contents(here) == {"a": "2"}


def test_two_runs_that_send_at_once_leave_nothing_mixed(store, tmp_path, monkeypatch):
    here, there = project(tmp_path / "here", a="1"), project(tmp_path / "there", a="2")
    put = store._put

    def beside_another_one(path, content):
        put(path, content)
        monkeypatch.setattr(store, "_put", put)
        store.send(there)

    monkeypatch.setattr(store, "_put", beside_another_one)
    with pytest.raises(RunError, match=r"Another run has sent jfk to .*Run it again"):
        store.send(here)
    assert store.fetch(there) == {there}
    store.send(there)
    store.fetch(here)
    assert contents(here) == {"a": "2", "a.by_hand": "1"}


def test_a_listing_that_cannot_be_read_counts_as_none(store, tmp_path):
    here = project(tmp_path / "here", a="1")
    store.send(here)
    store._put(store._path(here, LISTING), b"{")
    assert store.fetch(here) == {here}
    store.send(here)
    assert store.fetch(here) == set()


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


def test_what_is_lost_on_its_way_is_told_and_never_half_where_files_can_be_renamed(
    unruly, tmp_path
):
    store = Store(f"{unruly.protocol}://ops")
    here, there = project(tmp_path / "here", report="<html>1"), tmp_path / "there" / "jfk"
    store.send(here)
    project(tmp_path / "here", report="<html>2")
    unruly.lost.add("report")
    with pytest.raises(RunError, match=r"ops cannot be used: ConnectionError: on its way\."):
        store.send(here)
    kept = {Unruly: b"<ht", Renaming: b"<html>1", Reluctant: b"<html>1"}[unruly]
    assert unruly().cat_file(store._path(here, "report")) == kept
    assert store.fetch(there) == {there}
    assert not there.exists()
    unruly.lost.clear()
    store.send(here)
    assert store.fetch(there) == set()
    assert contents(there) == {"report": "<html>2"}
    assert sorted(name.rpartition("/")[2] for name in unruly.store) == ["report", LISTING]


def not_due(folder: Path) -> Job:
    """A project whose diagnosis is told not to be due, for which no kernel is started."""
    made = init_workspace(folder)
    (job,) = plan(made, [made.params / "clinic_deaths.yaml"])
    return job


def publish(job: Job, _runs: tuple[Run, ...]) -> Path:
    report = job.folder / "report.html"
    report.write_text("<html>", encoding="utf-8")
    return report


def test_a_store_that_takes_nothing_stops_a_batch_before_it_begins(unruly, tmp_path, monkeypatch):
    job = not_due(tmp_path)
    monkeypatch.setattr(unruly, "error", PermissionError)
    unruly.lost.add(TRIAL.lstrip("."))
    options = RunOptions(stages=("diagnosis",), store=f"{unruly.protocol}://ops")
    with pytest.raises(RunError, match=r"PermissionError: on its way\..*the credentials"):
        run_batch([job], publish, options=options)
    assert not job.folder.exists()


def test_the_next_run_sends_what_was_lost_though_nothing_has_to_run(unruly, tmp_path):
    job = not_due(tmp_path)
    unruly.lost.add("report.html")
    options = RunOptions(stages=("diagnosis",), store=f"{unruly.protocol}://ops")
    (first,) = run_batch([job], publish, options=options)
    assert first.failed
    assert "cannot be used: ConnectionError" in str(first.store_failure)
    assert (job.folder / "report.html").read_text() == "<html>"
    unruly.lost.clear()
    (second,) = run_batch([job], publish, options=options)
    assert (second.failed, second.seconds) == (False, 0.0)
    sent = Store(f"{unruly.protocol}://ops")._path(job.folder, "report.html")
    assert unruly().cat_file(sent) == b"<html>"


class Away(Unruly):
    """A store that nobody answers for any more, whatever is asked."""

    protocol = "away"
    gone: ClassVar[bool] = False

    def find(self, *arguments: Any, **options: Any) -> Any:
        return self._asked(super().find, *arguments, **options)

    def cat_file(self, *arguments: Any, **options: Any) -> Any:
        return self._asked(super().cat_file, *arguments, **options)

    def pipe_file(self, *arguments: Any, **options: Any) -> Any:
        return self._asked(super().pipe_file, *arguments, **options)

    def _asked(self, what: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if type(self).gone:
            raise self.error("no route to me:pa%21ss or me:pa!ss")
        return what(*arguments, **options)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Away]]:
    fsspec.register_implementation("away", Away, clobber=True)
    monkeypatch.setattr(Away, "gone", False)
    yield Away
    Unruly.store.clear()


def test_a_store_that_goes_away_in_the_middle_costs_no_result(away, tmp_path):
    job = not_due(tmp_path)
    options = RunOptions(stages=("diagnosis",), store="away://ops")
    assert not run_batch([job], publish, options=options)[0].failed

    def published_as_it_goes(job: Job, runs: tuple[Run, ...]) -> Path:
        away.gone = True
        return publish(job, runs)

    (job.folder / "report.html").unlink()
    (run,) = run_batch([job], published_as_it_goes, options=options)
    assert (run.report_failure, [stage.status for stage in run.runs]) == (None, ["not_due"])
    assert "away://ops cannot be used: ConnectionError" in str(run.store_failure)
    assert last_failed([job]) == [job]
    with pytest.raises(RunError, match="away://ops cannot be used"):
        run_batch([job], publish, options=options)  # away before it begins: nothing is tried
    away.gone = False
    (again,) = run_batch([job], publish, options=options)
    assert (again.failed, again.seconds) == (False, 0.0)
    assert last_failed([job]) == []
    sent = Store("away://ops")._path(job.folder, "run.json")
    assert away().cat_file(sent) == (job.folder / "run.json").read_bytes()


def test_a_project_that_could_not_be_brought_runs_and_is_not_sent_over_what_is_there(
    away, tmp_path
):
    job = not_due(tmp_path)
    options = RunOptions(stages=("diagnosis",), store="away://ops")
    away.gone = True
    run = run_project(job, publish, tmp_path, options)
    assert "away://ops cannot be used" in str(run.store_failure)
    assert (job.folder / "report.html").is_file()
    assert not away.store


def test_no_password_is_told_though_the_store_tells_it(away, tmp_path):
    away.gone = True
    with pytest.raises(RunError, match=r"no route to me:\*\*\* or me:\*\*\*") as told:
        Store("away://me:pa%21ss@ops").fetch(tmp_path / "jfk")
    assert "pa!ss" not in str(told.value)
    assert "pa%21ss" not in str(told.value)


def test_an_index_that_is_lost_on_its_way_ends_with_code_1(unruly, tmp_path, monkeypatch, capsys):
    job = not_due(tmp_path)
    unruly.lost.add("index.html")
    monkeypatch.chdir(tmp_path)
    asked = ["run", str(job.params_file), "--stage", "diagnosis"]
    monkeypatch.setattr("sys.argv", ["opsbook", *asked, "--store", f"{unruly.protocol}://ops"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert "ops cannot be used: ConnectionError" in told.err
    assert told.out.split() == [
        str(tmp_path / "outputs" / name) for name in ("clinic_deaths/report.html", "index.html")
    ]


def test_a_store_that_nobody_answers_for_is_told_without_its_password():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"ftp://me:s3cret@127.0.0.1:{taken.getsockname()[1]}/ops"
        with pytest.raises(RunError, match=r"ftp://me:\*\*\*@.*ConnectionRefusedError") as told:
            Store(url)
    assert "s3cret" not in str(told.value)


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    absent = {"class": "no_such_package.Files", "err": "Install no_such_package"}
    known = sys.modules["fsspec.registry"].known_implementations
    monkeypatch.setitem(known, "absent", absent)
    with pytest.raises(RunError, match="Install no_such_package"):
        Store("absent://ops")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(RunError, match=r"pip install 'opsbook\[store\]'"):
        Store("memory://ops")


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
    assert listed((kept / LISTING).read_bytes()).keys() >= {"run.json", "0_intake.json"}
    assert (tmp_path / "store" / "index.html").is_file()
