"""The tile index on disk, its exact ranking, and results as layers."""

import msa_model.raster  # noqa: F401  (sets GDAL's environment before pyogrio loads)
