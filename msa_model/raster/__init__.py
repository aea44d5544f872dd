"""Reading rasters: grid and window arithmetic, GDAL through rasterio, pixels, areas of interest."""

from msa_model.raster.environment import forget_foreign_gdal

forget_foreign_gdal()  # before the first import of rasterio, pyproj or pyogrio
