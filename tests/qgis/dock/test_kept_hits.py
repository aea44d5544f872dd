"""Projects hold the hits themselves: without the plugin they are shown, with it they are answers again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import rpc
from msa_model.protocol.hit_filter import Filters
from qgis_msa_plugin.gis.marks import ANSWER_PROPERTY, ANSWER_VERSION, follow, is_ours
from qgis_msa_plugin.gis.vector_file import fields_of
from qgis_msa_plugin.map.kept_hits import KeptHits, restore_memory_layers
from qgis_msa_plugin.map.map_link import MapLink
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.question import Judgement
from tests.present import present
from tests.qgis.dock.desk import Client
from tests.qgis.dock.tables import verdict_reply
from tests.qgis.dock.test_result_layer import link, ranks, result_layers, searched

__all__ = ["link"]  # a fixture

SOON_MS = 3000
LOOK = """
import sys
from qgis.core import QgsApplication, QgsProject
app = QgsApplication([], False)
app.initQgis()
project = QgsProject.instance()
assert project.read(sys.argv[1])
for layer in project.mapLayers().values():
    if layer.providerType() == "ogr":
        print(layer.isValid(), layer.crs().authid(), layer.renderer().type(), layer.attributeDisplayName(1))
        print([(f["rank"], f["review"], round(f.geometry().area())) for f in layer.getFeatures()])
if len(sys.argv) > 2:
    (layer,) = [layer for layer in project.mapLayers().values() if layer.providerType() == "ogr"]
    layer.startEditing()
    if sys.argv[2] == "edit":
        layer.deleteFeature(next(layer.getFeatures()).id())
    assert layer.commitChanges()
    assert project.write()
