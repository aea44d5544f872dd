"""A raster on another one's pixels: a VRT that warps it as it is read: its tiles are the same ground."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio.shutil
import shapely
from affine import Affine
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from msa_model.files.folders import make_folder
from msa_model.files.replacing import replacing
from msa_model.protocol.errors import BadArgument, RasterUnreadable
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.redaction import without_secrets
from msa_model.protocol.tables import read_bytes
from msa_model.raster.aoi import frame_of
from msa_model.raster.coordinates import LONLAT, polygon_in
from msa_model.raster.environment import GDAL_OPTIONS
from msa_model.raster.handles import is_warped, open_dataset
from msa_model.raster.tiles import GeoreferencedGrid

_SAME_PX = 0.01
_FOLDER = "aligned"


@dataclass(frozen=True)
class Lattice:
    """Pixels of a raster: `width` × `height`, `transform` maps (column, row) to coordinates in `crs`."""

    width: int
    height: int
    transform: Affine
    crs: str

    @classmethod
    def of(cls, raster: GeoreferencedGrid) -> Lattice:
        """That of a raster."""
        return cls(raster.width, raster.height, raster.transform, raster.crs)

    def is_shared_by(self, other: Lattice) -> bool:
        """Whether both have the same pixels, as far as each reaches: their tiles have the same keys."""
        if self.crs != other.crs:
            return False
        far = (max(self.width, other.width), max(self.height, other.height))
        corners = [(0, 0), (far[0], 0), (0, far[1]), far]
        places = np.array([~self.transform @ (other.transform @ corner) for corner in corners])
        return bool(np.abs(places - corners).max() <= _SAME_PX)

    def meets(self, other: Lattice) -> bool:
        """Whether both have ground in common, in the CRS of the larger: that of a zone holds no world."""
        small, large = sorted((self, other), key=_square_degrees)
        frame = frame_of(large.transform, large.width, large.height)
        theirs = _frame_in(small, large.crs)
        return bool(np.isfinite(theirs.bounds).all() and frame.intersection(theirs).area > 0)


def _frame_in(lattice: Lattice, crs: str) -> shapely.Polygon:
    ring = shapely.get_coordinates(frame_of(lattice.transform, lattice.width, lattice.height))[:-1]
    return polygon_in(ring.tolist(), lattice.crs, crs)


def _square_degrees(lattice: Lattice) -> float:
    area = float(_frame_in(lattice, LONLAT).area)
    return area if np.isfinite(area) else np.inf


def drawn_on(layer: DrawnLayer, lattice: Lattice) -> DrawnLayer:
    """The layer as it is drawn on the pixels of a lattice.

    Raises:
        BadArgument: the lattice lies askew; QGIS draws blocks that lie along its CRS.
    """
    transform = lattice.transform
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise BadArgument(
            f"'{layer.title}' cannot be drawn on pixels that lie askew; warp the raster before ('gdalwarp')."
        )
    return replace(
        layer,
        crs=lattice.crs,
        transform=transform[:6],
        width=lattice.width,
        height=lattice.height,
    )


def aligned(path: str, lattice: Lattice, cache_folder: Path) -> Path:
    """A VRT in the cache that shows the raster at `path` on a lattice, where that lies now.

    Raises:
        RasterMissing, RasterUnreadable: the raster.
        BadArgument: it is warped already, by control points or RPCs, or its address holds a secret.
        folder_read_only, DiskFull, storage_failed: the VRT cannot be written.
    """
    if without_secrets(path) != path:
        raise BadArgument(
            f"{path} lies on other pixels than the first date, and a file that shows it on those would keep "
            "its login or signature. Download the raster first, or leave the login to GDAL's configuration."
        )
    vrt = _vrt_path(path, lattice, cache_folder)
    content = _vrt(path, lattice)
    if not _holds(vrt, content):
        make_folder(vrt.parent)
        with replacing(vrt, _is_vrt) as part:
            part.write_bytes(content)
    return vrt


def _holds(vrt: Path, content: bytes) -> bool:
    """Whether it was made already, of the raster as it is: another VRT would look changed to an index."""
    try:
        return read_bytes(vrt, len(content)) == content
    except OSError:
        return False


def _vrt_path(path: str, lattice: Lattice, cache_folder: Path) -> Path:
    name = repr((os.path.abspath(path), lattice))
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return cache_folder / _FOLDER / digest / f"{Path(path).stem[:80]}.vrt"


def _is_vrt(path: Path) -> bool:
    """Files of this name are made here alone: it holds the digest of what they show."""
    with path.open("rb") as file:
        return file.read(11) == b"<VRTDataset"


def _vrt(path: str, lattice: Lattice) -> bytes:
    with tempfile.TemporaryDirectory() as folder, rasterio.Env(**GDAL_OPTIONS), open_dataset(path) as dataset:
        if is_warped(dataset):
            raise BadArgument(
                f"{path} lies by control points or RPCs; export it as a map first ('gdalwarp')."
            )
        flags = {flag for own in dataset.mask_flag_enums for flag in own}
        try:
            with WarpedVRT(
                dataset,
                crs=lattice.crs,
                transform=lattice.transform,
                width=lattice.width,
                height=lattice.height,
                resampling=Resampling.bilinear,
                add_alpha=not flags & {MaskFlags.alpha, MaskFlags.nodata},
            ) as warped:
                made = Path(folder, "aligned.vrt")
                rasterio.shutil.copy(warped, made, driver="VRT")
                return made.read_bytes()
        except RasterioError as error:
            raise RasterUnreadable(f"{path} cannot be laid over the other raster: {error}") from error
