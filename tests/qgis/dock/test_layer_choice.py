from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest

from qgis_msa_plugin.dock.layer_choice import LayerChoice
from qgis_msa_plugin.dock.target_bar import TargetBar
from qgis_msa_plugin.gis.marks import HEAT_PROPERTY
from tests.qgis.dock.conftest import MakeRaster
from tests.qgis.dock.desk import Desk

AddRaster = Callable[[str], QgsRasterLayer]


@pytest.fixture
def add(make_raster: MakeRaster, qgis_new_project: None) -> AddRaster:
    def add(name: str) -> QgsRasterLayer:
        layer = QgsRasterLayer(str(make_raster(f"{name}.tif", side=64)), name)
        QgsProject.instance().addMapLayer(layer)
        return layer

    return add


@pytest.fixture
def choice(qtbot: QtBot, qgis_new_project: None) -> LayerChoice:
    choice = LayerChoice()
    qtbot.addWidget(choice)
    return choice


def names(choice: LayerChoice) -> list[str]:
    return [layer.name() for layer in choice.layers()]


def test_the_first_raster_is_chosen_and_a_vector_layer_is_no_choice(
    choice: LayerChoice, add: AddRaster
) -> None:
    QgsProject.instance().addMapLayer(QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory"))
    assert names(choice) == []
    add("town")
    add("village")
    assert choice.count() == 2
    assert names(choice) == ["town"]


def test_a_heat_map_is_nothing_to_search(
    choice: LayerChoice, add: AddRaster, make_raster: MakeRaster
) -> None:
    add("town")
    heat = QgsRasterLayer(str(make_raster("heat.tif", side=64)), "a heat map")
    heat.setCustomProperty(HEAT_PROPERTY, "a river")
    QgsProject.instance().addMapLayer(heat)
    assert choice.count() == 1


def test_several_layers_are_told_once_and_shown_in_a_few_words(choice: LayerChoice, add: AddRaster) -> None:
    layers = [add(name) for name in ("a", "b", "c")]
    told: list[int] = []
    choice.chosen.connect(lambda chosen: told.append(len(chosen)))
    choice.choose(layers[:2])
    assert choice.currentText() == "a, b"
    choice.choose(layers)
    assert choice.currentText() == "3 layers"
    assert told == [2, 3]


def test_a_name_chooses_that_layer_alone(choice: LayerChoice, add: AddRaster) -> None:
    layers = [add(name) for name in ("a", "b", "c")]
    choice.choose(layers[:2])
    choice.activated.emit(2)
    assert names(choice) == ["c"]
    assert choice.currentIndex() == 2


def test_a_box_is_ticked_without_closing_the_list_and_the_last_one_stays(
    choice: LayerChoice, add: AddRaster, qtbot: QtBot
) -> None:
    add("a")
    add("b")
    choice.resize(200, 30)
    choice.show()
    choice.showPopup()
    view = choice.view()
    box = QPoint(8, view.visualRect(choice.model().index(1, 0)).center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert view.isVisible()
    assert names(choice) == ["a", "b"]
    view.setCurrentIndex(choice.model().index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert names(choice) == ["b"]
    view.setCurrentIndex(choice.model().index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert names(choice) == ["b"]
    choice.hidePopup()


def test_a_removed_layer_leaves_the_choice_and_a_renamed_one_keeps_its_place(
    choice: LayerChoice, add: AddRaster
) -> None:
    layers = [add(name) for name in ("a", "b")]
    choice.choose(layers)
    layers[1].setName("z")
    assert choice.currentText() == "a, z"
    QgsProject.instance().removeMapLayer(layers[0].id())
    assert names(choice) == ["z"]
    QgsProject.instance().removeAllMapLayers()
    assert choice.layers() == ()


def test_the_pixel_size_is_asked_for_only_where_qgis_draws_the_layer(
    qtbot: QtBot, desk: Desk, add: AddRaster, served: QgsRasterLayer
) -> None:
    town = add("town")
    bar = TargetBar(desk)
    qtbot.addWidget(bar)
    bar.show()
    bar.choice.choose([town])
    assert not bar.gsds.isVisible()
    bar.choice.choose([served])
    assert bar.gsds.isVisible()
    told: list[float | None] = []
    bar.gsd_chosen.connect(told.append)
    bar.gsds.setCurrentIndex(bar.gsds.findData(0.5))
    bar.choice.choose([town])
    assert told == [0.5, None]
