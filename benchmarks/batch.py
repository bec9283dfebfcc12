"""A full batch: opsbook, papermill and nbconvert in a loop, in a pool, and plain functions."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import functools
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from opsbook.notebook import NotDue
from opsbook.report.from_run import publish_job
from opsbook.results import STAGES
from opsbook.results.saved import file_name, write_whole
from opsbook.run.execute import prepared
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.fork_server import PRELOADED
from opsbook.run.kernels.memory import peak_kb
from opsbook.run.plan import Job, plan
from opsbook.run.pool import PRELOADED as IMPORTED
from opsbook.run.workspace import Workspace, init_workspace

nbformat = import_jupyter("nbformat")
#: Of the samples, the one that has all six stages.
SAMPLE = "jfk_delays"
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
PATIENCE = 3600
#: What a project's results, report and notebooks must not miss, whoever made them.
MADE = ("report.html", "5_control.ipynb", "5_control.json")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def projects(folder: Path, number: int) -> Path:
    """A workspace with copies of one sample under other ids."""
    workspace = init_workspace(folder)
    text = (workspace.params / f"{SAMPLE}.yaml").read_text(encoding="utf-8")
    for file in workspace.params.glob("*.yaml"):
        file.unlink()
    for i in range(number):
        named = text.replace(f"id: {SAMPLE}", f"id: p{i:04}")
        (workspace.params / f"p{i:04}.yaml").write_text(named, encoding="utf-8")
    return folder


def command(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "opsbook", "run", *arguments],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )


def by_papermill(folder: Path, name: str) -> None:
    """One project as a shell script does it: papermill per stage, nbconvert per notebook."""
    output = folder / "by_papermill" / name
    output.mkdir(parents=True)
    tools = Path(sys.executable).parent
    for stage in STAGES:
        notebook = output / file_name(stage, ".ipynb")
        given = ["-p", "params_file", f"../../params/{name}.yaml", "-p", "run_dir", "."]
        template = str(folder / "templates" / notebook.name)
        execute = [str(tools / "papermill"), template, str(notebook), *given, "--cwd", str(output)]
        export = [str(tools / "jupyter"), "nbconvert", "--to", "html", str(notebook)]
        for step in (execute, export):
            _patiently(step)


def _patiently(step: list[str]) -> None:
    """Run a step; once more if it fails, as two kernels may ask for the same TCP port."""
    environment = {**os.environ, **ENVIRONMENT}
    for again in (True, False):
        done = subprocess.run(step, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        print(f"{' '.join(step)} failed: {done.stderr[-800:]}", file=sys.stderr, flush=True)
        if not again:
            raise SystemExit("It failed twice.")


def as_functions(job: Job) -> None:
    """One project without kernels: the notebooks' own cells as plain code, then the report."""
    job.folder.mkdir(parents=True)
    os.chdir(job.folder)
    for stage in STAGES:
        name = file_name(stage, ".ipynb")
        book = nbformat.reads(prepared(job, job.templates / name), as_version=4)
        names: dict[str, Any] = {}
        for cell in book.cells:
            if cell.cell_type == "code":
                try:
                    cell.outputs = shown(cell.source, names)
                except NotDue:
                    break
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"params_file": str(job.params_file), "run_dir": str(job.folder)}
        write_whole(job.folder / name, nbformat.writes(book))
    publish_job(job, ())


def shown(source: str, names: dict[str, Any]) -> list[Any]:
    """Execute a cell; what it displays, as a kernel would send it."""
    from IPython.core.formatters import DisplayFormatter  # noqa: PLC0415 - in the pool only

    outputs: list[Any] = []

    def display(*values: object) -> None:
        for value in values:
            data, metadata = DisplayFormatter().format(value)
            outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))

    names["display"] = display
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - our own templates
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307 - as above
        if value is not None:
            display(value)
    return outputs


def floor(folder: Path, workers: int) -> None:
    """The same steps as warm functions: processes that have their imports done."""
    jobs = [
        dataclasses.replace(job, folder=folder / "floor" / job.folder.name)
        for job in plan(Workspace(root=folder), ())
    ]
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, *IMPORTED, "opsbook.report.from_run"])
    with ProcessPoolExecutor(workers, context) as pool:
        list(pool.map(as_functions, jobs))


def complete(folder: Path, names: Sequence[str]) -> None:
    """See that both ways have made the same."""
    for root, name, made in itertools.product(("outputs", "floor"), names, MADE):
        if not (folder / root / name / made).is_file():
            raise FileNotFoundError(folder / root / name / made)


