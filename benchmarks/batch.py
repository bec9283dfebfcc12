"""A full batch: opsbook, papermill and nbconvert in a loop, in a pool, and plain functions."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results import STAGES, Stage, StageResult
from opsbook.results.saved import file_name, write_result
from opsbook.run.workspace import init_workspace
from opsbook.stages import control, diagnosis, effect, intake, solutions, trigger
from opsbook.stages.context import Context
from opsbook.stages.due import waits_for

#: Of the samples, the one that has all six stages.
SAMPLE = "jfk_delays"
MODULES = {
    "intake": intake,
    "trigger": trigger,
    "diagnosis": diagnosis,
    "solutions": solutions,
    "effect": effect,
    "control": control,
}
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PATIENCE = 3600


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
            environment = {**os.environ, **ENVIRONMENT}
            subprocess.run(step, env=environment, capture_output=True, check=True)


def as_functions(params_file: Path, folder: Path) -> None:
    """One project's stages as plain functions, without notebooks, figures or reports."""
    project = load_project(params_file)
    tables = load_tables(project, params_file.parent)
    results: dict[Stage, StageResult] = {}
    for stage in STAGES:
        if waits_for(stage, project, results) is None:
            context = Context(project=project, tables=tables, upstream=dict(results))
            results[stage] = MODULES[stage].run(context)
            write_result(folder, results[stage])


def floor(folder: Path, names: Sequence[str], workers: int) -> None:
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        params = [folder / "params" / f"{name}.yaml" for name in names]
        list(pool.map(as_functions, params, [folder / "floor" / name for name in names]))


def measure(number: int, workers: int, repeats: int, peers: int) -> dict[str, float]:
    """Seconds of each way, medians; papermill's from `peers` projects, per project."""
    found: dict[str, list[float]] = {
        "opsbook": [],
        "first": [],
        "loop": [],
        "pool": [],
        "floor": [],
    }
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as place:
            folder = projects(Path(place), number)
            names = [f"p{i:04}" for i in range(number)]
            found["first"].append(seconds(lambda f=folder: command(f, "params/p0000.yaml")))  # type: ignore[misc] # of what it returns
            shutil.rmtree(folder / "outputs")
            found["opsbook"].append(seconds(lambda f=folder: command(f, "-j", str(workers))))  # type: ignore[misc] # as above
            found["floor"].append(seconds(lambda f=folder, n=names: floor(f, n, workers)))  # type: ignore[misc] # as above
            one = names[:peers]
            for name, side_by_side in (("loop", 1), ("pool", workers)):
                with ThreadPoolExecutor(side_by_side) as threads:
                    spent = seconds(
                        lambda f=folder, o=one, t=threads: list(
                            t.map(lambda n: by_papermill(f, n), o)
                        )  # type: ignore[misc] # as above
                    )
                found[name].append(spent * number / len(one))
                shutil.rmtree(folder / "by_papermill")
    return {name: statistics.median(values) for name, values in found.items()}


def unchanged(number: int, workers: int) -> dict[str, float]:
    """Seconds of a run over projects of which none has changed, the best of three."""
    with tempfile.TemporaryDirectory() as place:
        folder = projects(Path(place), number)
        options = ["-j", str(workers), "--stage", "intake"]
        command(folder, *options)
        return {
            "noop_seconds_100": min(seconds(lambda: command(folder, *options)) for _ in range(3))
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--peers", type=int, default=4, help="projects that papermill runs; scaled to all of them"
    )
    parser.add_argument("--unchanged", type=int, default=100, help="projects of the empty run")
    parser.add_argument("--only-unchanged", action="store_true")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()

    figures = unchanged(arguments.unchanged, arguments.workers)
    if not arguments.only_unchanged:
        peers = min(arguments.peers, arguments.projects)
        took = measure(arguments.projects, arguments.workers, arguments.repeats, peers)
        figures |= {f"{name}_seconds": value for name, value in took.items()}
        figures["vs_papermill_loop"] = took["loop"] / took["opsbook"]
        figures["vs_papermill_pool"] = took["pool"] / took["opsbook"]
        figures["vs_floor"] = took["opsbook"] / took["floor"]
        figures["first_vs_loop"] = took["first"] / (took["loop"] / arguments.projects)
        figures["papermill_projects"] = peers
    figures = {name: round(value, 3) for name, value in figures.items()}
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.ljust(20)} {value:8.2f}")


if __name__ == "__main__":
    main()
