"""How long do `import opsbook` and `opsbook --help` take, beside Python itself?

Each is a process of its own, started in turn with `python -c pass`, so that all of them meet the
same load; the best of the rounds counts, and the ratio to `pass` says what is opsbook's own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import opsbook": ["-c", "import opsbook"],
    "opsbook --help": ["-m", "opsbook", "--help"],
    "import pandas": ["-c", "import pandas"],
}
#: Seconds that each may take.
LIMITS = {"import opsbook": 0.3, "opsbook --help": 0.5}


def seconds(arguments: list[str]) -> float:
    """How long one process takes, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """Print the table; 1 if a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(asked.rounds):
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    best = {name: min(times) for name, times in taken.items()}
    ratio = {name: value / best["python -c pass"] for name, value in best.items()}
    if asked.json:
        print(json.dumps({"seconds": best, "ratio": ratio, "limits": LIMITS}))
    else:
        print(f"{'best of ' + str(asked.rounds):<18} seconds  ratio to pass   limit")
        for name, value in best.items():
            limit = f"{LIMITS[name]:.1f}" if name in LIMITS else "–"
            print(f"{name:<18} {value:7.3f} {ratio[name]:10.1f} {limit:>12}")
    return int(any(best[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
