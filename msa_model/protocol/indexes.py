"""What lies on disk: coverage, listing, moving, exporting of index files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from msa_model.protocol.messages import RasterRef


@dataclass(frozen=True)
class CoverageRequest:
    """`index.coverage`: of an index file, or of the index that a raster has."""

    index: Optional[str] = None
    raster: Optional[RasterRef] = None


@dataclass(frozen=True)
class CoveredArea:
    """What is indexed at one scale: multipolygon WKT in the reply's CRS."""

    scale_m: float
    wkt: str
    tiles: int


@dataclass(frozen=True)
class CoverageReply:
    """Reply to `index.coverage`; `raster` WKT is the outline of the whole raster."""

    index: str
    source: str
    crs: str
    raster: str
    areas: tuple[CoveredArea, ...]


@dataclass(frozen=True)
class IndexListRequest:
    """`index.list`: the index files of these folders, of the cache, and beside these rasters."""

    folders: tuple[str, ...] = ()
    rasters: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexInfo:
    """An index file; `state` is 'current', 'other_model', 'stale', 'raster_missing' or 'unreadable'."""

    index: str
    source: str
    state: str
    bytes: int
    tiles: int
    skipped: int
    scales_m: tuple[float, ...]
    model: str
    modified: float  # seconds since 1970, UTC


@dataclass(frozen=True)
class IndexListReply:
    """Reply to `index.list`, by path."""

    indexes: tuple[IndexInfo, ...]


@dataclass(frozen=True)
class IndexDeleteRequest:
    """`index.delete`; refused for a file that is no index, or that a scan is writing."""

    index: str


@dataclass(frozen=True)
class IndexMoveRequest:
    """`index.move` to another folder; the file is whole in one place or the other."""

    index: str
    folder: str


@dataclass(frozen=True)
class IndexChanged:
    """Reply to `index.delete` and `index.move`: where the index is now, empty if nowhere."""

    index: str
    bytes: int


@dataclass(frozen=True)
class IndexExportRequest:
    """`index.export`: GeoParquet with id, geometry, scale_m, valid and embedding of every tile."""

    index: str
    out: str


@dataclass(frozen=True)
class IndexExportReply:
    """Reply to `index.export`."""

    out: str
    tiles: int
    bytes: int
