"""Accepted places as layers of the user's: saved, appended to, handed over; what was there stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFileDialog, QMainWindow, QMenu

from msa_model.protocol.errors import BadArgument, TooEarly
from msa_model.protocol.hit_filter import Filters
from qgis_msa_plugin.dock.place_files import KeepButton, PlaceFiles
from qgis_msa_plugin.gis.marks import claim
from qgis_msa_plugin.map.place_layers import FIELDS, append_places, reviewer, save_places, save_prompts
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.judged import Judged, place_of
from qgis_msa_plugin.search.question import Judgement, Question, Results
from tests.present import present
from tests.qgis.dock.tables import judged_table

ACCEPTED = Judgement.ACCEPTED


def places(*rows: int, said: Judgement = ACCEPTED, question: str = "pools") -> Judged:
    results = Results(Question(question), judged_table(10), 100)
    return tuple(place_of(results, row, said, f"2026-11-0{row + 1}T12:00:00Z") for row in rows)


def values(layer: QgsVectorLayer, name: str) -> list[Any]:
    return [feature[name] for feature in layer.getFeatures()]


@pytest.fixture
def saved(tmp_path: Path, qgis_new_project: None) -> Iterator[QgsVectorLayer]:
    layer = save_places(tmp_path / "mine.gpkg", places(0, 1))
    QgsProject.instance().addMapLayer(layer)
    yield layer
    QgsProject.instance().clear()  # before the application ends


def test_a_saved_layer_tells_when_what_how_well_where_and_by_whom(saved: QgsVectorLayer) -> None:
    first = next(saved.getFeatures())
    told = {name: first[name] for name in ("question", "score", "match_score", "scale_m", "source", "review")}
    assert told == {
        "question": "pools",
        "score": 0.5,
        "match_score": 5.0,
        "scale_m": 10.0,
        "source": "/nowhere/town.tif",
        "review": "accepted",
    }
    assert first["date"].toUTC().toString("yyyy-MM-dd HH:mm") == "2026-11-01 12:00"
    assert first["reviewer"] == reviewer() != ""
    assert saved.crs().authid() == "EPSG:3857"
    assert first.geometry().boundingBox().toString(0) == "1010,1990 : 1020,2000"


def test_a_geopackage_that_exists_gets_another_layer_and_keeps_its_own(saved: QgsVectorLayer) -> None:
    path = Path(saved.source().partition("|")[0])
    second = save_places(path, places(2))
    assert second.name() == "accepted 2"
    assert values(second, "score") == [0.48]
    assert values(QgsVectorLayer(f"{path}|layername=accepted", "", "ogr"), "score") == [0.5, 0.49]


@pytest.mark.parametrize("content", [b"my thesis", b"", b'{"type": "FeatureCollection", "features": []}'])
def test_a_file_that_is_something_else_is_left_as_it_is(
    content: bytes, tmp_path: Path, qgis_new_project: None
) -> None:
    path = tmp_path / "mine.gpkg"
    path.write_bytes(content)
    with pytest.raises(BadArgument, match="left as it is"):
        save_places(path, places(0))
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, qgis_new_project: None) -> None:
    with pytest.raises(BadArgument, match="cannot be written"):
        save_places(tmp_path / "nowhere" / "mine.gpkg", places(0))


def test_appending_adds_what_is_new_and_touches_nothing_else(saved: QgsVectorLayer) -> None:
    saved.startEditing()
    first = next(saved.getFeatures())
    saved.changeAttributeValue(first.id(), saved.fields().indexFromName("reviewer"), "my colleague")
    assert saved.commitChanges()
    before = {feature.id(): feature.attributes() for feature in saved.getFeatures()}
    assert append_places(saved, places(0, 1, 2)) == 1
    assert append_places(saved, places(0, 1, 2)) == 0
    after = {feature.id(): feature.attributes() for feature in saved.getFeatures()}
    assert {key: after[key] for key in before} == before
    assert len(after) == 3
    assert not saved.isEditable()


def test_the_same_place_accepted_for_another_question_is_another_one(saved: QgsVectorLayer) -> None:
    assert append_places(saved, places(0, question="blue roofs")) == 1


def test_a_layer_that_is_being_edited_gets_edits_that_can_be_dropped(saved: QgsVectorLayer) -> None:
    saved.startEditing()
    assert append_places(saved, places(2, 3)) == 2
    assert saved.featureCount() == 4
    assert saved.rollBack()
    assert saved.featureCount() == 2


def test_places_come_in_the_crs_and_kind_of_the_layer(qgis_new_project: None) -> None:
    layer = _layer("MultiPolygon?crs=EPSG:4326")
    assert append_places(layer, places(0)) == 1
    (feature,) = layer.getFeatures()
    assert QgsWkbTypes.isMultiType(feature.geometry().wkbType())
    assert feature.geometry().boundingBox().xMaximum() < 0.01


def _layer(kind: str = "Polygon?crs=EPSG:3857", fields: tuple[str, ...] = FIELDS) -> QgsVectorLayer:
    return QgsVectorLayer(f"{kind}&{'&'.join(f'field={field}' for field in fields)}", "theirs", "memory")


def _answer() -> QgsVectorLayer:
    layer = _layer()
    claim(layer)
    return layer


def _without_crs() -> QgsVectorLayer:
    layer = _layer()
    layer.setCrs(QgsCoordinateReferenceSystem())
    return layer


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: _layer("Point?crs=EPSG:3857"), "no polygons"),
        (_without_crs, "no CRS"),
        (lambda: _layer(fields=("name:string",)), "lacks the fields date, question, score"),
        (lambda: _layer(fields=("date:string", *FIELDS[1:])), "lacks the fields date, or"),
        (_answer, "is an answer"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused_with_the_reason(
    make: Callable[[], QgsVectorLayer], why: str, qgis_new_project: None
) -> None:
    layer = make()
    with pytest.raises(BadArgument, match=why):
        append_places(layer, places(0))
    assert layer.featureCount() == 0


def test_a_layer_that_refuses_a_place_keeps_what_it_had(saved: QgsVectorLayer) -> None:
    path = Path(saved.source().partition("|")[0])
    data = ogr.Open(str(path), update=1)
    data.ExecuteSQL("CREATE TRIGGER none BEFORE INSERT ON accepted BEGIN SELECT RAISE(ABORT, 'no more'); END")
    data = None
    with pytest.raises(BadArgument, match="no more"):
        append_places(saved, places(5))
    assert not saved.isEditable()
    assert values(saved, "score") == [0.5, 0.49]


def test_points_and_boxes_lie_in_the_rasters_crs_and_name_it(tmp_path: Path, qgis_new_project: None) -> None:
    village = tuple(
        dataclasses.replace(place, source="/nowhere/village.tif", crs="EPSG:32645") for place in places(4)
    )
    layers = save_prompts(
        tmp_path / "prompts.gpkg", (*places(0), *places(1, said=Judgement.REJECTED), *village)
    )
    assert [layer.name() for layer in layers] == [
        "points town",
        "boxes town",
        "points village",
        "boxes village",
    ]
    points, boxes, _, far = layers
    assert values(points, "label") == values(boxes, "label") == [1, 0]
    assert set(values(boxes, "source")) == {"/nowhere/town.tif"}
    assert far.crs().authid() == "EPSG:32645"
    for point, box in zip(points.getFeatures(), boxes.getFeatures(), strict=True):
        bounds = box.geometry().boundingBox()
        assert bounds.center() == point.geometry().asPoint()
        assert (box["xmin"], box["ymax"]) == (bounds.xMinimum(), bounds.yMaximum())


def test_saved_layers_do_not_cover_what_is_looked_at(saved: QgsVectorLayer, tmp_path: Path) -> None:
    said = (*places(0), *places(1, said=Judgement.REJECTED))
    points, boxes = save_prompts(tmp_path / "prompts.gpkg", said)
    of_points, of_boxes = (layer.renderer().categories() for layer in (points, boxes))
    outlines = [saved.renderer().symbol(), *(category.symbol() for category in of_boxes)]
    assert {symbol.symbolLayer(0).brushStyle() for symbol in outlines} == {Qt.BrushStyle.NoBrush}
    assert [category.value() for category in of_points] == [1, 0]
    assert len({category.symbol().color().name() for category in of_points}) == 2


def test_a_hit_that_nobody_has_judged_names_no_reviewer(tmp_path: Path, qgis_new_project: None) -> None:
    said = (*places(0), *places(1, said=Judgement.NONE))
    points, _ = save_prompts(tmp_path / "prompts.gpkg", said)
    assert values(points, "reviewer") == [reviewer(), ""]


def test_nothing_accepted_is_told(tmp_path: Path, qgis_new_project: None) -> None:
    for save in (save_places, save_prompts):
        with pytest.raises(TooEarly, match="accept some hits"):
            save(tmp_path / "none.gpkg", ())
    assert not (tmp_path / "none.gpkg").exists()


def layers_of_project() -> list[QgsVectorLayer]:
    return list(QgsProject.instance().mapLayers().values())


@pytest.fixture
def answered(controller: SearchController, qgis_new_project: None) -> SearchController:
    controller.set_filters(Filters(limit=3))
    controller._showing.show(Results(Question("pools"), judged_table(10), 100))
    controller.judge(1, ACCEPTED)
    controller.judge(2, Judgement.REJECTED)
    return controller


def test_the_menu_saves_appends_and_hands_over_and_says_what_came_of_it(
    answered: SearchController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: object
) -> None:
    names = iter(("accepted", "prompts.gpkg", "hits.gpkg"))
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / next(names)), "GeoPackage")
    )
    files, keep = PlaceFiles(answered, QMainWindow()), KeepButton(answered.state)
    keep.save_wanted.connect(files.save_accepted)
    keep.prompts_wanted.connect(files.save_prompts)
    keep.hits_wanted.connect(files.save_hits)
    keep.append_wanted.connect(files.append)
    keep.fill()
    for action in keep.menu().actions()[:3]:
        action.trigger()
    counts = {layer.source().rpartition("/")[2]: layer.featureCount() for layer in layers_of_project()}
    assert counts == {
        "accepted.gpkg|layername=accepted": 1,
        "prompts.gpkg|layername=points town": 2,
        "prompts.gpkg|layername=boxes town": 2,
        "hits.gpkg|layername=points town": 3,
        "hits.gpkg|layername=boxes town": 3,
    }
    assert (tmp_path / "accepted.gpkg").is_file()
    answered.judge(3, ACCEPTED)
    keep.fill()
    append = keep.menu().actions()[3].menu()
    next(action for action in append.actions() if action.text() == "accepted").trigger()
    assert (
        present(answered.state.notice).sentence == "1 place(s) appended to 'accepted'; 1 were there already."
    )
    next(action for action in append.actions() if action.text() == "boxes town").trigger()
    (mine,) = QgsProject.instance().mapLayersByName("accepted")
    assert sorted(values(mine, "score")) == [0.48, 0.5]


def test_without_judgements_only_hits_can_be_saved(controller: SearchController) -> None:
    controller._showing.show(Results(Question("pools"), judged_table(3), 100))
    keep = KeepButton(controller.state)
    keep.fill()
    enabled = {action.objectName(): action.isEnabled() for action in keep.menu().actions()}
    assert [enabled[name] for name in ("msaSaveAccepted", "msaSavePrompts", "msaSaveHits")] == [
        False,
        False,
        True,
    ]
    assert not keep.menu().findChild(QMenu, "msaAppendMenu").isEnabled()
    assert enabled["msaPackage"]
    assert enabled["msaPackageMaps"]


def test_a_row_of_the_users_own_is_no_reason_to_refuse(saved: QgsVectorLayer) -> None:
    bare = QgsFeature(saved.fields())
    bare.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1 0,1 1,0 0))"))
    assert saved.dataProvider().addFeatures([bare])[0]
    assert append_places(saved, places(2)) == 1