def measure(number: int, workers: int, repeats: int, peers: int) -> dict[str, float]:
    """Seconds of each way, medians; papermill's from some projects, as if all had run.

    Papermill shares nothing between notebooks, so that its time is that of one project times all.
    """
    found: dict[str, list[float]] = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as place:
            folder = projects(Path(place), number)
            names = [f"p{i:04}" for i in range(number)]
            took = {"first": seconds(lambda: command(folder, f"params/{names[0]}.yaml"))}  # noqa: B023 - called at once
            shutil.rmtree(folder / "outputs")
            took["opsbook"] = seconds(lambda: command(folder, "-j", str(workers)))  # noqa: B023 - as above
            took["floor"] = seconds(lambda: floor(folder, workers))  # noqa: B023 - as above
            complete(folder, names)
            for name, side_by_side in (("loop", 1), ("pool", workers)):
                some = names[: max(peers * side_by_side // workers, 1)]
                with ThreadPoolExecutor(side_by_side) as threads:
                    run = functools.partial(by_papermill, folder)
                    spent = seconds(lambda: list(threads.map(run, some)))  # noqa: B023 - as above
                took[name] = spent * number / len(some)
                shutil.rmtree(folder / "by_papermill")
        for name, value in took.items():
            found.setdefault(name, []).append(value)
        progress("batch", took)
    return {name: statistics.median(values) for name, values in found.items()}


def progress(part: str, took: Mapping[str, float]) -> None:
    """Tell on stderr what a part has measured so far."""
    told = ", ".join(f"{name} {value:.1f}" for name, value in took.items())
    print(f"{time.strftime('%H:%M:%S')} {part}: {told}", file=sys.stderr, flush=True)


def widened(folder: Path, number: int) -> Path:
    """A workspace with one file that describes as many airports as are wanted."""
    workspace = init_workspace(folder)
    text = (workspace.params / "airports.yaml").read_text(encoding="utf-8")
    for file in workspace.params.glob("*.yaml"):
        file.unlink()
    head, _, rows = text.partition("for_each:\n")
    named = rows.splitlines()
    wide = [
        named[i % len(named)].replace("project.id: airport", f"project.id: a{i:04}")
        for i in range(number)
    ]
    wider = "\n".join([head, "for_each:", *wide, ""])
    (workspace.params / "airports.yaml").write_text(wider, encoding="utf-8")
    return folder


def wide(number: int, workers: int) -> dict[str, float]:
    """Whether time and the command's own memory grow with the projects: each tenth by itself."""
    tenth = max(number // 10, 1)
    marks: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as place, (Path(place) / "told").open("w+") as told:
        folder = widened(Path(place), number)
        began, peak = time.perf_counter(), 0.0
        options = ["-j", str(workers), "--stage", "trigger"]
        with subprocess.Popen(
            [sys.executable, "-m", "opsbook", "run", *options],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.DEVNULL,
            stderr=told,
        ) as process:
            # The system's own account of an ended process counts its children's kernels too.
            while process.poll() is None:
                peak = max(peak, (peak_kb(process.pid) or 0) / 1024)
                done = Path(told.name).read_text(encoding="utf-8").count("\n")  # a line a project
                if done >= tenth * (len(marks) + 1):
                    marks.append((time.perf_counter() - began, peak))
                    progress(f"wide, {done} projects", {"seconds": marks[-1][0], "MB": peak})
                time.sleep(0.05)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
        whole = time.perf_counter() - began
    times = [seconds for seconds, _ in marks]
    return {
        "wide_projects": number,
        "wide_seconds": whole,
        "wide_peak_mb": peak,
        "wide_peak_vs_first_tenth": peak / marks[0][1],
        # The first tenth has the start in it.
        "wide_last_tenth_vs_second": (times[-1] - times[-2]) / (times[1] - times[0]),
    }


def on_dask(number: int, workers: int) -> dict[str, float]:
    """Projects an hour on a Dask cluster of this machine, as a share of the local pool's."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = projects(Path(place), number)
        for count in sorted({1, workers}):
            spent = {}
            for name, extra in (("pool", []), ("dask", ["--scheduler", "local"])):
                spent[name] = seconds(lambda: command(folder, "-j", str(count), *extra))  # noqa: B023 - called at once
                shutil.rmtree(folder / "outputs")
            found[f"dask_vs_pool_{count}"] = spent["pool"] / spent["dask"]
            progress(f"dask, {count} workers", spent)
    return found


def unchanged(number: int, workers: int) -> dict[str, float]:
    """Seconds of a run over projects of which none has changed, the best of three."""
    with tempfile.TemporaryDirectory() as place:
        folder = projects(Path(place), number)
        options = ["-j", str(workers), "--stage", "intake"]
        first = seconds(lambda: command(folder, *options))
        again = [seconds(lambda: command(folder, *options)) for _ in range(3)]
    progress("unchanged", {"first": first, "again": min(again)})
    return {"noop_seconds_100": min(again)}


def batch(asked: argparse.Namespace) -> dict[str, float]:
    peers = min(asked.peers, asked.projects)
    took = measure(asked.projects, asked.workers, asked.repeats, peers)
    return {
        **{f"{name}_seconds": value for name, value in took.items()},
        "vs_papermill_loop": took["loop"] / took["opsbook"],
        "vs_papermill_pool": took["pool"] / took["opsbook"],
        "vs_floor": took["opsbook"] / took["floor"],
        "first_vs_loop": took["first"] / (took["loop"] / asked.projects),
        "papermill_projects": peers,
    }


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, float]]] = {
    "batch": batch,
    "unchanged": lambda asked: unchanged(asked.unchanged, asked.workers),
    "wide": lambda asked: wide(asked.wide, asked.workers),
    "dask": lambda asked: on_dask(asked.dask, asked.workers),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--peers", type=int, default=2, help="projects of the papermill pool; fewer in the loop"
    )
    parser.add_argument("--unchanged", type=int, default=100, help="projects of the empty run")
    parser.add_argument("--wide", type=int, default=1000, help="projects of one params file")
    parser.add_argument("--dask", type=int, default=12, help="projects on Dask and in the pool")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be repeated")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args()
    os.environ.update(ENVIRONMENT)  # for the floor's processes too

    figures: dict[str, float] = {}
    for name in asked.only or PARTS:
        figures |= PARTS[name](asked)
    figures = {name: round(value, 3) for name, value in figures.items()}
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.ljust(28)} {value:10.2f}")


if __name__ == "__main__":
    main()
