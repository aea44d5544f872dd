"""`make demo`: index a raster, search it by text, and take a picture of QGIS showing the results."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.demo.picture import take_picture
from tests.demo.report import ranked_table, timings, truth_lines
from tests.demo.scene import write_scene
from tools.desktop import WORKER
from tools.staging import ROOT

FOLDER = ROOT / "build" / "demo"
RESULTS, HEATMAP, PICTURE = FOLDER / "results.gpkg", FOLDER / "heatmap.tif", FOLDER / "qgis.png"
QUERY = "farmland"  # what the ground truth calls it, too
HITS = 20


def embedded_scene(folder: Path) -> tuple[Path, Path]:
    """The scene and its ground truth, painted anew only when its painters changed."""
    painters = (Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("scene", "brushes"))
    done = folder / f"painted-{hashlib.sha256(b''.join(painters)).hexdigest()[:12]}"
    if not done.exists():
        print("painting the scene ...", file=sys.stderr)
        for old in folder.glob("*"):
            old.unlink()
        write_scene(folder)
        done.touch()
    return folder / "scene.tif", folder / "truth.gpkg"


def msa(*arguments: str) -> dict[str, Any]:
    """What an `msa` command answers with --json; its progress goes to the terminal."""
    done = subprocess.run([str(WORKER), *arguments, "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def search_files(index: str, query: str) -> tuple[dict[str, Any], float]:
    """Search with the command, which writes the results' files; its answer and its seconds."""
    for old in (RESULTS, HEATMAP):
        old.unlink(missing_ok=True)
    start = time.monotonic()
    files = ("--out", str(RESULTS), "--heatmap", str(HEATMAP))
    answer = msa("search", index, query, "-k", str(HITS), *files)
    return answer, time.monotonic() - start


def main() -> int:
    """Run the demo; results lie in build/demo/."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--raster", type=Path)
    parser.add_argument("--query", default=QUERY)
    wanted = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    raster, truth = (wanted.raster.resolve(), None) if wanted.raster else embedded_scene(FOLDER / "scene")
    print(f"raster  {raster}\nquery   {wanted.query}")
    index = msa("index", str(raster))
    search, search_s = search_files(index["index"], wanted.query)
    print(f"\n{ranked_table(search['results'])}\n")
    if truth:
        answer = QUERY if wanted.query == QUERY else ""
        print(truth_lines(search["results"][0], answer, truth), end="\n\n")
    picture = take_picture(FOLDER / "desktop", raster, wanted.query, PICTURE)
    print(timings(index, search, search_s, picture), end="\n\n")
    print("\n".join(f"wrote   {file.relative_to(ROOT)}" for file in (RESULTS, HEATMAP, PICTURE)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
