"""What travels between QGIS and the worker: one frozen dataclass per request and reply.

Coordinates are map units of the CRS named beside them; `crs` is an authority id ('EPSG:3857') or WKT.
Lengths named `*_m` are geodesic metres on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Optional, Union

from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.match import Match
from msa_model.protocol.plan_parts import OverviewGain, PartCost, Refine, ScanProfile
from msa_model.protocol.redaction import without_secrets
from msa_model.protocol.warning_table import EngineWarning

PROTOCOL_VERSION = 8

Bounds = tuple[float, float, float, float]  # minx, miny, maxx, maxy
Ring = tuple[tuple[float, float], ...]  # corners of a tile, open, from its upper left clockwise


@dataclass(frozen=True)
class Initialize:
    """`initialize`: the first request, answered before the model loads.

    `probe` is a file that the client has just made under a name of its own; without one the worker is taken
    to be on the client's machine.
    """

    protocol: int
    client: str
    device: str = "auto"
    model: Optional[str] = None
    threads: Optional[int] = None
    cache_folder: Optional[str] = None
    probe: Optional[str] = None
    engine: str = "auto"


@dataclass(frozen=True)
class Initialized:
    """Reply to `initialize`; `shares_files` tells whether the worker sees the client's `probe`."""

    protocol: int
    version: str
    python: str
    pid: int
    shares_files: bool = True


@dataclass(frozen=True)
class Ready:
    """`ready` notification: requests run. `engine_warnings` say why the engine is not the wanted one."""

    device: str
    device_name: str
    gpu_unused: bool
    model: str
    model_sha256: str
    dimension: int
    load_seconds: float
    engine: str = ""
    engine_warnings: tuple[EngineWarning, ...] = ()


@dataclass(frozen=True)
class WireError:
    """The `error.data` of a failed request, and the body of the `failed` notification (no model)."""

    kind: str
    sentence: str
    remedy: str


@dataclass(frozen=True)
class RasterRef:
    """A raster that the worker opens itself; empty `bands` lets it choose (1-based GDAL numbers)."""

    path: str
    bands: tuple[int, ...] = ()

    @property
    def address(self) -> str:
        """The raster as files and answers name it: where it is, without secrets."""
        return without_secrets(self.path)

    @property
    def name(self) -> str:
        """The raster for people."""
        return PurePath(self.address).name


Source = Union[RasterRef, DrawnLayer]  # what a job reads: a file, or what QGIS draws


@dataclass(frozen=True)
class Aoi:
    """An area of interest: polygon WKT in `crs`.

    Tiles that touch it belong to it, or with `centres` only those whose centre lies inside.
    """

    wkt: str
    crs: str
    centres: bool = False


@dataclass(frozen=True)
class ScanSettings:
    """How a raster is cut into tiles; empty `scales_m` lets the worker choose from the pixel size.

    `encoding`: "exact" looks at each tile by itself, "blocks" at many together; empty is the index's own.
    """

    scales_m: tuple[float, ...] = ()
    overlap: float = 0.5
    min_valid: float = 0.5
    encoding: str = ""


@dataclass(frozen=True)
class ScanRequest:
    """`index.plan` and `index.build`; no `index` means the default place (beside the raster or cache).

    `trust`: tiles of a raster whose file has changed since are taken for current without comparing them.
    `coarse`: of the coarsest scale only. `refine`: of the finer scales, where that one matches a question.
    """

    raster: Source
    aoi: Optional[Aoi] = None
    settings: ScanSettings = ScanSettings()
    index: Optional[str] = None
    trust: bool = False
    coarse: bool = False
    refine: Optional[Refine] = None


@dataclass(frozen=True)
class ScaleInfo:
    """One scale of the grid as a user knows it: tile side and hop in metres on the ground."""

    factor: int
    scale_m: float
    hop_m: float
    tiles: int


@dataclass(frozen=True)
class ScanPlan:
    """Reply to `index.plan`: what a scan would cost at most; nothing has been written.

    `missing` counts tiles of a raster that has changed, too: some of them may turn out to be as they were.
    `blocks` are those that QGIS has to draw for it, of a layer that it draws. Of a whole raster of several
    scales: `coarse` is the part of the coarsest, `refined` at most what the best 5 % of it then cost.
    """

    index: str
    tiles: int
    missing: int
    seconds: float
    bytes: int
    gsd_m: float
    scales: tuple[ScaleInfo, ...]
    warnings: tuple[EngineWarning, ...] = ()
    blocks: int = 0
    overviews: Optional[OverviewGain] = None
    coarse: Optional[PartCost] = None
    refined: Optional[PartCost] = None


