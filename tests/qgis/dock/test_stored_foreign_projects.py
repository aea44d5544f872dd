"""Projects that somebody else has made: they choose no path, start nothing, and raise nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer

from msa_model.protocol import rpc
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Example, RasterRef, TileRef
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis import marks
from qgis_msa_plugin.gis.marks import claim
from qgis_msa_plugin.map.coverage import COVERAGE_PROPERTY
from qgis_msa_plugin.map.layer_fill import FIELDS
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.saved import KEY, SCOPE, UNREADABLE_KEY
from qgis_msa_plugin.search.stored import read_saved, saved_text
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.widgets.observed import Notice
from tests.present import present
from tests.qgis.dock.desk import Client, plan
from tests.qgis.dock.kept import EVIL, SOON_MS, head_of, read
from tests.qgis.dock.tables import TOWN, rank_reply

VALUES = [7, 1.5, True, ["a", "b"], "", "x" * 100_000, {"a": 1}, b"\0\1"]
PROPERTIES = sorted(value for name, value in vars(marks).items() if name.endswith("_PROPERTY"))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_properties_of_any_type_on_any_layer_raise_nothing(
    dock: SearchDock, town: QgsRasterLayer, qtbot: QtBot, tmp_path: Path, value: object
) -> None:
    project = QgsProject.instance()
    for source, provider in (
        ("Polygon?crs=EPSG:3857&field=a:int", "memory"),
        ("Point?crs=EPSG:4326", "memory"),
    ):
        layer = QgsVectorLayer(source, "odd", provider)
        for name in (*PROPERTIES, COVERAGE_PROPERTY, "msa_search/descriptions", "msa_search/coverage_of"):
            layer.setCustomProperty(name, value)
            town.setCustomProperty(name, value)
        project.addMapLayer(layer)
    project.writeEntry(SCOPE, KEY, str(value))
    assert project.write(str(tmp_path / "odd.qgz"))
    with qtbot.captureExceptions() as raised:
        assert project.read(str(tmp_path / "odd.qgz"))
        qtbot.wait(50)
    assert raised == []


@pytest.fixture(params=["tiles", "tiles and rasters"])
def hostile(
    request: pytest.FixtureRequest, dock: SearchDock, town: QgsRasterLayer, qtbot: QtBot, tmp_path: Path
) -> SearchController:
    """A controller that has opened a project whose answer names indexes and rasters of its maker's choice."""
    project = QgsProject.instance()
    head = head_of(town)
    head["reply"]["indexes"][0] |= {"index": f"{EVIL}.gpkg", "source": f"/vsicurl/http://{EVIL}"}
    if request.param == "tiles":
        head["question"]["examples"].pop()
    head["judgements"] = [[f"{EVIL}.gpkg", 1, 0, 1, "accepted"]]
    for examples in (head["question"]["examples"], head["question"]["feedback"]):
        for example in examples:
            if example["tile"]:
                example["tile"]["index"] = f"{EVIL}.gpkg"
            if example["raster"]:
                example["raster"]["path"] = f"{EVIL}.tif"
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{FIELDS}", "answer", "memory")
    layer.setCustomProperty(marks.QUERY_PROPERTY, "blue roofs")
    layer.setCustomProperty(marks.ANSWER_PROPERTY, json.dumps(head))
    claim(layer)
    project.addMapLayer(layer)
    examples = (Example(1.0, TileRef(f"{EVIL}.gpkg", 1, 0, 1)),)
    rasters = (Example(1.0, raster=RasterRef(f"/vsicurl/http://{EVIL}"), crs="EPSG:3857", point=(1.0, 2.0)),)
    layer = DrawnLayer(EVIL, "map", "1", "EPSG:3857", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 2**31, 2**31)
    drawn = (Example(1.0, raster=layer, crs="EPSG:3857", point=(1.0, 2.0)),)
    saved = (
        SavedSearch("tile", "a pond", examples),
        SavedSearch("drawn", "a pond", drawn),
        SavedSearch("raster", "a pond", rasters),
    )
    project.writeEntry(SCOPE, KEY, saved_text(saved))
    project.setCustomVariables({"msa_search/worker_command": EVIL})
    assert project.write(str(tmp_path / "hostile.qgz"))
    project.clear()
    assert project.read(str(tmp_path / "hostile.qgz"))
    controller = dock._session.search
    qtbot.waitUntil(lambda: controller.state.results is not None, timeout=SOON_MS)
    return controller


def _heatmap(controller: SearchController) -> None:
    controller.show_heatmap()


def _refine(controller: SearchController) -> None:
    controller.refine()


def _words(controller: SearchController) -> None:
    controller.select_hit(1)
    controller.explain(1)


def _pictures(controller: SearchController) -> None:
    controller.thumbnails.image(present(present(controller.state.results).hit(1)))


def _more_like_it(controller: SearchController) -> None:
    controller.search_like(Example(1.0, present(controller.state.results).table.tile(0)))


def _save_and_run(controller: SearchController) -> None:
    controller.save_search("mine")
    controller.run_saved("mine")


def _saved_tile(controller: SearchController) -> None:
    controller.run_saved("tile")


def _saved_raster(controller: SearchController) -> None:
    controller.run_saved("raster")