"""


@pytest.fixture
def kept(qgis_app: object) -> Iterator[None]:
    """As the plugin does while it is loaded."""
    parent = QObject()
    kept = KeptHits(QgsProject.instance(), parent)
    QgsProject.instance().readProject.connect(_on_read)
    yield
    QgsProject.instance().readProject.disconnect(_on_read)
    kept.release()
    parent.deleteLater()


def _on_read() -> None:
    restore_memory_layers(QgsProject.instance())
    follow(QgsProject.instance())


@pytest.fixture
def project(
    kept: None, link: MapLink, controller: SearchController, client: Client, tmp_path: Path
) -> QgsProject:
    """With an answer, of whose six hits four are shown, the second accepted."""
    searched(controller, client, 6)
    client.answer(rpc.VERDICT, *verdict_reply(6))
    controller.judge(2, Judgement.ACCEPTED)
    controller.set_filters(Filters(min_score=0.465, limit=50))
    link._show()
    link._layers._keep_answer()
    return QgsProject.instance()


def without_the_plugin(path: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["work.qgz", "work.qgs"])
def test_without_the_plugin_the_hits_are_there_with_their_style_and_names(
    project: QgsProject, tmp_path: Path, name: str
) -> None:
    assert project.write(str(tmp_path / name))
    first, hits = without_the_plugin(tmp_path / name)
    assert first == "True EPSG:3857 categorizedSymbol Number"
    assert hits == "[(1, '', 100), (2, 'accepted', 100), (3, '', 100), (4, '', 100)]"
    (layer,) = result_layers()
    assert is_ours(layer)


def attached_hits(project: QgsProject) -> list[str]:
    """Files of hits in the project; newer versions of QGIS keep one of their own there, for styles."""
    return [path for path in project.attachedFiles() if path.endswith(".gpkg")]


def test_with_the_plugin_they_are_an_answer_again_and_nothing_piles_up(
    project: QgsProject, controller: SearchController, tmp_path: Path, qtbot: QtBot
) -> None:
    for _ in range(2):
        assert project.write(str(tmp_path / "work.qgz"))
        assert project.write(str(tmp_path / "work.qgz"))
        assert len(attached_hits(project)) == 1
        project.clear()
        assert project.read(str(tmp_path / "work.qgz"))
        (layer,) = result_layers()
        assert is_ours(layer)
        qtbot.waitUntil(lambda layer=layer: ranks(layer) == [1, 2, 3, 4], timeout=SOON_MS)
        assert present(controller.state.results).query == "blue roofs"
        assert controller.state.judgement(2) is Judgement.ACCEPTED
        assert layer.fields().names()[-1] == "overall_rank"


@pytest.mark.parametrize(("edit", "ours"), [("save", True), ("edit", False)])
def test_what_a_colleague_has_changed_is_the_colleagues(
    project: QgsProject, tmp_path: Path, edit: str, ours: bool
) -> None:
    path = tmp_path / "work.qgz"
    assert project.write(str(path))
    project.clear()
    without_the_plugin(path, edit)
    assert project.read(str(path))
    (layer,) = result_layers()
    assert is_ours(layer) is ours
    if not ours:
        assert (layer.providerType(), layer.featureCount()) == ("ogr", 3)
        assert project.write(str(path))
        project.clear()
        assert project.read(str(path))
        (layer,) = result_layers()
        assert (layer.isValid(), layer.featureCount()) == (True, 3)


def test_hits_of_an_answer_that_cannot_be_read_stay_in_the_project(
    project: QgsProject, tmp_path: Path
) -> None:
    path, (layer,) = tmp_path / "work.qgz", result_layers()
    old = layer.customProperty(ANSWER_PROPERTY).replace(f'"version":{ANSWER_VERSION}', '"version":3', 1)
    layer.setCustomProperty(ANSWER_PROPERTY, old)
    assert project.write(str(path))
    for _ in range(2):
        project.clear()
        assert project.read(str(path))
        (layer,) = result_layers()
        assert not is_ours(layer)
        assert (layer.providerType(), layer.featureCount()) == ("ogr", 4)
        assert project.write(str(path))


def _begin_an_edit(layer: QgsVectorLayer) -> None:
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())


def _drop_an_edit(layer: QgsVectorLayer) -> None:
    _begin_an_edit(layer)
    assert layer.rollBack()


def _save_an_edit(layer: QgsVectorLayer) -> None:
    _begin_an_edit(layer)
    assert layer.commitChanges()


def _note_by_script(layer: QgsVectorLayer) -> None:
    data = layer.dataProvider()
    data.addAttributes([fields_of(["note:string(0)"]).at(0)])
    layer.updateFields()
    position = data.fields().indexFromName("note")
    data.changeAttributeValues({feature.id(): {position: "mine"} for feature in data.getFeatures()})


def _reckon(layer: QgsVectorLayer) -> None:
    layer.addExpressionField("2 * rank", fields_of(["twice:integer"]).at(0))


@pytest.mark.parametrize(
    ("act", "hits", "ours"),
    [
        (_begin_an_edit, 4, False),
        (_drop_an_edit, 4, False),
        (_save_an_edit, 3, False),
        (_note_by_script, 4, False),
        (_reckon, 4, True),
    ],
)
def test_what_the_user_does_to_hits_is_in_the_project_when_it_is_opened_again(  # noqa: PLR0917
    project: QgsProject,
    tmp_path: Path,
    qtbot: QtBot,
    act: Callable[[QgsVectorLayer], None],
    hits: int,
    ours: bool,
) -> None:
    path, (layer,) = tmp_path / "work.qgz", result_layers()
    act(layer)
    for _ in range(2):
        assert project.write(str(path))
        project.clear()
        assert project.read(str(path))
        (layer,) = result_layers()
        assert is_ours(layer) is ours
        qtbot.waitUntil(lambda layer=layer: layer.featureCount() == hits, timeout=SOON_MS)
        values = {str(feature[layer.fields().count() - 1]) for feature in layer.getFeatures()}
        wanted = {"_note_by_script": {"mine"}, "_reckon": {"2", "4", "6", "8"}}
        assert values == wanted.get(act.__name__, values)


def test_fields_have_names_for_people_and_the_tiles_address_is_folded_away(project: QgsProject) -> None:
    (layer,) = result_layers()
    assert isinstance(layer, QgsVectorLayer)
    fields = {field.name(): position for position, field in enumerate(layer.fields())}
    assert layer.attributeDisplayName(fields["scale_m"]) == "Side (m)"
    assert layer.editorWidgetSetup(fields["factor"]).type() == "Hidden"
    assert layer.editorWidgetSetup(fields["review"]).type() == "ValueMap"
    first = next(layer.getFeatures())
    assert first["asked"].isValid()
    assert (first["scale_m"], first["valid"], first["score"]) == (10.0, 1.0, 0.5)


def test_a_layer_of_an_earlier_version_gets_the_fields_that_it_lacks(
    project: QgsProject, controller: SearchController, client: Client, qtbot: QtBot
) -> None:
    (layer,) = result_layers()
    own = [layer.fields().indexFromName(name) for name in ("asked", "overall_rank")]
    assert layer.setSubsetString("")
    assert layer.dataProvider().deleteAttributes(own)
    layer.updateFields()
    searched(controller, client, 9)
    controller.set_filters(Filters(min_score=0.465, limit=50))
    qtbot.waitUntil(lambda: ranks(layer) == [1, 2, 3, 4], timeout=SOON_MS)