@dataclass(frozen=True)
class Progress:
    """`$/progress` of request `id`: tiles done of `total` (both without those already indexed).

    `label` says what is being done, where a request does several things one after the other.
    """

    id: int
    done: int
    total: int
    rate: float
    seconds_left: Optional[float]
    label: str = ""

    @classmethod
    def at(cls, done: int, total: int, rate: float = 0.0, label: str = "") -> Progress:
        """With the time that the rest takes at this rate; the id is for the sender to set."""
        return cls(0, done, total, rate, (total - done) / rate if rate > 0 else None, label)

    def within(self, before: int, total: int, label: str = "") -> Progress:
        """As a part of a larger job, of which `before` were done before it began."""
        return replace(Progress.at(before + self.done, total, self.rate, label), id=self.id)


@dataclass(frozen=True)
class ScanSummary:
    """Reply to `index.build`; `skipped` tiles have too few valid pixels."""

    index: str
    tiles: int
    encoded: int
    reused: int
    skipped: int
    seconds: float
    engine: str = ""
    encoding: str = "exact"
    profile: Optional[ScanProfile] = None
    engine_warnings: tuple[EngineWarning, ...] = ()  # why it is not the engine wanted, or the fastest


@dataclass(frozen=True)
class TileRef:
    """A tile of the raster behind an index file, by its lattice key."""

    index: str
    factor: int
    row: int
    col: int


@dataclass(frozen=True)
class Example:
    """What to find (positive weight) or to avoid (negative): a tile of an index, or a window of a raster.

    A window is a box around `point` of `scale_m` metres, or `bounds`, both in `crs`.
    """

    weight: float = 1.0
    tile: Optional[TileRef] = None
    raster: Optional[Source] = None
    crs: str = ""
    point: Optional[tuple[float, float]] = None
    bounds: Optional[Bounds] = None
    scale_m: Optional[float] = None


@dataclass(frozen=True)
class SearchRequest:
    """`search.rank`, `search.verdict`, `search.heatmap`: what is sought, and where.

    `query` is written in the query grammar (docs/user-guide.md) and may be empty where there are examples.
    `aoi` keeps the tiles that meet it, `scales_m` those of about these sides in metres (all when empty),
    `min_valid` those of which this share of pixels has data, `classes` those of the best 100,000 that a
    verdict calls one of these; a verdict itself is on all sides, shares and classes.
    `phrases` is the bank that names hits in a verdict, in `language` ('de'; English where the shipped
    translations do not have a phrase).
    `ranked` is `RankReply.ranked` of an earlier answer: only the tiles that were there then take part.
    """

    query: str
    indexes: tuple[str, ...]
    k: int = 20
    aoi: Optional[Aoi] = None
    examples: tuple[Example, ...] = ()
    phrases: Optional[str] = None
    language: str = ""
    ranked: tuple[int, ...] = ()
    scales_m: tuple[float, ...] = ()
    min_valid: float = 0.0
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class WordShare:
    """What a word of the query adds to a tile's cosine; `minor` are words like 'a' and 'over'."""

    word: str
    contribution: float
    minor: bool = False


@dataclass(frozen=True)
class Hit:
    """One ranked tile: `score` is the cosine; `ring` its corners in `crs`, `bounds` their box.

    `words` are in the query's order, where they were asked for. Overlapping hits share the number of their
    `place`; the first of them stands for it. `valid` is the share of pixels with data. `match_score`,
    `match`, `phrase` and `category` are what a verdict says of the tile: None before there is one.
    """

    rank: int
    score: float
    bounds: Bounds
    ring: Ring
    crs: str
    scale_m: float
    source: str
    index: str
    factor: int
    row: int
    col: int
    words: tuple[WordShare, ...] = ()
    place: int = 0
    valid: float = 1.0
    match_score: Optional[float] = None
    phrase: Optional[str] = None
    category: Optional[str] = None
    match: Optional[Match] = None


@dataclass(frozen=True)
class SearchTimings:
    """Milliseconds spent in each stage of a search."""

    load_ms: float
    encode_ms: float
    rank_ms: float
    words_ms: float = 0.0


@dataclass(frozen=True)
class MapStyle:
    """How a map shows the raster whose address is `source`.

    `bands` are shown as red, green and blue, or one as grey; each is dark at `low` and bright at `high`.
    """

    source: str
    bands: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class ThumbnailRequest:
    """`tile.thumbnails`: RGB pictures of tiles, `side` px square; `styles`: how the map shows rasters."""

    tiles: tuple[TileRef, ...]
    side: int = 96
    styles: tuple[MapStyle, ...] = ()


@dataclass(frozen=True)
class ThumbnailReply:
    """Reply to `tile.thumbnails`; the attachment holds count × side × side × 3 bytes (RGB888)."""

    count: int
    side: int
