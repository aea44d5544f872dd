"""The hits of a batch scan on the map."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from msa_model.protocol.batch import BatchRequest
from msa_model.protocol.errors import DatasetUnreadable
from qgis_msa_plugin.batch.job import new_job
from qgis_msa_plugin.batch.results import BatchLayers, ReviewButton, pairs_of

HITS = "Polygon?crs=EPSG:32645" + "".join(
    f"&field={name}:string(0)" for name in ("query", "source", "rank", "match")
)
SUMMARY = "None?field=query:string(0)&field=name:string(0)&field=source:string(0)&field=hits:integer"
QUERIES = ("the mayor's pond", "houses")


def write_results(out: Path, hits: dict[tuple[str, str], int], match: str = "") -> str:
    """A results file with so many hits by query and raster; of each the first one matches so, others not."""
    drawn, summary = QgsVectorLayer(HITS, "hits", "memory"), QgsVectorLayer(SUMMARY, "summary", "memory")
    for (query, source), count in hits.items():
        _add(summary, [query, "", source, count])
        for rank in range(1, count + 1):
            how = match if rank == 1 else match and "none"
            _add(drawn, [query, source, rank, how], QgsRectangle(rank, 0, rank + 1, 1))
    for layer in (drawn, summary):
        _write(layer, out)
    return str(out)


def _write(layer: QgsVectorLayer, out: Path) -> None:
    """Add the layer to the file."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = layer.name()
    if out.exists():
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    context = QgsProject.instance().transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(out), context, options)


def _add(layer: QgsVectorLayer, attributes: list[object], box: QgsRectangle | None = None) -> None:
    feature = QgsFeature(layer.fields())
    feature.setAttributes(attributes)
    if box is not None:
        feature.setGeometry(QgsGeometry.fromRect(box))
    layer.dataProvider().addFeature(feature)


@pytest.fixture
def out(tmp_path: Path, qgis_new_project: None) -> str:
    counts = {(query, f"/data/{name}.tif"): 3 for query in QUERIES for name in ("town", "port")}
    counts["nothing of it", "/data/town.tif"] = 0
    return write_results(tmp_path / "hits.gpkg", counts)


@pytest.fixture
def layers(qgis_new_project: None) -> BatchLayers:
    return BatchLayers(QgsProject.instance())


def show(layers: BatchLayers, out: str, qtbot: QtBot) -> None:
    layers.show("watch", out)
    qtbot.waitUntil(lambda: not layers.busy)


def tree() -> dict[str, list[str]]:
    group = QgsProject.instance().layerTreeRoot().findGroup("watch")
    return {inner.name(): [node.name() for node in inner.findLayers()] for inner in group.findGroups()}


def test_changes_between_two_dates_have_a_layer_for_each_pair(
    layers: BatchLayers, out: str, qtbot: QtBot
) -> None:
    changes = QgsVectorLayer(f"{HITS}&field=source_after:string(0)", "changes", "memory")
    summary = QgsVectorLayer(f"{SUMMARY}&field=source_after:string(0)", "change_summary", "memory")
    for after in ("/data/town_2015.tif", "/data/town_2020.tif"):
        _add(changes, ["appeared: houses", "/data/town.tif", 1, "", after], QgsRectangle(0, 0, 1, 1))
        _add(summary, ["appeared: houses", "", "/data/town.tif", 1, after])
    for layer in (changes, summary):
        _write(layer, Path(out))
    dated = [pair for pair in pairs_of(out) if pair.source_after]
    assert [(pair.query, pair.hits) for pair in dated] == [("appeared: houses", 1)] * 2
    show(layers, out, qtbot)
    assert tree()["appeared: houses"] == ["town → town_2015 (1)", "town → town_2020 (1)"]
    job = new_job("batch", BatchRequest((), out))
    button = ReviewButton(lambda: job)
    button.fill()
    menus = {action.text(): action.menu() for action in button.menu().actions()}
    offered = [action.text() for action in menus["appeared: houses (2)"].actions()]
    assert offered == ["town → town_2015 (1)", "town → town_2020 (1)"]


def test_a_group_per_query_holds_a_layer_per_raster(layers: BatchLayers, out: str, qtbot: QtBot) -> None:
    show(layers, out, qtbot)
    assert tree() == {query: ["town (3)", "port (3)"] for query in QUERIES}
    assert [layer.featureCount() for layer in QgsProject.instance().mapLayers().values()] == [3] * 4


