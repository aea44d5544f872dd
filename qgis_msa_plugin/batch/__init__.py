"""Many queries over many rasters: jobs that outlive QGIS."""
