"""What the demo prints: the ranked table, the ground truth under the first hit, the timings."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyogrio
import shapely

from tests.demo.picture import Picture

SHOWN = 10
NOTABLE = 0.02  # of a tile's area


def ranked_table(results: list[dict[str, Any]]) -> str:
    """The head of the ranked list."""
    lines = [f"rank   score    tile  centre ({results[0]['crs']})"]
    for hit in results[:SHOWN]:
        x0, y0, x1, y1 = hit["bounds"]
        place = f"{(x0 + x1) / 2:.7g}, {(y0 + y1) / 2:.7g}"
        lines.append(f"{hit['rank']:>4}  {hit['score']:6.3f}  {hit['scale_m']:4.0f} m  {place}")
    return "\n".join(lines)


def places_under(hit: dict[str, Any], truth: Path) -> list[str]:
    """What the ground truth has inside a hit, the largest part first."""
    _, _, shapes, columns = pyogrio.raw.read(truth)
    tile = shapely.box(*hit["bounds"])
    parts: defaultdict[str, float] = defaultdict(float)
    for name, shape in zip(columns[0], shapely.from_wkb(shapes), strict=True):
        parts[name] += shape.intersection(tile).area / tile.area
    return [name for name in sorted(parts, key=lambda name: -parts[name]) if parts[name] > NOTABLE]


def truth_lines(hit: dict[str, Any], answer: str, truth: Path) -> str:
    """What is in the first hit and, where there is an `answer`, whether that is among it."""
    found = places_under(hit, truth)
    lines = [f"in the first hit, by the ground truth: {', '.join(found) or 'open land'}"]
    if answer:
        lines.append(f"the first hit meets '{answer}': {'yes' if answer in found else 'no'}")
    return "\n".join([*lines, "(a made-up scene proves the plumbing, not the accuracy)"])


def timings(index: dict[str, Any], search: dict[str, Any], search_s: float, picture: Picture) -> str:
    """What took how long."""
    rate = f", {index['encoded'] / index['seconds']:.0f} tiles/s" if index["encoded"] else ""
    stages = ", ".join(f"{name.removesuffix('_ms')} {ms:.0f} ms" for name, ms in search["timings"].items())
    rows = [
        ("index", index["seconds"], f"{index['encoded']} tiles encoded, {index['reused']} known{rate}"),
        ("search", search_s, f"by the command, loading the model and writing files; of it {stages}"),
        ("QGIS", picture.start_s, "from its start to a dock whose worker is ready and knows the cost"),
        ("dock", picture.search_s, f"from Enter to {picture.rows} rows, seen from outside every 0.1 s"),
    ]
    return "\n".join(f"{name:<7} {seconds:7.2f} s  {what}" for name, seconds, what in rows)
