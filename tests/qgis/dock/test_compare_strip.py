"""The strip that asks of two dates: layers, dates, forms."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from qgis_msa_plugin.dock.compare_strip import CompareStrip
from qgis_msa_plugin.gis.marks import HEAT_PROPERTY
from qgis_msa_plugin.search.question import Dates
from qgis_msa_plugin.search.state import SearchState
from tests.qgis.dock.conftest import MakeRaster


@pytest.fixture
def state() -> SearchState:
    return SearchState()


@pytest.fixture
def layers(make_raster: MakeRaster, qgis_new_project: None) -> list[QgsRasterLayer]:
    layers = [QgsRasterLayer(str(make_raster(f"{name}.tif", side=64)), name) for name in ("new", "old")]
    for layer in layers:
        QgsProject.instance().addMapLayer(layer)
    return layers


@pytest.fixture
def strip(state: SearchState, layers: list[QgsRasterLayer], qtbot: QtBot) -> CompareStrip:
    strip = CompareStrip(state)
    qtbot.addWidget(strip)
    strip.show()
    strip.begin(layers[:1])
    return strip


def names(strip: CompareStrip) -> list[str]:
    return [layer.name() for layer in strip.layers()]


def tell(state: SearchState, layers: list[QgsRasterLayer], *dates: str) -> None:
    told = zip((layer.id() for layer in layers), dates, strict=True)
    state.told_dates = MappingProxyType(dict(told))


def test_the_other_layer_is_compared_with_the_one_that_is_searched(strip: CompareStrip) -> None:
    assert names(strip) == ["new", "old"]
    assert strip.title() == "new → old"


def test_the_earlier_layer_comes_first_once_both_dates_are_told(
    strip: CompareStrip, state: SearchState, layers: list[QgsRasterLayer]
) -> None:
    tell(state, layers, "2020-08", "2010-06-29")
    assert names(strip) == ["old", "new"]
    assert strip.dates() == Dates("2010-06-29", "2020-08")


def test_layers_that_were_exchanged_stay_so_and_keep_their_typed_dates(
    strip: CompareStrip, state: SearchState, layers: list[QgsRasterLayer]
) -> None:
    tell(state, layers, "2020", "2010")
    strip.two.dates_of[0].setText("2011")
    QTest.mouseClick(strip.two.swap, Qt.MouseButton.LeftButton)
    assert names(strip) == ["new", "old"]
    assert strip.dates() == Dates("2020", "2011")
    tell(state, layers, "2020", "2010")
    assert strip.dates() == Dates("2020", "2011")


def test_a_form_that_is_picked_rewrites_the_query_and_one_that_is_typed_is_shown(strip: CompareStrip) -> None:
    written: list[str] = []
    strip.written.connect(written.append)
    strip.follow("appeared: houses")
    strip.form.setCurrentIndex(1)
    strip.form.activated.emit(1)
    assert written == ["vanished: houses"]
    strip.follow("bare land -> houses")
    assert strip.form.currentData() == "became"
    strip.follow("changed")
    assert strip.form.currentData() == "changed"
    strip.follow("houses")
    assert strip.asked("houses") == "appeared: houses"


def test_a_heat_map_is_no_date(
    strip: CompareStrip, make_raster: MakeRaster, layers: list[QgsRasterLayer]
) -> None:
    heat = QgsRasterLayer(str(make_raster("heat.tif", side=64)), "a heat map")
    heat.setCustomProperty(HEAT_PROPERTY, "a river")
    QgsProject.instance().addMapLayer(heat)
    assert [combo.count() for combo in strip.two.layers_of] == [len(layers)] * 2


def test_the_strip_goes_as_narrow_as_the_dock(strip: CompareStrip) -> None:
    assert strip.minimumSizeHint().width() <= 288
