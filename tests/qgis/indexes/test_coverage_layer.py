"""What is indexed and what is not, on the map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import IndexMissing, IndexUnreadable
from msa_model.protocol.indexes import CoverageReply, CoverageRequest, CoveredArea
from msa_model.protocol.rpc import COVERAGE
from qgis_msa_plugin.indexes.index_files import CoverageController
from qgis_msa_plugin.map.coverage import CoverageLayers
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.dock.desk import Client

INDEX = "/data/town.msa.gpkg"
WHOLE = "POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"
HALF = "MULTIPOLYGON(((0 0,500 0,500 1000,0 1000,0 0)))"


def reply(*areas: CoveredArea, index: str = INDEX) -> CoverageReply:
    return CoverageReply(index, "/data/town.tif", "EPSG:32645", WHOLE, areas)


def rows(layer: QgsVectorLayer) -> list[tuple[str, str, float]]:
    return [(row["state"], row["scale"], row["area_ha"]) for row in layer.getFeatures()]


@pytest.fixture
def state(qgis_app: QObject) -> SearchState:
    return SearchState()


@pytest.fixture
def coverage(client: Client, state: SearchState, qgis_new_project: None) -> Iterator[CoverageController]:
    coverage = CoverageController(client, state, QgsProject.instance(), client)
    yield coverage
    coverage.release()


def layers() -> list[QgsVectorLayer]:
    return list(QgsProject.instance().mapLayers().values())


def test_every_scale_has_its_area_and_the_rest_is_missing(
    coverage: CoverageController, client: Client
) -> None:
    coverage.show({INDEX: "town"})
    asked = client.answer(COVERAGE, reply(CoveredArea(38.4, HALF, 70)))
    assert asked.params == CoverageRequest(INDEX)
    (layer,) = layers()
    assert layer.name() == "Coverage of town"
    found = rows(layer)
    assert [(kind, scale) for kind, scale, _ in found] == [("indexed", "38 m"), ("missing", "")]
    assert [area for *_, area in found] == pytest.approx([50, 50], rel=0.01)


def test_nothing_is_missing_where_all_is_indexed(qgis_new_project: None) -> None:
    layer = CoverageLayers(QgsProject.instance()).show("town", reply(CoveredArea(38.4, WHOLE, 140)))
    assert [kind for kind, *_ in rows(layer)] == ["indexed"]


def test_an_empty_index_leaves_the_whole_raster_missing(qgis_new_project: None) -> None:
    layer = CoverageLayers(QgsProject.instance()).show("town", reply())
    assert [kind for kind, *_ in rows(layer)] == ["missing"]


def test_both_states_have_a_symbol_of_their_own(qgis_new_project: None) -> None:
    layer = CoverageLayers(QgsProject.instance()).show("town", reply())
    categories = layer.renderer().categories()
    assert {category.value(): category.symbol().symbolLayer(0).layerType() for category in categories} == {
        "indexed": "SimpleFill",
        "missing": "LinePatternFill",
    }


def test_a_scan_brings_the_layer_up_to_date_and_adds_no_other(
    coverage: CoverageController, client: Client
) -> None:
    coverage.show({INDEX: "town"})
    client.answer(COVERAGE, reply())
    coverage.refresh()
    client.answer(COVERAGE, reply(CoveredArea(38.4, WHOLE, 140)))
    assert [[kind for kind, *_ in rows(layer)] for layer in layers()] == [["indexed"]]


def test_a_layer_that_was_removed_meanwhile_does_not_come_back(
    coverage: CoverageController, client: Client
) -> None:
    coverage.show({INDEX: "town"})
    client.answer(COVERAGE, reply())
    coverage.refresh()
    QgsProject.instance().removeAllMapLayers()
    client.answer(COVERAGE, reply())
    assert layers() == []


def test_no_index_yet_is_no_failure_but_a_damaged_one_is(
    coverage: CoverageController, client: Client, state: SearchState
) -> None:
    coverage.show({INDEX: "town"})
    client.refuse(COVERAGE, IndexMissing("There is no index."))
    assert state.notice is not None
    assert state.notice.error is None
    coverage.show({INDEX: "town"})
    client.refuse(COVERAGE, IndexUnreadable("Damaged."))
    assert state.notice.error is not None


def test_a_refresh_asks_nothing_of_a_worker_that_does_not_run(
    coverage: CoverageController, client: Client
) -> None:
    coverage.show({INDEX: "town"})
    client.answer(COVERAGE, reply())
    client.state = WorkerState.STOPPED
    coverage.refresh()
    assert client.waiting(COVERAGE) == []
