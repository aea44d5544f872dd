"""A CRS that GeoTIFF cannot express: longitudes and latitudes around another pole."""

from __future__ import annotations

ROTATED = (
    'GEOGCRS["unnamed",BASEGEOGCRS["unknown",DATUM["World Geodetic System 1984",'
    'ELLIPSOID["WGS 84",6378137,298.257223563]]],'
    'DERIVINGCONVERSION["unknown",METHOD["PROJ ob_tran o_proj=longlat"],'
    'PARAMETER["o_lon_p",0],PARAMETER["o_lat_p",39.25],PARAMETER["lon_0",18]],CS[ellipsoidal,2],'
    'AXIS["longitude",east,ANGLEUNIT["degree",0.0174532925199433]],'
    'AXIS["latitude",north,ANGLEUNIT["degree",0.0174532925199433]]]'
)  # fmt: skip
