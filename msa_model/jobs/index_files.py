"""The index manager's jobs: listing, deleting, moving, exporting index files."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from msa_model.files.folders import user_cache_folder
from msa_model.index.catalogue import Catalogue
from msa_model.index.files import delete_index, file_size, index_files, move_index
from msa_model.index.manifest import Manifest, lies_elsewhere, raster_of
from msa_model.index.places import default_index_path
from msa_model.index.store import TileIndex
from msa_model.jobs.places import check_outputs
from msa_model.protocol.errors import MsaError
from msa_model.protocol.indexes import (
    IndexChanged,
    IndexDeleteRequest,
    IndexExportReply,
    IndexExportRequest,
    IndexInfo,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Progress
from msa_model.raster.handles import is_plain_path


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
    steps = move_index(Path(request.index), Path(request.folder))
    try:
        while True:
            done, total = next(steps)
            yield Progress.at(done, total, label=Path(request.index).name)
    except StopIteration as end:
        return IndexChanged(str(end.value), file_size(end.value))
    finally:
        steps.close()


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
