"""Which index is a raster's: at its usual place, or wherever the raster's content is indexed.

A raster that was renamed or moved keeps its index, in the folder or where the catalogue says.
A copy does not: as long as the raster of an index is where it was, the index is that one's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from msa_model.index.files import indexes_in
from msa_model.index.locations import Catalogue, default_index_path
from msa_model.index.manifest import Manifest, lies_elsewhere, names_another_machine
from msa_model.index.store import TileIndex
from msa_model.protocol.errors import MsaError
from msa_model.raster.fingerprint import VERSION as FINGERPRINT_VERSION
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource


def index_path_of(source: RasterSource, model_sha256: str, cache_folder: str | None) -> Path:
    """The raster's index under a model, or where it would be made.

    An index that is found elsewhere, or under another name, is told where its raster lies now.
    """
    usual = default_index_path(source.path, model_sha256, cache_folder)
    if not is_plain_path(source.path):
        return usual
    raster, catalogue = os.path.abspath(source.path), Catalogue(cache_folder)
    for path in _candidates(usual, source, model_sha256, catalogue):
        manifest = _manifest_of(path)
        if manifest is None or manifest.model_sha256 != model_sha256:
            continue
        if manifest.raster == raster or (path == usual and Path(manifest.raster).name == Path(raster).name):
            return path
        if _is_of(manifest, path, source):
            _record_move(path, manifest, source)
            catalogue.keep(path, raster, manifest.fingerprint, model_sha256)
            return path
    return usual


def remember(path: Path, manifest: Manifest, cache_folder: str | None) -> None:
    """Have the index found by its raster's content from now on, and known as made here."""
    if not manifest.drawn:
        Catalogue(cache_folder).keep(path, manifest.raster, manifest.fingerprint, manifest.model_sha256)


def may_be_opened(path: Path, manifest: Manifest, cache_folder: str | None) -> bool:
    """Whether the raster that an index names may be looked for: whoever made the index chose the address.

    Beside files of this machine, what was indexed here: the index lies at its usual place, or was noted.
    """
    raster = manifest.raster
    if not names_another_machine(manifest, path):
        return True
    usual = default_index_path(raster, manifest.model_sha256, cache_folder)
    return path == usual or path in Catalogue(cache_folder).at(raster, manifest.model_sha256)


def _candidates(usual: Path, source: RasterSource, model_sha256: str, known: Catalogue) -> Iterator[Path]:
    """Each at most once; the content is looked at last, as that takes a moment."""
    seen: set[Path] = set()
    for path in _known_paths(usual, source, model_sha256, known):
        if path not in seen and path.is_file():
            seen.add(path)
            yield path


def _known_paths(usual: Path, source: RasterSource, model_sha256: str, known: Catalogue) -> Iterator[Path]:
    raster = os.path.abspath(source.path)
    yield usual
    yield from known.at(raster, model_sha256)
    yield from indexes_in(Path(raster).parent, model_sha256)
    yield from known.of(source.fingerprint, model_sha256)


def _manifest_of(path: Path) -> Manifest | None:
    with suppress(MsaError), TileIndex.open_for_reading(path) as index:
        return index.manifest
    return None


def _is_of(manifest: Manifest, path: Path, source: RasterSource) -> bool:
    """Whether the index is of this raster, which lies elsewhere than when it was made."""
    if manifest.drawn or manifest.fingerprint_version != FINGERPRINT_VERSION:
        return False
    if not is_plain_path(manifest.raster) or lies_elsewhere(manifest.raster, path):
        return False
    facts = (manifest.width, manifest.height, manifest.transform, manifest.crs, manifest.bands)
    if facts != (source.width, source.height, tuple(source.transform)[:6], source.crs, source.bands):
        return False
    return not os.path.exists(manifest.raster) and manifest.fingerprint == source.fingerprint


def _record_move(path: Path, manifest: Manifest, source: RasterSource) -> None:
    """Write into the index where its raster lies now; one that cannot be written serves as it is."""
    named = source.stamp_as(Path(manifest.raster).name)
    stamp = source.stamp if manifest.stamp and manifest.stamp == named else manifest.stamp
    moved = replace(manifest, raster=os.path.abspath(source.path))
    with suppress(MsaError), TileIndex.open_for_writing(path, moved) as index:
        index.settle(replace(moved, stamp=stamp))
