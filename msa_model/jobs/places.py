"""Which index a user means: an index file, or the raster it belongs to."""

from __future__ import annotations

from pathlib import Path

from msa_model.index.store import TileIndex, default_index_path
from msa_model.protocol.errors import IndexMissing, MsaError, RasterMissing
from msa_model.protocol.messages import RasterRef
from msa_model.raster.source import RasterSource

_INDEX_SUFFIX = ".gpkg"


def index_of(path: str, model_sha256: str, cache_folder: str | None) -> Path:
    """The index file that `path` names, or the default index of the raster that it names.

    Raises:
        IndexMissing: there is no such index, or the raster has none.
        IndexUnreadable, RasterMissing, RasterUnreadable: the file is neither.
    """
    if Path(path).suffix.lower() == _INDEX_SUFFIX and not _is_raster(path):
        TileIndex.open_for_reading(path).close()
        return Path(path)
    try:
        RasterSource.open(RasterRef(path)).close()
    except RasterMissing:
        raise IndexMissing(f"There is neither an index nor a raster at {path}.") from None
    index = default_index_path(path, model_sha256, cache_folder)
    if not index.is_file():
        raise IndexMissing(f"{path} has not been indexed with this model.")
    return index


def _is_raster(path: str) -> bool:
    """Whether a GeoPackage holds a raster; an index holds none."""
    try:
        RasterSource.open(RasterRef(path)).close()
    except MsaError:
        return False
    return True
