import json
from pathlib import Path

import pytest
import shapely

from msa_model.index.vector_files import write_coverage
from msa_model.protocol.indexes import CoverageReply, CoveredArea

MERCATOR_180 = 20_037_508.342789244


def features(path: Path) -> list[shapely.Geometry]:
    return [
        shapely.geometry.shape(feature["geometry"]) for feature in json.loads(path.read_text())["features"]
    ]


@pytest.mark.parametrize(
    ("crs", "box", "bounds"),
    [
        ("EPSG:4326", (539.9, 1, 540.1, 2), (-180, 1, 180, 2)),
        ("EPSG:4326", (200, 1, 201, 2), (-160, 1, -159, 2)),
        ("EPSG:3857", (MERCATOR_180 - 1000, 0, MERCATOR_180 + 1000, 1000), (-180, 0, 180, 0.008983)),
        ("EPSG:3413", (-1000, -1000, 1000, 1000), (-180, 89.98694, 180, 90)),
        ("EPSG:32601", (833_978.6 - 1e6, 0, 300_000, 10), (-180, 0, 180, 0)),
    ],
)
def test_what_is_indexed_across_the_ends_of_the_world_is_valid_geojson(
    tmp_path: Path, crs: str, box: tuple[float, ...], bounds: tuple[float, ...]
) -> None:
    wkt = shapely.MultiPolygon([shapely.box(*box)]).wkt
    reply = CoverageReply("i.gpkg", "a.tif", crs, wkt, (CoveredArea(128.0, wkt, 1),))
    write_coverage(tmp_path / "c.geojson", reply)
    (shape,) = features(tmp_path / "c.geojson")
    assert shape.is_valid
    assert shape.geom_type in ("Polygon", "MultiPolygon")
    assert shape.bounds == pytest.approx(bounds, abs=1e-4)
