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
_NOT_NUMBERS: tuple[Any, ...] = (
    float("nan"),
    float("inf"),
    None,
    True,
    [],
    [[]],
    {},
    DEEP,
    ["a"] * 1000,
    [1e300] * 4,
)
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
AOI = {
    "wkt": "POLYGON((500050 3999950,500150 3999950,500150 3999850,500050 3999950))",
    "crs": "EPSG:32633",
}
SETTINGS = {"scales_m": [128.0], "overlap": 0.5, "min_valid": 0.5}
POINT = [500100.0, 3999900.0]
GRID = {
    "source": "xyz",
    "title": "tiles",
    "version": "1",
    "crs": "EPSG:3857",
    "transform": [1.0, 0.0, 0.0, 0.0, -1.0, 0.0],
    "width": 1024,
    "height": 1024,
    "most": 100,
}
SQUARE = {"wkt": "POLYGON((0 0,300 0,300 -300,0 -300,0 0))", "crs": "EPSG:3857"}
_SHAPES = ("POLYGON((0 0,1 1,0 0))", "GEOMETRYCOLLECTION(" * 20_000, "POINT(nan nan)", "EPSG:0", "EPSG:4326")


@dataclass(frozen=True)
class World:
    """What sound requests are about, and a pipe that nobody writes to."""

    folder: Path
    raster: Path
    index: Path
    later: Path  # the index of another raster of the same ground

    @property
    def out(self) -> str:
        """How the names of files begin that requests write."""
        return str(self.folder / "out")

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
    return {
        **_index_requests(world),
        **_search_requests(world),
        **_change_requests(world),
        **_describing_requests(world),
        rpc.BATCH: _batch(world),
        rpc.BATCH_PLAN: _batch(world),
        rpc.CHECK_MODEL: {},
        rpc.MEASURE: {},
        rpc.CALIBRATE_MODEL: {"rasters": [str(world.raster)]},
        rpc.INITIALIZE: {"protocol": 7, "client": "tests"},
        "no.such.method": {"field": 1},
    }


def _raster(world: World) -> Params:
    return {"path": str(world.raster), "bands": [1, 2, 3]}


def _tile(world: World) -> Params:
    return {"index": str(world.index), "factor": 1, "row": 0, "col": 0}


def _look(world: World) -> Params:
    return {"source": str(world.raster), "bands": [1, 2, 3], "low": [0.0] * 3, "high": [200.0] * 3}


def _index_requests(world: World) -> dict[str, Params]:
    index, out, folder = str(world.index), world.out, str(world.folder)
    scan = {
        "raster": _raster(world),
        "aoi": AOI,
        "settings": SETTINGS,
        "index": f"{out}-scan.gpkg",
        "coarse": False,
        "refine": None,
    }
    return {
        rpc.PLAN: {"raster": GRID, "aoi": SQUARE, "settings": SETTINGS, "index": f"{out}-drawn.gpkg"},
        rpc.BUILD: scan,
        rpc.COVERAGE: {"index": index, "raster": _raster(world)},
        rpc.LIST: {"folders": [folder], "rasters": [str(world.raster)]},
        rpc.DELETE: {"index": f"{out}-gone.gpkg"},
        rpc.MOVE: {"index": f"{out}-gone.gpkg", "folder": folder},
        rpc.EXPORT: {"index": index, "out": f"{out}.parquet"},
        rpc.EXPLORE: {"indexes": [index], "groups": 2, "phrases": None, "language": "de"},
    }


def _search_requests(world: World) -> dict[str, Params]:
    example = {
        "weight": 1.0,
        "raster": _raster(world),
        "crs": "EPSG:32633",
        "point": POINT,
        "scale_m": 64.0,
    }
    search = {
        "query": "a river + 2:trees",
        "indexes": [str(world.index)],
        "k": 5,
        "aoi": AOI,
        "examples": [example, {"weight": -1.0, "tile": _tile(world)}],
    }
    return {
        rpc.RANK: search,
        rpc.VERDICT: search | {"phrases": None},
        rpc.HEATMAP: search,
        rpc.WORDS: {"query": "a river", "tile": _tile(world)},
        rpc.THUMBNAILS: {"tiles": [_tile(world)], "side": 32, "styles": [_look(world)]},
    }


def _batch(world: World) -> Params:
    return {
        "rasters": [_raster(world)],
        "out": f"{world.out}-batch.gpkg",
        "queries": [{"query": "a river", "name": "r", "min_score": 0.0}],
        "watch_list": None,
        "report": f"{world.out}.html",
        "aoi": AOI,
        "settings": SETTINGS,
        "k": 3,
        "merge": True,
        "min_score": 0.1,
        "styles": [_look(world)],
    }


def _change_requests(world: World) -> dict[str, Params]:
    dates = {"before": str(world.index), "after": str(world.later)}
    days = ("2019-05-01", "2024-05-01")
    change = dates | {
        "query": "appeared: a river",
        "k": 3,
        "aoi": AOI,
        "date_before": days[0],
        "date_after": days[1],
        "point": None,
        "merge": True,
    }
    series = {
        "query": "a river",
        "indexes": list(dates.values()),
        "dates": list(days),
        "k": 3,
        "threshold": 0.5,
        "aoi": AOI,
        "point": POINT,
    }
    return {
        rpc.CHANGE: change,
        rpc.CHANGE_HEATMAP: change,
        rpc.CHANGE_HERE: dates | {"point": POINT, "crs": "EPSG:32633", "k": 3},
        rpc.CHANGE_DATES: {"rasters": [str(world.raster)], "names": ["scene 2020"]},
        rpc.CHANGE_PAIR: {"before": _raster(world), "after": {"path": str(world.raster), "bands": []}},
        rpc.SERIES: series,
    }


def _describing_requests(world: World) -> dict[str, Params]:
    one = {
        "raster": _raster(world),
        "crs": "EPSG:32633",
        "point": POINT,
        "bounds": None,
        "scale_m": 64.0,
        "phrases": None,
        "k": 3,
        "polygon": None,
        "every_scale": True,
    }
    many = {
        "raster": GRID,
        "areas": ["POINT(150 -150)", SQUARE["wkt"]],
        "crs": "EPSG:3857",
        "scale_m": 64.0,
        "phrases": None,
        "k": 3,
        "windows": 4,
    }
    return {rpc.DESCRIBE: one, rpc.DESCRIBE_MANY: many}


def odd_requests(params: Params, values: tuple[Any, ...]) -> Iterator[Params]:
    """The request with each field left out, misnamed, and set to each value."""
    for place in _places(params):
        for value in values:
            yield with_value(params, place, value)
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


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:  # noqa: ANN401
    """A copy of the request with another value at a place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_value(value[path[0]], path[1:], new)
    return copy
