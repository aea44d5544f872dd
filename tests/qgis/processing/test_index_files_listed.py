"""Coverage, export, list, deletion and moving of indexes in the toolbox, with the real worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsProcessingException, QgsRasterLayer

from tests.matches import MATCHES
from tests.qgis.scene import CRS
from tests.qgis.toolbox import corner, polygon_layer, run


def test_the_coverage_of_a_part_shows_what_is_missing(real: None, scene: QgsRasterLayer) -> None:
    run("indexraster", RASTER=scene, AOI=polygon_layer(corner(60)))
    found = run("coverage", RASTER=scene, OUTPUT="memory:")
    layer = found["OUTPUT"]
    assert layer.crs().authid() == f"EPSG:{CRS}"
    areas: dict[tuple[float, str], float] = {
        (row["scale_m"], row["state"]): row.geometry().area() for row in layer.getFeatures()
    }
    sides = sorted({side for side, _ in areas})
    whole = scene.extent().width() * scene.extent().height()
    for side in sides:
        assert sum(area for (own, _), area in areas.items() if own == side) == pytest.approx(whole)
    assert 0 < areas[(sides[0], "indexed")] < areas[(sides[0], "missing")]
    assert 0 < found["SHARE"] < 1


def test_the_coverage_of_all_has_nothing_missing(real: None, scene: QgsRasterLayer) -> None:
    index = run("indexraster", RASTER=scene)["INDEX"]
    found = run("coverage", INDEX=index, OUTPUT="memory:")
    assert {row["state"] for row in found["OUTPUT"].getFeatures()} == {"indexed"}
    assert found["SHARE"] == pytest.approx(1)


@pytest.mark.parametrize("name", ["coverage", "exportindex"])
def test_without_an_index_there_is_a_sentence(
    real: None, scene: QgsRasterLayer, tmp_path: Path, name: str
) -> None:
    out = "memory:" if name == "coverage" else str(tmp_path / "tiles.parquet")
    with pytest.raises(QgsProcessingException, match="no index"):
        run(name, RASTER=scene, OUTPUT=out)
    with pytest.raises(QgsProcessingException, match="Choose a raster or an index"):
        run(name, OUTPUT=out)


def test_an_index_is_exported_by_its_raster(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    scan = run("indexraster", RASTER=scene)
    out = tmp_path / "tiles.parquet"
    found = run("exportindex", RASTER=scene, OUTPUT=str(out))
    assert found["TILES"] == scan["ENCODED"]
    assert out.read_bytes()[:4] == b"PAR1"
    with pytest.raises(QgsProcessingException, match=r"\.parquet"):
        run("exportindex", RASTER=scene, OUTPUT=str(tmp_path / "tiles.csv"))


def test_indexes_are_listed_moved_and_deleted(real: None, scene: QgsRasterLayer, tmp_path: Path) -> None:
    def listed(folder: Path) -> dict[str, str]:
        table = run("listindexes", FOLDER=str(folder), OUTPUT="memory:")["OUTPUT"]
        rows = {row["index"]: row["state"] for row in table.getFeatures()}
        return {path: state for path, state in rows.items() if Path(path).parent == folder}

    index = Path(run("indexraster", RASTER=scene)["INDEX"])
    folder = tmp_path / "archive"
    moved = run("moveindex", INDEX=str(index), FOLDER=str(folder))["MOVED"]
    assert not index.exists()
    assert listed(folder) == {moved: "current"}
    size = Path(moved).stat().st_size
    assert run("deleteindex", INDEX=moved)["FREED"] == size
    assert list(folder.iterdir()) == []


def test_only_an_index_is_deleted(real: None, tmp_path: Path) -> None:
    roads = tmp_path / "roads.gpkg"
    roads.write_bytes(b"precious")
    with pytest.raises(QgsProcessingException, match="no tile index"):
        run("deleteindex", INDEX=str(roads))
    assert roads.read_bytes() == b"precious"


def test_an_indexed_raster_is_explored_in_groups(real: None, scene: QgsRasterLayer) -> None:
    with pytest.raises(QgsProcessingException, match="no index"):
        run("explore", RASTER=scene, OUTPUT="memory:")
    run("indexraster", RASTER=scene)
    found = run("explore", RASTER=scene, GROUPS=2, OUTPUT="memory:")
    groups = list(found["OUTPUT"].getFeatures())
    assert [row["id"] for row in groups] == list(range(1, found["COUNT"] + 1))
    assert {row["verdict"] for row in groups} <= set(MATCHES)
    assert all(row["name"] and row["area_m2"] > 0 for row in groups)
    whole = scene.extent().width() * scene.extent().height()
    assert sum(row.geometry().area() for row in groups) == pytest.approx(whole)
