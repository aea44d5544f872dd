from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDistanceArea,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QColor, QImage

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribeReply, Phrase
from qgis_msa_plugin.describe.map_render import (
    SIDE_PX,
    MapRender,
    Picture,
    Place,
    local_crs,
    rgb_bytes,
    valid_fraction,
)
from qgis_msa_plugin.gis.geometry import square_around
from qgis_msa_plugin.session import Session
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Client

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")


def test_pixels_have_no_padding_at_the_end_of_lines(qgis_app: QObject) -> None:
    image = QImage(5, 3, QImage.Format.Format_RGB888)
    assert image.bytesPerLine() > 15
    image.fill(QColor(1, 2, 3))
    image.setPixelColor(4, 2, QColor(9, 8, 7))
    assert rgb_bytes(image) == bytes([1, 2, 3]) * 14 + bytes([9, 8, 7])


def test_the_painted_share_is_counted(qgis_app: QObject) -> None:
    image = QImage(10, 10, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    for y in range(3):
        for x in range(10):
            image.setPixelColor(x, y, QColor(5, 5, 5))
    assert valid_fraction(image) == pytest.approx(0.3)


def test_a_rendered_square_shows_the_place_and_nothing_but_the_layer(
    qtbot: QtBot, make_raster: MakeRaster, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer(str(make_raster(side=1024, pixel=0.5)), "town")
    pictures: list[Picture] = []
    place = Place(QgsPointXY(1000 + 256, 2000 - 256), MERCATOR)
    MapRender().start(layer, place, 100.0, pictures.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(pictures), timeout=10_000)
    (picture,) = pictures
    assert len(picture.rgb) == SIDE_PX * SIDE_PX * 3
    assert picture.bounds == (-50.0, -50.0, 50.0, 50.0)
    middle = (SIDE_PX * SIDE_PX // 2 + SIDE_PX // 2 + 8) * 3
    block = 7 * 16 + 11 * 16
    expected = [(band * 40 + block) % 251 for band in (1, 2, 3)]
    assert list(picture.rgb[middle : middle + 3]) == pytest.approx(expected, abs=12)


def test_a_metre_of_the_square_is_a_metre_on_the_ground(qgis_app: QObject) -> None:
    banepa = Place(QgsPointXY(9_520_000, 3_205_000), MERCATOR)
    crs = local_crs(banepa)
    assert crs.isValid()
    assert not crs.isGeographic()


def test_a_place_without_pixels_is_refused(
    qtbot: QtBot, make_raster: MakeRaster, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer(str(make_raster()), "town")
    refusals: list[object] = []
    MapRender().start(layer, Place(QgsPointXY(90_000, 2000), MERCATOR), 100.0, pytest.fail, refusals.append)
    qtbot.waitUntil(lambda: bool(refusals), timeout=10_000)
    assert refusals[0].kind == "point_outside"


def test_only_the_last_picture_asked_for_is_delivered(
    qtbot: QtBot, make_raster: MakeRaster, qgis_new_project: None
) -> None:
    layer = QgsRasterLayer(str(make_raster()), "town")
    pictures: list[str] = []
    render = MapRender()
    place = Place(QgsPointXY(1256, 1744), MERCATOR)
    render.start(layer, place, 100.0, lambda _: pictures.append("old"), pytest.fail)
    render.start(layer, place, 100.0, lambda _: pictures.append("new"), pytest.fail)
    qtbot.waitUntil(lambda: bool(pictures), timeout=10_000)
    qtbot.wait(200)
    assert pictures == ["new"]


def test_a_layer_that_is_no_file_is_described_from_its_pixels(
    qtbot: QtBot, session: Session, client: Client, served: QgsRasterLayer
) -> None:
    session.search.choose_layer(served)
    describer = session.describer
    describer.choose_scale(describer.scales[0])
    describer.describe_at(QgsPointXY(1256, 1744), MERCATOR)
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.DESCRIBE_PIXELS)), timeout=10_000)
    answer = DescribeReply((Phrase("a street", 0.1, 0.3),), (-1.0, -1.0, 1.0, 1.0), "EPSG:3857", 75.0, 1.0)
    asked = client.answer(rpc.DESCRIBE_PIXELS, answer)
    assert asked.params.width == asked.params.height == SIDE_PX
    assert asked.params.scale_m == 75.0
    assert len(asked.attachment) == SIDE_PX * SIDE_PX * 3
    assert {(200, 30, 30), (30, 160, 30)} <= set(zip(*[iter(asked.attachment)] * 3, strict=True))
    assert describer.description.reply is answer


def test_the_aim_is_as_wide_on_the_ground_as_the_scale_says(qgis_app: QObject) -> None:
    banepa = QgsPointXY(9_520_000, 3_205_000)
    (left, top), (right, _), _, (_, bottom) = square_around(banepa, MERCATOR, 100.0)
    ground = QgsDistanceArea()
    ground.setEllipsoid("WGS84")
    assert ground.measureLine(QgsPointXY(left, top), QgsPointXY(right, top)) == pytest.approx(100, abs=0.1)
    assert ground.measureLine(QgsPointXY(left, top), QgsPointXY(left, bottom)) == pytest.approx(100, abs=0.1)


def test_a_vector_layer_is_not_a_choice(qgis_new_project: None, dock: object) -> None:
    QgsProject.instance().addMapLayer(QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory"))
    assert not dock.search.target.layers()
