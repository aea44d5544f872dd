"""How the map shows rasters, as the worker makes pictures of their tiles."""

from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import gdal, osr
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsContrastEnhancement,
    QgsHillshadeRenderer,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandGrayRenderer,
)

from msa_model.protocol import methods
from msa_model.protocol.messages import (
    MapStyle,
    RasterRef,
    ScanRequest,
    ScanSettings,
    ThumbnailRequest,
    TileRef,
)
from qgis_msa_plugin.render.style import MapStyles, map_style
from qgis_msa_plugin.search.thumbnails import images_of
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.qgis.outcomes import Outcomes
from tests.qgis.scene import CRS, LEFT, PIXEL, TOP

BRIGHT = 40_000


@pytest.fixture
def deep(tmp_path: Path, qgis_new_project: None) -> QgsRasterLayer:
    """Three bands of 16 bits: dark on the left, bright on the right."""
    path = str(tmp_path / "deep.tif")
    data = gdal.GetDriverByName("GTiff").Create(path, 256, 256, 3, gdal.GDT_UInt16)
    data.SetGeoTransform((LEFT, PIXEL, 0.0, TOP, 0.0, -PIXEL))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(CRS)
    data.SetProjection(reference.ExportToWkt())
    row = b"".join(value.to_bytes(2, "little") for value in [1000] * 128 + [BRIGHT] * 128)
    for band in (1, 2, 3):
        data.GetRasterBand(band).WriteRaster(0, 0, 256, 256, row * 256)
    del data
    layer = QgsRasterLayer(path, "deep")
    QgsProject.instance().addMapLayer(layer)
    return layer


def stretch(layer: QgsRasterLayer, low: float, high: float) -> None:
    """Of all three bands, as the style panel sets it."""
    renderer = QgsMultiBandColorRenderer(layer.dataProvider(), 3, 2, 1)
    for take in (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    ):
        enhancement = QgsContrastEnhancement(layer.dataProvider().dataType(1))
        enhancement.setMinimumValue(low)
        enhancement.setMaximumValue(high)
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        take(enhancement)
    layer.setRenderer(renderer)


def test_a_look_has_the_bands_and_the_stretch_of_the_style(deep: QgsRasterLayer) -> None:
    stretch(deep, 500, 45_000)
    assert map_style(deep) == MapStyle(deep.source(), (3, 2, 1), (500.0,) * 3, (45_000.0,) * 3)


def test_grey_from_white_to_black_is_turned_around(deep: QgsRasterLayer) -> None:
    renderer = QgsSingleBandGrayRenderer(deep.dataProvider(), 2)
    renderer.setGradient(QgsSingleBandGrayRenderer.Gradient.WhiteToBlack)
    deep.setRenderer(renderer)
    assert map_style(deep) == MapStyle(deep.source(), (2,), (255.0,), (0.0,))


def test_a_style_that_works_the_picture_out_has_no_look(deep: QgsRasterLayer) -> None:
    deep.setRenderer(QgsHillshadeRenderer(deep.dataProvider(), 1, 315, 45))
    assert map_style(deep) is None


def test_another_stretch_is_told_of(deep: QgsRasterLayer, qtbot: QtBot) -> None:
    styles = MapStyles(QgsProject.instance())
    stretch(deep, 500, 45_000)
    assert [style.high for style in styles.all()] == [(45_000.0,) * 3]
    with qtbot.waitSignal(styles.changed):
        stretch(deep, 500, 2_000)
    assert [style.high for style in styles.all()] == [(2_000.0,) * 3]
    styles.release()


def test_the_workers_pictures_have_the_maps_stretch(
    deep: QgsRasterLayer, real: None, qtbot: QtBot, outcomes: Outcomes, tmp_path: Path
) -> None:
    client = WorkerClient(current_settings)
    index = str(tmp_path / "deep.gpkg")
    scan = ScanRequest(RasterRef(deep.source()), settings=ScanSettings(scales_m=(128.0,)), index=index)
    client.call(methods.BUILD, scan, outcomes.keep, outcomes.failed.append)
    qtbot.waitUntil(lambda: bool(outcomes.count))
    shown = []
    for high in (45_000, 60_000):
        stretch(deep, 1000, high)
        style = map_style(deep)
        assert style is not None
        request = ThumbnailRequest((TileRef(index, 1, 0, 0),), 96, (style,))
        client.call(
            methods.THUMBNAILS,
            request,
            lambda reply, pixels: shown.extend(images_of(reply, pixels)),
            outcomes.failed.append,
        )
    qtbot.waitUntil(lambda: len(shown) == 2 or bool(outcomes.failed))
    client.stop()
    assert outcomes.failed == []
    left, right = 10, 85
    assert [image.pixelColor(left, 48).red() for image in shown] == [0, 0]
    assert [image.pixelColor(right, 48).red() for image in shown] == pytest.approx(
        [255 * 39_000 / 44_000, 255 * 39_000 / 59_000], abs=1
    )