def _saved_drawn(controller: SearchController) -> None:
    assert [search.name for search in controller.state.saved] == ["tile", "drawn", "raster"]
    controller.run_saved("drawn")


VERBS = (
    _heatmap,
    _refine,
    _words,
    _pictures,
    _more_like_it,
    _save_and_run,
    _saved_tile,
    _saved_raster,
    _saved_drawn,
)


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_sends_a_path_that_only_the_project_names(
    hostile: SearchController, client: Client, qtbot: QtBot, verb: Callable[[SearchController], None]
) -> None:
    layer = next(iter(QgsProject.instance().mapLayersByName("town")))
    hostile.choose_layer(layer)
    verb(hostile)
    for _ in range(6):
        qtbot.wait(60)
        for asked in list(client.open):
            assert "evil" not in repr(asked.params), asked.method
        if client.waiting(rpc.PLAN):
            client.answer(rpc.PLAN, plan(missing=0))
        elif client.waiting(rpc.RANK):
            client.answer(rpc.RANK, *rank_reply(3))
    assert "evil" not in str(current_settings())


def test_an_index_is_named_once_the_worker_has_named_it_for_the_layer(
    dock: SearchDock, town: QgsRasterLayer, client: Client, qtbot: QtBot, tmp_path: Path
) -> None:
    controller = dock._session.search
    controller.restore(read(head_of(town)))
    controller.select_hit(1)
    controller.explain(1)
    controller.thumbnails.image(present(present(controller.state.results).hit(1)))
    qtbot.wait(50)
    assert not client.waiting(rpc.WORDS)
    assert not client.waiting(rpc.THUMBNAILS)
    client.answer(rpc.PLAN, plan(missing=0))
    assert client.waiting(rpc.WORDS)[0].params.tile.index == TOWN.index
    controller.thumbnails.image(present(present(controller.state.results).hit(1)))
    qtbot.waitUntil(lambda: bool(client.waiting(rpc.THUMBNAILS)), timeout=SOON_MS)


def test_coverage_of_an_index_that_only_a_layer_names_is_not_asked_for(
    dock: SearchDock, client: Client, qtbot: QtBot
) -> None:
    made = QgsVectorLayer("MultiPolygon?crs=EPSG:3857&field=state:string", "coverage", "memory")
    made.setCustomProperty(COVERAGE_PROPERTY, f"{EVIL}.gpkg")
    claim(made)
    QgsProject.instance().addMapLayer(made)
    dock._session.coverage.refresh()
    assert not client.waiting(rpc.COVERAGE)
    dock._session.state.learn([f"{EVIL}.gpkg"])
    dock._session.coverage.refresh()
    assert client.waiting(rpc.COVERAGE)


def test_a_search_that_cannot_be_read_is_told_once_and_kept(
    controller: SearchController, qgis_new_project: None, tmp_path: Path
) -> None:
    project = QgsProject.instance()
    odd = {"name": "of a later version", "text": "a pond", "unheard_of": [1, 2]}
    project.writeEntry(SCOPE, KEY, json.dumps([odd]))
    assert project.write(str(tmp_path / "later.qgz"))
    assert project.read(str(tmp_path / "later.qgz"))
    assert controller.state.saved == ()
    assert "left out: 1" in present(controller.state.notice).sentence
    controller._saved.keep(SavedSearch("mine", "a mill"))
    found, others = read_saved(project.readEntry(SCOPE, KEY, "[]")[0])
    assert [search.name for search in found] == ["mine"]
    assert others == (odd,)


def test_searches_that_cannot_be_read_at_all_are_put_aside_before_others_take_their_place(
    controller: SearchController, qgis_new_project: None, tmp_path: Path
) -> None:
    project = QgsProject.instance()
    project.writeEntry(SCOPE, KEY, '[{"name": "half a te')
    assert project.write(str(tmp_path / "odd.qgz"))
    assert project.read(str(tmp_path / "odd.qgz"))
    assert not project.isDirty()
    assert "cannot be read" in present(controller.state.notice).sentence
    controller._saved.keep(SavedSearch("mine", "a mill"))
    assert project.readEntry(SCOPE, UNREADABLE_KEY)[0] == '[{"name": "half a te'


def test_an_answer_that_cannot_be_read_is_told_once_for_all_layers(
    dock: SearchDock, qtbot: QtBot, tmp_path: Path
) -> None:
    project, state = QgsProject.instance(), dock._session.state
    told: list[Notice | None] = []
    state.notice_changed.connect(told.append)
    for _ in range(3):
        layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{FIELDS}", "answer", "memory")
        layer.setCustomProperty(marks.QUERY_PROPERTY, "blue roofs")
        layer.setCustomProperty(marks.ANSWER_PROPERTY, '{"version": 4, "question": 7}')
        claim(layer)
        project.addMapLayer(layer)
    assert project.write(str(tmp_path / "odd.qgz"))
    assert project.read(str(tmp_path / "odd.qgz"))
    qtbot.waitUntil(lambda: bool(told), timeout=SOON_MS)
    qtbot.wait(50)
    assert len([notice for notice in told if notice and "cannot be read" in notice.sentence]) == 1