def colours_of(match: str) -> list[str]:
    """The colour of the outline of such hits, by layer."""
    layers = [node.layer() for node in QgsProject.instance().layerTreeRoot().findLayers()]
    found = [category for layer in layers for category in layer.renderer().categories()]
    symbols = [category.symbol().clone() for category in found if category.value() == match]
    return [symbol.symbolLayer(1).color().name() for symbol in symbols]


def test_each_query_has_a_colour_of_its_own(layers: BatchLayers, out: str, qtbot: QtBot) -> None:
    show(layers, out, qtbot)
    for match in ("strong", "likely", ""):
        assert len(colours_of(match)) == 4
        assert len(set(colours_of(match))) == 2, match


def test_what_hardly_matches_is_grey_whatever_was_asked(layers: BatchLayers, out: str, qtbot: QtBot) -> None:
    show(layers, out, qtbot)
    for match in ("weak", "none"):
        assert len(colours_of(match)) == 4
        assert set(colours_of(match)).isdisjoint(colours_of("strong"))
        assert len(set(colours_of(match))) == 1, match


def drawn_matches() -> list[str]:
    """What the only layer draws."""
    (node,) = QgsProject.instance().layerTreeRoot().findLayers()
    return [category.value() for category in node.layer().renderer().categories() if category.renderState()]


@pytest.mark.parametrize(
    ("match", "name", "drawn"),
    [
        ("likely", "town (1 of 3)", ["strong", "likely", ""]),
        ("weak", "town (1 of 3)", ["strong", "likely", "weak", ""]),
        ("none", "town (0 of 3)", ["strong", "likely", "weak", ""]),
        ("", "town (3)", ["strong", "likely", "weak", ""]),
    ],
)
def test_what_matches_is_drawn_and_the_rest_where_it_is_ticked_in_the_legend(
    qtbot: QtBot, out: str, match: str, name: str, drawn: list[str]
) -> None:
    judged = write_results(Path(out).with_name("judged.gpkg"), {("houses", "/data/town.tif"): 3}, match)
    show(BatchLayers(QgsProject.instance()), judged, qtbot)
    assert tree() == {"houses": [name]}
    assert sorted(drawn_matches()) == sorted(drawn)


def test_showing_again_adds_only_what_is_new(
    layers: BatchLayers, out: str, qtbot: QtBot, tmp_path: Path
) -> None:
    show(layers, out, qtbot)
    before = set(QgsProject.instance().mapLayers())
    show(layers, out, qtbot)
    assert set(QgsProject.instance().mapLayers()) == before


def test_a_layer_that_was_removed_comes_back_when_it_is_wanted_again(
    layers: BatchLayers, out: str, qtbot: QtBot
) -> None:
    show(layers, out, qtbot)
    QgsProject.instance().removeMapLayer(next(iter(QgsProject.instance().mapLayers())))
    show(layers, out, qtbot)
    assert len(QgsProject.instance().mapLayers()) == 4


def test_the_group_may_be_taken_away_while_it_is_being_filled(
    layers: BatchLayers, out: str, qtbot: QtBot
) -> None:
    layers.show("watch", out)
    QCoreApplication.processEvents()
    assert len(QgsProject.instance().mapLayers()) == 1
    QgsProject.instance().clear()
    qtbot.waitUntil(lambda: not layers.busy)
    assert len(QgsProject.instance().mapLayers()) == 3


WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO summary (query, name, source, hits) VALUES ('new', '', '/data/town.tif', 1)")
print("writing", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
print("written", flush=True)
sys.stdin.readline()
"""


def test_hits_are_shown_while_the_scan_writes_and_the_scan_is_not_held_up(
    layers: BatchLayers, out: str, qtbot: QtBot
) -> None:
    command = [sys.executable, "-c", WRITER, out]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        show(layers, out, qtbot)
        assert tree() == {query: ["town (3)", "port (3)"] for query in QUERIES}
        writer.stdin.write("go on\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "written\n", "the map holds no lock on the file"
        show(layers, out, qtbot)
        assert tree()["new"] == ["town (1)"]
        writer.stdin.close()


@pytest.mark.parametrize("name", ["nowhere.gpkg", "notes.txt"])
def test_a_file_without_results_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("no results")
    with pytest.raises(DatasetUnreadable, match=name):
        pairs_of(str(tmp_path / name))
