"""Which index a user means: an index file, or the raster it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msa_model.index.finding import index_path_of
from msa_model.index.manifest import raster_of
from msa_model.index.remote import RemoteIndexes, is_remote
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import BadArgument, IndexMissing, IndexUnreadable, MsaError, RasterMissing
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

_INDEX_SUFFIX = ".gpkg"


def index_of(path: str, model_sha256: str, cache_folder: str | None) -> Path:
    """The index file that `path` names, or the default index of the raster that it names.

    Of an index behind one of GDAL's file systems (/vsicurl, /vsis3 …) it is a copy in the cache folder.

    Raises:
        IndexMissing: there is no such index, or the raster has none.
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
        raise IndexMissing(f"There is neither an index nor a raster at {path}.") from None
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


def check_outputs(outputs: Sequence[str], indexes: Sequence[str]) -> None:
    """Keep results from replacing what they come from.

    Raises:
        BadArgument: an output is the raster of one of `indexes`, or any index.
    """
    existing = [output for output in map(Path, outputs) if output.exists()]
    if not existing:
        return
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
