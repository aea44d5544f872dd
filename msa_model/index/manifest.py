"""What an index says about itself: which raster, which grid, which model."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PureWindowsPath
from typing import Any

from affine import Affine

from msa_model.index.locations import index_stem
from msa_model.protocol.errors import IndexOfOtherModel, IndexStale, IndexUnreadable
from msa_model.protocol.models import may_mix
from msa_model.protocol.redaction import without_secrets
from msa_model.raster.colours import Stretch
from msa_model.raster.fingerprint import VERSION as FINGERPRINT_VERSION
from msa_model.raster.grid import LATTICE, TILE
from msa_model.raster.handles import is_plain_path
from msa_model.raster.source import RasterSource

VERSION = 2
UNCHECKED = 1  # without checksums
EXACT, BLOCKS = "exact", "blocks"
_OF_EARLIER_VERSIONS: dict[str, Any] = {
    "drawn": False,
    "title": "",
    "fingerprint_version": 1,
    "stamp": "",
    "revision": 0,
    "engines": [],
    "encoding": EXACT,
}


@dataclass(frozen=True)
class Manifest:
    """Everything that must be the same for tiles to belong together; `transform` is Affine's a … f.

    `drawn`: no raster file stands behind the index, QGIS drew its pixels, from a layer called `title` then.
    `stamp` is that of the raster's files when all tiles were last known to be of its pixels; `revision`
    counts how often tiles were taken out again. `engines` are those that the tiles were encoded by, none of
    earlier versions (torch); `encoding` says whether each tile was by itself (`EXACT`), or out of a pass over
    a block (`BLOCKS`).
    """

    raster: str
    fingerprint: str
    width: int
    height: int
    transform: tuple[float, float, float, float, float, float]
    crs: str
    gsd_m: float
    bands: tuple[int, ...]
    stretch: Stretch
    model: str
    model_sha256: str
    dimension: int
    tile: int = TILE
    lattice: int = LATTICE
    version: int = VERSION
    drawn: bool = False
    title: str = ""
    fingerprint_version: int = FINGERPRINT_VERSION
    stamp: str = ""
    revision: int = 0
    engines: tuple[str, ...] = ()
    encoding: str = EXACT

    @classmethod
    def of(cls, source: RasterSource, *, model: str, model_sha256: str, dimension: int) -> Manifest:
        """The manifest of a raster's index under a model.

        Raises:
            RasterUnreadable: the raster's sampled blocks cannot be decoded.
        """
        return cls(
            raster=_recorded(source.path),
            fingerprint=source.fingerprint,
            width=source.width,
            height=source.height,
            transform=tuple(source.transform)[:6],
            crs=source.crs,
            gsd_m=source.gsd_m,
            bands=source.bands,
            stretch=source.stretch,
            model=model,
            model_sha256=model_sha256,
            dimension=dimension,
            stamp=source.stamp,
        )

    @property
    def name(self) -> str:
        """The raster in messages: the layer's title where it was drawn, else the file's name."""
        return self.title or Path(self.raster).name

    @property
    def affine(self) -> Affine:
        """(column, row) → coordinates in `crs`."""
        return Affine(*self.transform)

    def scale_m(self, factor: int) -> float:
        """Side of a tile on the ground, in metres."""
        return self.tile * factor * self.gsd_m


def _recorded(path: str) -> str:
    """The raster's path as an index keeps it."""
    return os.path.abspath(path) if is_plain_path(path) else without_secrets(path)


def check_same(old: Manifest, new: Manifest, path: str) -> None:
    """Whether tiles of `new` may join an index of `old`; the raster may have moved.

    Raises:
        IndexOfOtherModel, IndexStale: they may not.
    """
    if (old.model_sha256, old.dimension) != (new.model_sha256, new.dimension):
        raise IndexOfOtherModel(f"{path} was made with the model {old.model}, not with {new.model}.")
    if not all(map(may_mix, old.engines)):
        raise IndexOfOtherModel(
            f"{path} was encoded by {', '.join(old.engines)}; how far its tiles agree with those of "
            "this version is not known."
        )
    if old.encoding != new.encoding:
        raise IndexOfOtherModel(
            f"{path} holds tiles that were encoded otherwise ({old.encoding}, not {new.encoding})."
        )
    same = replace(
        old,
        raster=new.raster,
        model=new.model,
        version=new.version,
        title=new.title,
        stamp=new.stamp,
        revision=new.revision,
        engines=new.engines,
    )
    if same != new:
        raise IndexStale(f"{new.raster} has changed, or is read otherwise, since {path} was made.")


def has_other_pixels(manifest: Manifest, source: RasterSource) -> bool:
    """Whether the raster has changed since, as far as its stamp or else its fingerprint tells."""
    if manifest.stamp and manifest.stamp == source.stamp:
        return False
    if manifest.fingerprint_version == 1:
        return source.first_fingerprint != manifest.fingerprint
    return source.fingerprint != manifest.fingerprint


def manifest_rows(manifest: Manifest) -> list[tuple[str, str]]:
    """(name, JSON) pairs, as stored."""
    return [(name, json.dumps(value)) for name, value in asdict(manifest).items()]


def manifest_from_rows(rows: dict[str, str], path: str) -> Manifest:
    """The manifest that `rows` hold.

    Raises:
        IndexUnreadable: fields are missing, or belong to another version of the format.
    """
    try:
        values: dict[str, Any] = {name: json.loads(text) for name, text in rows.items()}
        if values["version"] not in (UNCHECKED, VERSION):
            told = f"{values['version']!r:.20}"
            raise IndexUnreadable(f"{path} has index format {told}, this is version {VERSION}.")
        stretch = Stretch(tuple(values["stretch"]["low"]), tuple(values["stretch"]["high"]))
        values |= {
            "stretch": stretch,
            "transform": tuple(values["transform"]),
            "bands": tuple(values["bands"]),
        }
        values = _OF_EARLIER_VERSIONS | values
        values |= {"engines": tuple(values["engines"])}
        return Manifest(**{field.name: values[field.name] for field in fields(Manifest)})
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise IndexUnreadable(f"{path} has an incomplete manifest: {error!r:.200}.") from error


def lies_elsewhere(raster: str, index_path: str | Path) -> bool:
    """Whether a raster is on another machine than its index: even looking for it would ask that (Windows)."""
    share = PureWindowsPath(raster).drive
    return share.startswith("\\\\") and share != PureWindowsPath(index_path).drive


def names_another_machine(manifest: Manifest, index_path: str | Path) -> bool:
    """Whether only to look for the raster would ask a server or a share that the index names."""
    return not is_plain_path(manifest.raster) or lies_elsewhere(manifest.raster, index_path)


def raster_of(manifest: Manifest, index_path: str | Path) -> str:
    """Where the raster is now: its recorded path, or beside an index that was moved or copied along."""
    if manifest.drawn or names_another_machine(manifest, index_path):
        return manifest.raster
    neighbour = Path(index_path).parent / Path(manifest.raster).name
    ours = Path(index_path).name.startswith(f"{index_stem(neighbour.name)}.msa-")
    if (ours or not os.path.exists(manifest.raster)) and os.path.exists(neighbour):
        return str(neighbour)
    return manifest.raster
