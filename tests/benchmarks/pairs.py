"""Two checkouts side by side: the same figures of each, by turns, so that a busy machine disturbs both alike.

    python -m tests.benchmarks.pairs BEFORE RASTER [ROUNDS]

BEFORE is another checkout with environments of its own. Prints the medians as a table.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

AFTER = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("probe.py")
# The GUI thread's own processor time in place of the wall's: pauses and openings without what others take.
OWN_TIME = (
    "import runpy, time; time.perf_counter = time.thread_time; "
    "runpy.run_module('tests.benchmarks.gui_workbench', run_name='__main__')"
)
_DOCK = re.compile(r"dock opened for time 2: +([\d.]+) ms")
_ANSWER = re.compile(r"answer to list and map: +([\d.]+) ms")
_TICK = re.compile(r"most cpu in one tick +([\d.]+) ms")
_FIRST = re.compile(r"query to first hit: median ([\d.]+) ms")


def worker_figures(checkout: Path, index: str, raster: str) -> dict[str, float]:
    """What `probe` tells."""
    found: dict[str, float] = json.loads(
        _run(checkout, "worker", [str(PROBE), index, raster]).splitlines()[-1]
    )
    return found


def gui_figures(checkout: Path) -> dict[str, float]:
    """What the checkout's own benchmarks of QGIS's thread print."""
    own = _run(checkout, "qgis", ["-c", OWN_TIME])
    first = _run(checkout, "qgis", ["-m", "tests.benchmarks.gui_latency"])
    return {
        "dock opened, cpu ms": float(_DOCK.findall(own)[0]),
        "10,000 hits to list and map, cpu ms": float(_ANSWER.findall(own)[0]),
        "longest piece of work of the GUI thread, cpu ms": max(map(float, _TICK.findall(own))),
        "query to first hit in QGIS, wall ms (median)": float(_FIRST.findall(first)[0]),
    }


def _run(checkout: Path, environment: str, arguments: list[str]) -> str:
    python = checkout / ".venv" / environment / "bin" / "python"
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    variables = {**clean, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    command = [str(python), *arguments]
    done = subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{checkout}: {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def own_index(checkout: Path, folder: Path) -> str:
    """An index of 100,000 tiles as the checkout itself writes it: of its model, in its format."""
    folder.mkdir()
    return _run(checkout, "worker", ["-m", "tests.benchmarks.large_index", str(folder)]).strip()


def rounds(before: Path, raster: str, count: int, folder: Path) -> dict[Path, list[Mapping[str, float]]]:
    """The figures of each checkout, round by round."""
    found: dict[Path, list[Mapping[str, float]]] = {before: [], AFTER: []}
    indexes = {before: own_index(before, folder / "before"), AFTER: own_index(AFTER, folder / "after")}
    for number in range(count):
        for checkout in (before, AFTER) if number % 2 else (AFTER, before):
            figures = worker_figures(checkout, indexes[checkout], raster) | gui_figures(checkout)
            found[checkout].append(figures)
            print(checkout, json.dumps(found[checkout][-1]), file=sys.stderr, flush=True)
    return found


def table(before: list[Mapping[str, float]], after: list[Mapping[str, float]]) -> str:
    """A row a figure: the medians, and the median of the pairs' ratios."""
    lines = ["| figure | before | after | after ÷ before |", "| --- | --: | --: | --: |"]
    for name in before[0]:
        old, new = [r[name] for r in before], [r[name] for r in after]
        ratio = statistics.median(b / a for a, b in zip(old, new, strict=True))
        lines.append(
            f"| {name} | {statistics.median(old):.3g} | {statistics.median(new):.3g} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure by turns."""
    before, raster = Path(sys.argv[1]).resolve(), str(Path(sys.argv[2]).resolve())
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as folder:
        found = rounds(before, raster, count, Path(folder))
    print(f"Load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    print(table(found[before], found[AFTER]))


if __name__ == "__main__":
    main()
