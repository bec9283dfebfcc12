"""Kill -9 at random instants, and see that nothing is torn, lost, left running or left hanging."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from opsbook.run.workspace import init_workspace

SAMPLE = "clinic_deaths"
PROJECTS = ("one", "two")
RUN = ("-m", "opsbook", "run", "-j", "2")
DASK = ("--scheduler", "local")
#: Whom a kill may hit: the command, a process of its pool or of Dask, the fork server, a kernel.
TARGETS = ("command", "worker", "dask_worker", "server", "kernel")
#: A command that takes longer hangs; what is killed has ended within so many seconds.
PATIENCE = 600.0
GONE = 10.0
#: Every process of a run has this in its environment.
MARK = "OPSBOOK_KILLED_RUN"


def workspace(folder: Path) -> Path:
    """A workspace with two copies of the shortest sample that has a report to lose."""
    made = init_workspace(folder)
    text = (made.params / f"{SAMPLE}.yaml").read_text(encoding="utf-8")
    text = text.split("\neffect:")[0] + "\n"  # two stages are enough to be interrupted between
    for file in made.params.glob("*.yaml"):
        file.unlink()
    for name in PROJECTS:
        named = text.replace(f"id: {SAMPLE}", f"id: {name}")
        (made.params / f"{name}.yaml").write_text(named, encoding="utf-8")
    return folder


def processes(run: str) -> dict[int, tuple[str, int]]:
    """The processes of a run, by a mark in their environment: process → (its kind, its parent)."""
    found: dict[int, tuple[str, int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={run}".encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except (OSError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(folder.name)] = (_kind(words), int(parent))
    servers = {pid for pid, (kind, _) in found.items() if kind == "server"}
    pools = {pid for pid, (kind, _) in found.items() if kind == "worker"}
    for pid, (_, above) in found.items():
        if above in servers:
            found[pid] = ("kernel", above)
    # Python's own fork server is none of the workers that come of it.
    return {p: (k, a) for p, (k, a) in found.items() if k != "worker" or a in pools}


def _kind(words: list[str]) -> str:
    told = " ".join(words)
    if "opsbook.run.kernels.fork_server" in told:
        return "server"
    if "multiprocessing.forkserver" in told:
        return "worker"
    return "command" if " ".join(RUN[:3]) in told else "other"


def killed(
    folder: Path, chance: random.Random, length: float, number: int, gone: float
) -> str | None:
    """Run everything anew, and kill one of its processes at a random instant; whom it hit."""
    mark = f"{os.getpid()}-{number}"
    wanted, instant = chance.choice(TARGETS), chance.uniform(0.05, length)
    on_dask = wanted == "dask_worker" or (wanted != "worker" and chance.random() < 0.5)
    hit = None
    with subprocess.Popen(
        [sys.executable, *RUN, "--force", *(DASK if on_dask else ())],
        cwd=folder,
        env={**os.environ, MARK: mark, "TMPDIR": str(folder.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as command:
        time.sleep(instant)
        sought = wanted.removeprefix("dask_")
        there: list[int] = []
        while not there and command.poll() is None:  # the next that there is
            there = sorted(pid for pid, (kind, _) in processes(mark).items() if kind == sought)
        with contextlib.suppress(IndexError, ProcessLookupError):  # none, or it has just ended
            os.kill(chance.choice(there), signal.SIGKILL)
            hit = wanted
        _, told = command.communicate(timeout=PATIENCE)
    expected = {0} if hit is None else {-9} if hit == "command" else {0, 1}
    see(command.returncode in expected, f"exit code {command.returncode} after {hit}: {told!r}")
    see(b"Traceback" not in told, f"a traceback after {hit}: {told.decode()}")
    end = time.monotonic() + gone
    while left := [*processes(mark), *filter(Path.is_socket, folder.parent.rglob("*"))]:
        see(time.monotonic() < end, f"left after {hit}: {left}")
        time.sleep(0.05)
    return hit


def whole(folder: Path) -> None:
    """See that no file is torn, and that the last report is there."""
    for file in (folder / "outputs").rglob("*"):
        if file.name.startswith(".") or not file.is_file():
            continue  # written beside its place, which the next run clears
        if file.suffix in {".json", ".ipynb"}:
            json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".html":
            text = file.read_text(encoding="utf-8").rstrip()
            see(text.endswith("</html>"), f"{file} is torn")
    for name in PROJECTS:
        see((folder / "outputs" / name / "report.html").is_file(), f"{name} has lost its report")


def results(folder: Path) -> dict[str, Any]:
    """What the stages have found, without what differs from run to run."""
    found = {}
    for name in PROJECTS:
        for file in sorted((folder / "outputs" / name).glob("?_*.json")):
            found[f"{name}/{file.name}"] = json.loads(file.read_text(encoding="utf-8"))
    return found


def see(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


def kills(
    number: int, seed: int, seconds: float = float("inf"), gone: float = GONE
) -> dict[str, float]:
    """Kill, look, run on, compare; so many times, or until the time is over."""
    until = time.monotonic() + seconds
    chance = random.Random(seed)  # noqa: S311 - no secret
    hits: Counter[str] = Counter()
    recovered = []
    with tempfile.TemporaryDirectory() as place:
        folder = workspace(Path(place) / "ops")
        started = time.monotonic()
        subprocess.run([sys.executable, *RUN], cwd=folder, check=True, capture_output=True)
        length = time.monotonic() - started
        wanted = results(folder)
        for i in range(number):
            if time.monotonic() > until:
                break
            started = time.monotonic()
            hit = killed(folder, chance, length, i, gone)
            if hit is None:  # a whole run: the machine is quicker than it was
                length = min(length, time.monotonic() - started)
            hits[hit or "nobody"] += 1
            print(f"{i + 1} of {number}: {hit or 'nobody'}", file=sys.stderr, flush=True)
            whole(folder)
            started = time.monotonic()
            again = subprocess.run(
                [sys.executable, *RUN],
                cwd=folder,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
            recovered.append(time.monotonic() - started)
            see(again.returncode == 0, f"after {hit} the next run fails: {again.stderr.decode()}")
            see(results(folder) == wanted, f"after {hit} the results differ")
            hidden = [f.name for f in (folder / "outputs").glob("*/.*")]
            see(not hidden, f"after {hit} there are left: {hidden}")
    return {
        "kills": sum(hits[name] for name in TARGETS),
        **{f"kills_of_{name}": hits[name] for name in TARGETS},
        "came_too_early_or_late": hits["nobody"],
        "run_seconds": round(length, 2),
        "next_run_seconds_most": round(max(recovered, default=0.0), 2),
        "faults": 0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args()
    figures = kills(asked.kills, asked.seed, asked.seconds)
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.ljust(28)} {value:8.2f}")


if __name__ == "__main__":
    main()
