"""What an index says of its raster, where tests need no raster."""

from __future__ import annotations

from msa_model.index.manifest import Manifest
from msa_model.raster.colours import IDENTITY

PLAIN = Manifest(
    raster="/rasters/town.tif",
    fingerprint="f" * 64,
    width=3000,
    height=2000,
    transform=(0.5, 0.0, 500_000.0, 0.0, -0.5, 5_000_000.0),
    crs="EPSG:32633",
    gsd_m=0.5,
    bands=(1, 2, 3),
    stretch=IDENTITY,
    model="msa-small",
    model_sha256="a" * 64,
    dimension=16,
)
