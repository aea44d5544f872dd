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

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribeReply, Phrase
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.pixels import DrawRequest, Picture, PixelBlock
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.geometry import square_around
from qgis_msa_plugin.session import Session
from tests.present import present
from tests.qgis.dock.desk import Client

MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")


def test_a_layer_that_is_no_file_is_described_by_the_same_request(
    qtbot: QtBot, session: Session, client: Client, served: QgsRasterLayer
) -> None:
    session.search.choose_layer(served)
    session.describer.describe_at(QgsPointXY(1256, 1744), MERCATOR)
    (asked,) = client.waiting(rpc.DESCRIBE)
    layer = asked.params.raster
    assert isinstance(layer, DrawnLayer)
    assert asked.params.every_scale
    pictures: list[Picture] = []
    block = PixelBlock(256, 256, (1000.0, 1000.0, 1256.0, 1256.0))
    asked.draw(DrawRequest(asked.id, layer, block), pictures.append)
    qtbot.waitUntil(lambda: bool(pictures), timeout=10_000)
    seen = set(zip(*[iter(pictures[0].rgba)] * 4, strict=True))
    assert {(200, 30, 30, 255), (30, 160, 30, 255)} <= seen
    answer = DescribeReply((Phrase("a street", 0.1, 0.3),), (-1.0, -1.0, 1.0, 1.0), "EPSG:3857", 75.0, 1.0)
    client.answer(rpc.DESCRIBE, answer)
    assert present(session.describer.description).reply is answer


def test_only_the_last_place_asked_about_is_waited_for(
    session: Session, client: Client, served: QgsRasterLayer
) -> None:
    session.search.choose_layer(served)
    session.describer.describe_at(QgsPointXY(1256, 1744), MERCATOR)
    (first,) = client.waiting(rpc.DESCRIBE)
    session.describer.describe_at(QgsPointXY(1356, 1744), MERCATOR)
    assert client.cancelled == [first.id]


def test_the_aim_is_as_wide_on_the_ground_as_the_scale_says(qgis_app: QObject) -> None:
    banepa = QgsPointXY(9_520_000, 3_205_000)
    (left, top), (right, _), _, (_, bottom) = square_around(banepa, MERCATOR, 100.0)
    ground = QgsDistanceArea()
    ground.setEllipsoid("WGS84")
    assert ground.measureLine(QgsPointXY(left, top), QgsPointXY(right, top)) == pytest.approx(100, abs=0.1)
    assert ground.measureLine(QgsPointXY(left, top), QgsPointXY(left, bottom)) == pytest.approx(100, abs=0.1)


def test_a_vector_layer_is_not_a_choice(qgis_new_project: None, dock: SearchDock) -> None:
    QgsProject.instance().addMapLayer(QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory"))
    assert not dock.search.target.layers()
