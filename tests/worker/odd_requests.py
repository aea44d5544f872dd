"""A sound request of every method, and the same with one field odd: to see that a worker bears them all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msa_model.protocol import rpc
from tests.worker.client import frame_of

Params = dict[str, Any]

DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]
_DIGITS = "5000 digits"  # stands for a number that Python itself would not spell
_NUMBERS = (0, -1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 10**400, _DIGITS, 1e308, -1e308, 5e-324)
_NOT_NUMBERS = (float("nan"), float("inf"), None, True, [], [[]], {}, DEEP, ["a"] * 1000, [1e300] * 4)
_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "caf\udce9",
    "x" * 5000,
    "a/" * 3000,
    "\n\r\t",
    "<b>&\"'",
    "😀" * 500,
)
_PLACES = (
    "/dev/zero",
    "/dev/null",
    "/dev/full",
    "/proc/self/mem",
    "/",
    ".",
    "../..",
    "~",
    "//",
    "file:///etc",
)
_SHAPES = ("POLYGON((0 0,1 1,0 0))", "GEOMETRYCOLLECTION(" * 20_000, "POINT(nan nan)", "EPSG:0", "EPSG:4326")


@dataclass(frozen=True)
class World:
    """What sound requests are about, and a pipe that nobody writes to."""

    folder: Path
    raster: Path
    index: Path
    later: Path  # the index of another raster of the same ground

    @property
    def pipe(self) -> str:
        path = self.folder / "pipe"
        if not path.exists():
            os.mkfifo(path)
        return str(path)

    def odd_values(self) -> tuple[Any, ...]:
        return (*_NUMBERS, *_NOT_NUMBERS, *_TEXTS, *_PLACES, *_SHAPES, self.pipe)


def sound_requests(world: World) -> dict[str, Params]:
    """One of every method; files that a request writes or deletes are its own."""
    raster = {"path": str(world.raster), "bands": [1, 2, 3]}
    aoi = {
        "wkt": "POLYGON((500050 3999950,500150 3999950,500150 3999850,500050 3999950))",
        "crs": "EPSG:32633",
    }
    settings = {"scales_m": [128.0], "overlap": 0.5, "min_valid": 0.5}
    index, out = str(world.index), str(world.folder / "out")
    tile = {"index": index, "factor": 1, "row": 0, "col": 0}
    example = {
        "weight": 1.0,
        "raster": raster,
        "crs": "EPSG:32633",
        "point": [500100.0, 3999900.0],
        "scale_m": 64.0,
    }
    search = {
        "query": "a river + 2:trees",
        "indexes": [index],
        "k": 5,
        "aoi": aoi,
        "examples": [example, {"weight": -1.0, "tile": tile}],
    }
    scan = {
        "raster": raster,
        "aoi": aoi,
        "settings": settings,
        "index": f"{out}-scan.gpkg",
        "coarse": False,
        "refine": None,
    }
    grid = {
        "source": "xyz",
        "title": "tiles",
        "version": "1",
        "crs": "EPSG:3857",
        "transform": [1.0, 0.0, 0.0, 0.0, -1.0, 0.0],
        "width": 1024,
        "height": 1024,
        "most": 100,
    }
    square = {"wkt": "POLYGON((0 0,300 0,300 -300,0 -300,0 0))", "crs": "EPSG:3857"}
    drawn = {"raster": grid, "aoi": square, "settings": settings, "index": f"{out}-drawn.gpkg"}
    look = {
        "source": str(world.raster),
        "bands": [1, 2, 3],
        "low": [0.0, 0.0, 0.0],
        "high": [200.0, 200.0, 200.0],
    }
    batch = {
        "rasters": [raster],
        "out": f"{out}-batch.gpkg",
        "queries": [{"query": "a river", "name": "r", "min_score": 0.0}],
        "watch_list": None,
        "report": f"{out}.html",
        "aoi": aoi,
        "settings": settings,
        "k": 3,
        "merge": True,
        "min_score": 0.1,
        "looks": [look],
    }
    change = {
        "query": "appeared: a river",
        "before": index,
        "after": str(world.later),
        "k": 3,
        "aoi": aoi,
        "date_before": "2019-05-01",
        "date_after": "2024-05-01",
        "place": None,
        "merge": True,
    }
    return {
        rpc.PLAN: drawn,
        rpc.BUILD: scan,
        rpc.COVERAGE: {"index": index, "raster": raster},
        rpc.LIST: {"folders": [str(world.folder)], "rasters": [str(world.raster)]},
        rpc.DELETE: {"index": f"{out}-gone.gpkg"},
        rpc.MOVE: {"index": f"{out}-gone.gpkg", "folder": str(world.folder)},
        rpc.EXPORT: {"index": index, "out": f"{out}.parquet"},
        rpc.EXPLORE: {"indexes": [index], "groups": 2, "phrases": None, "language": "de"},
        rpc.BATCH: batch,
        rpc.BATCH_PLAN: batch,
        rpc.RANK: search,
        rpc.CHANGE: change,
        rpc.CHANGE_HEATMAP: change,
        rpc.CHANGE_HERE: {
            "before": index,
            "after": str(world.later),
            "point": [500100.0, 3999900.0],
            "crs": "EPSG:32633",
            "k": 3,
        },
        rpc.CHANGE_DATES: {"rasters": [str(world.raster)], "names": ["scene 2020"]},
        rpc.CHANGE_PAIR: {"before": raster, "after": {"path": str(world.raster), "bands": []}},
        rpc.SERIES: {
            "query": "a river",
            "indexes": [index, str(world.later)],
            "dates": ["2019-05-01", "2024-05-01"],
            "k": 3,
            "threshold": 0.5,
            "aoi": aoi,
            "place": [500100.0, 3999900.0],
        },
        rpc.VERDICT: search | {"phrases": None},
        rpc.CHECK_MODEL: {},
        rpc.MEASURE: {},
        rpc.CALIBRATE_MODEL: {"rasters": [str(world.raster)]},
        rpc.HEATMAP: search,
        rpc.WORDS: {"query": "a river", "tile": tile},
        rpc.DESCRIBE: {
            "raster": raster,
            "crs": "EPSG:32633",
            "point": [500100.0, 3999900.0],
            "bounds": None,
            "scale_m": 64.0,
            "phrases": None,
            "k": 3,
            "polygon": None,
            "every_scale": True,
        },
        rpc.DESCRIBE_MANY: {
            "raster": grid,
            "areas": ["POINT(150 -150)", square["wkt"]],
            "crs": "EPSG:3857",
            "scale_m": 64.0,
            "phrases": None,
            "k": 3,
            "windows": 4,
        },
        rpc.THUMBNAILS: {"tiles": [tile], "side": 32, "looks": [look]},
        rpc.INITIALIZE: {"protocol": 5, "client": "tests"},
        "no.such.method": {"field": 1},
    }


def odd_requests(params: Params, values: tuple[Any, ...]) -> Iterator[Params]:
    """The request with each field left out, misnamed, and set to each value."""
    for place in _places(params):
        for value in values:
            yield _with(params, place, value)
    for name in params:
        yield {key: value for key, value in params.items() if key != name}
        yield {f"{key}x" if key == name else key: value for key, value in params.items()}


def request_bytes(number: int, method: str, params: Params, attachment: bytes = b"") -> bytes:
    """The request as a careless client would write it."""
    text = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    return frame_of(text.replace(f'"{_DIGITS}"', "9" * 5000).encode(), attachment)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:  # noqa: ANN401
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy
