"""The index manager's jobs: listing, deleting, moving, exporting index files.

What of a raster is indexed, scale by scale.
Which index a user means: an index file, or the raster it belongs to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from msa_model.files.folders import user_cache_folder
from msa_model.index.areas import covered_area, outline
from msa_model.index.drawn import cropped
from msa_model.index.files import delete_index, file_size, index_files, move_index
from msa_model.index.finding import index_path_of
from msa_model.index.locations import Catalogue, default_index_path
from msa_model.index.manifest import Manifest, lies_elsewhere, raster_of
from msa_model.index.remote import RemoteIndexes, is_remote
from msa_model.index.store import TileIndex
from msa_model.jobs.steps import relayed
from msa_model.protocol.errors import (
    BadArgument,
    IndexMissing,
    IndexUnreadable,
    MsaError,
    PathMissing,
    RasterMissing,
)
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    CoveredArea,
    IndexChanged,
    IndexDeleteRequest,
    IndexExportReply,
    IndexExportRequest,
    IndexInfo,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Progress, RasterRef
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource

_INDEX_SUFFIX = ".gpkg"


def index_of(path: str, model_sha256: str, cache_folder: str | None) -> Path:
    """The index file that `path` names, or the default index of the raster that it names.

    Of an index behind one of GDAL's file systems (/vsicurl, /vsis3 …) it is a copy in the cache folder.

    Raises:
        PathMissing, IndexMissing: there is no such index, or the raster has none.
        IndexUnreadable, RasterMissing, RasterUnreadable: the file is neither.
        And what `RemoteIndexes.copy_of` raises.
    """
    if is_remote(path) and (copy := RemoteIndexes(cache_folder).copy_of(path)):
        return copy
    if not is_remote(path):
        if is_index(Path(path)):
            return Path(path)
        check_index_file(path)
    try:
        with RasterSource.open(RasterRef(path)) as source:
            index = index_path_of(source, model_sha256, cache_folder)
    except RasterMissing:
        raise PathMissing(f"There is neither an index nor a raster at {path}.") from None
    if not index.is_file():
        raise IndexMissing(f"{path} has not been indexed with this model.")
    return index


def check_index_file(path: str) -> None:
    """A file with an index's name is a raster, or an index that can be read.

    Raises:
        IndexMissing, IndexUnreadable: it is neither.
    """
    if Path(path).suffix.lower() == _INDEX_SUFFIX and not _is_raster(path):
        TileIndex.open_for_reading(path).close()


def check_outputs(outputs: Sequence[str], indexes: Sequence[str], area: str | None = None) -> None:
    """Keep results from replacing what they come from.

    Raises:
        BadArgument: an output is the raster of one of `indexes`, any index, or the file of the area.
    """
    existing = [output for output in map(Path, outputs) if output.exists()]
    if not existing:
        return
    if area and os.path.isfile(area) and any(output.samefile(area) for output in existing):
        raise BadArgument(f"{area} is the area to search in; results must not replace it.")
    rasters = [raster for raster in map(_raster_behind, indexes) if raster.exists()]
    for output in existing:
        if is_index(output) or any(output.samefile(raster) for raster in rasters):
            raise BadArgument(f"{output} is a raster or an index; results must not replace it.")


def _raster_behind(index: str) -> Path:
    with TileIndex.open_for_reading(index) as opened:
        return Path(raster_of(opened.manifest, index))


def is_index(path: Path) -> bool:
    """Whether a file is an index that can be read."""
    try:
        TileIndex.open_for_reading(path).close()
    except (IndexMissing, IndexUnreadable):
        return False
    return True


def _is_raster(path: str) -> bool:
    """Whether a GeoPackage holds a raster; an index holds none."""
    try:
        RasterSource.open(RasterRef(path)).close()
    except MsaError:
        return False
    return True


class IndexLister:
    """Lists index files; what they name is not opened: it may lie on a server, or be no raster at all."""

    def __init__(self, model_sha256: str, cache_folder: str | None) -> None:
        self._model_sha256 = model_sha256
        self._cache_folder = cache_folder

    def listed(self, request: IndexListRequest) -> IndexListReply:
        """Every index of the folders, the cache, and beside the rasters."""
        cache = Path(self._cache_folder) if self._cache_folder else user_cache_folder()
        folders = {Path(folder) for folder in request.folders} | {cache}
        usual = [place for raster in request.rasters for place in self._usual(raster)]
        found = index_files(folders, [Path(raster) for raster in request.rasters])
        places = sorted({*found, *(path for path in usual if os.path.isfile(path))})
        return IndexListReply(tuple(filter(None, map(self._info, places))))

    def _usual(self, raster: str) -> tuple[Path, ...]:
        """Where the raster's index would be, and where one was found."""
        known = Catalogue(self._cache_folder).at(os.path.abspath(raster), self._model_sha256)
        return (default_index_path(raster, self._model_sha256, self._cache_folder), *known)

    def _info(self, path: Path) -> IndexInfo | None:
        """None for a file that is gone meanwhile."""
        try:
            modified, size = path.stat().st_mtime, file_size(path)
        except OSError:
            return None
        try:
            with TileIndex.open_for_reading(path) as index:
                manifest, counts = index.manifest, index.counts()
        except MsaError:
            return IndexInfo(str(path), "", "unreadable", size, 0, 0, (), "", modified)
        return IndexInfo(
            index=str(path),
            source=raster_of(manifest, path),
            state=self._state(path, manifest),
            bytes=size,
            tiles=counts.tiles,
            skipped=counts.skipped,
            scales_m=tuple(manifest.scale_m(factor) for factor in counts.factors),
            model=manifest.model,
            modified=modified,
        )

    def _state(self, path: Path, manifest: Manifest) -> str:
        if manifest.model_sha256 != self._model_sha256:
            return "other_model"
        if manifest.drawn:
            return "current"  # a layer of another look has another index
        return _state_of_raster(raster_of(manifest, path), path)


def deleted(request: IndexDeleteRequest) -> IndexChanged:
    """Deletes an index; errors as of `delete_index`."""
    return IndexChanged("", delete_index(Path(request.index)))


def moved(request: IndexMoveRequest) -> Generator[Progress, None, IndexChanged]:
    """Moves an index, telling bytes as progress where it has to be copied; errors as of `move_index`."""
    index = Path(request.index)
    steps = move_index(index, Path(request.folder))
    place = yield from relayed(steps, lambda step: Progress.at(*step, label=index.name))
    return IndexChanged(str(place), file_size(place))


def _state_of_raster(raster: str, index: Path) -> str:
    """As far as the raster's time of change tells; a search compares the pixels."""
    if not is_plain_path(raster) or lies_elsewhere(raster, index):
        return "current"
    try:
        return "stale" if os.stat(raster).st_mtime > os.stat(index).st_mtime else "current"
    except (OSError, ValueError):
        return "raster_missing"


def exported(request: IndexExportRequest) -> Generator[Progress, None, IndexExportReply]:
    """Exports an index; errors as of `write_parquet` and `TileIndex.open_for_reading`.

    Raises:
        part_missing: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise MsaError.of(
            "part_missing",
            "GeoParquet needs pyarrow (170 MB), which is installed only on request: "
            f'"{sys.executable}" -m pip install "msa-model[parquet]"',
        )
    from msa_model.index.parquet import write_parquet  # noqa: PLC0415  (an extra)

    out = Path(request.out)
    check_outputs([request.out], [request.index])
    with TileIndex.open_for_reading(request.index) as index:
        manifest, table = index.manifest, index.load()
    with closing(write_parquet(out, manifest, table)) as steps:
        for done, total in steps:
            yield Progress.at(done, total, label=out.name)
    return IndexExportReply(request.out, len(table.keys), out.stat().st_size)


def coverage(request: CoverageRequest, model_sha256: str, cache_folder: str | None) -> CoverageReply:
    """The area of the tiles that are done, encoded or skipped, on the raster; also while a scan runs.

    Of a drawn layer, which may have no end, the raster is the box around them.

    Raises:
        BadArgument: neither an index nor a raster is given.
        IndexMissing, IndexUnreadable: there is no index.
        RasterMissing and the other errors of `RasterSource.open`.
    """
    path = _index_path(request, model_sha256, cache_folder)
    with TileIndex.open_for_reading(path) as index:
        manifest, keys = index.manifest, index.done_keys()
    areas = tuple(
        CoveredArea(
            manifest.scale_m(factor), covered_area(manifest, level).wkt, len(np.unique(level, axis=0))
        )
        for factor in np.unique(keys[:, 0]).tolist()
        for level in (keys[keys[:, 0] == factor],)
    )
    whole = cropped(manifest, keys)[0] if manifest.drawn and len(keys) else manifest
    return CoverageReply(str(path), raster_of(manifest, path), manifest.crs, outline(whole).wkt, areas)


def _index_path(request: CoverageRequest, model_sha256: str, cache_folder: str | None) -> Path:
    if request.index:
        return Path(request.index)
    if request.raster is None:
        raise BadArgument("Give an index or a raster.")
    with RasterSource.open(request.raster) as source:
        return index_path_of(source, model_sha256, cache_folder)
