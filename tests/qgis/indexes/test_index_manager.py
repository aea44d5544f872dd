"""The index manager: what it lists, asks and does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QMessageBox, QPushButton

from msa_model.protocol.errors import Cancelled, MsaError
from msa_model.protocol.indexes import (
    IndexChanged,
    IndexDeleteRequest,
    IndexInfo,
    IndexListReply,
    IndexMoveRequest,
)
from msa_model.protocol.messages import Progress, RasterRef, ScanRequest, ScanSettings, ScanSummary
from msa_model.protocol.rpc import BUILD, DELETE, LIST, MOVE
from qgis_msa_plugin.indexes.dialog import IndexDialog
from qgis_msa_plugin.indexes.index_files import IndexFiles
from tests.present import as_a
from tests.qgis.dock.desk import Client


def info(name: str = "town", state: str = "current", source: str = "") -> IndexInfo:
    path = f"/data/{name}.msa.gpkg"
    source = source or f"/data/{name}.tif"
    return IndexInfo(path, source, state, 2_000_000, 900, 10, (38.4, 76.8), "msa-small", 1_700_000_000.0)


@pytest.fixture
def files(client: Client, qgis_new_project: None) -> IndexFiles:
    return IndexFiles(client, QgsProject.instance())


@pytest.fixture
def dialog(files: IndexFiles) -> Iterator[IndexDialog]:
    dialog = IndexDialog(files)
    dialog.show()
    yield dialog
    dialog.close()


def listed(dialog: IndexDialog, client: Client, *indexes: IndexInfo) -> None:
    dialog.refresh_list()
    client.answer(LIST, IndexListReply(indexes))


def press(dialog: IndexDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def choose(dialog: IndexDialog, *rows: int) -> None:
    for row in rows:
        dialog.table.topLevelItem(row).setSelected(True)


def agree(dialog: IndexDialog, button: QMessageBox.StandardButton = QMessageBox.StandardButton.Ok) -> str:
    box = dialog.findChild(QMessageBox, "msaIndexQuestion")
    text = str(box.text())
    box.button(button).click()
    return text


def columns(dialog: IndexDialog, column: int) -> list[str]:
    return [dialog.table.topLevelItem(row).text(column) for row in range(dialog.table.topLevelItemCount())]


def test_indexes_are_listed_with_state_size_scales_and_model(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info("town"), info("port", "stale"), info("hill", "unreadable"))
    assert columns(dialog, 0) == ["town.tif", "port.tif", "hill.tif"]
    assert columns(dialog, 1) == ["current", "raster has changed", "damaged"]
    assert columns(dialog, 2) == ["900"] * 3
    assert columns(dialog, 4) == ["38 m, 77 m"] * 3
    assert columns(dialog, 5) == ["msa-small"] * 3
    assert "Indexes: 3" in dialog.text.text()


def test_the_only_index_is_chosen_at_once_and_of_several_none(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info("town"))
    assert [chosen.source for chosen in dialog.chosen()] == ["/data/town.tif"]
    assert dialog.explore.isEnabled()
    listed(dialog, client, info("port"), info("hill"))
    assert dialog.chosen() == []
    assert not dialog.explore.isEnabled()


def test_it_looks_beside_the_rasters_of_the_project_and_in_the_users_folders(
    files: IndexFiles, client: Client, scene: QgsRasterLayer
) -> None:
    files.folders = ("/archive",)
    files.refresh()
    asked = client.waiting(LIST)[0].params
    assert (asked.rasters, asked.folders) == ((scene.source(),), ("/archive",))


def test_deleting_asks_first_and_goes_through_all_chosen(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info("town"), info("port"))
    choose(dialog, 0, 1)
    press(dialog, "msaIndexDelete")
    assert "2 index file(s)" in agree(dialog)
    for name in ("town", "port"):
        assert client.answer(DELETE, IndexChanged("", 9)).params == IndexDeleteRequest(info(name).index)
    client.answer(LIST, IndexListReply(()))
    assert columns(dialog, 0) == []


def test_declining_deletes_nothing(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info())
    choose(dialog, 0)
    press(dialog, "msaIndexDelete")
    agree(dialog, QMessageBox.StandardButton.Cancel)
    assert client.open == []


def test_rebuilding_deletes_the_file_and_scans_at_the_same_scales_with_the_layers_bands(
    dialog: IndexDialog, client: Client, scene: QgsRasterLayer
) -> None:
    listed(dialog, client, info(state="stale", source=scene.source()))
    choose(dialog, 0)
    press(dialog, "msaIndexRebuild")
    agree(dialog)
    client.answer(DELETE, IndexChanged("", 9))
    asked = client.waiting(BUILD)[0]
    assert isinstance(asked.params, ScanRequest)
    assert as_a(RasterRef, asked.params.raster).bands == (1, 2, 3)
    assert asked.params.settings == ScanSettings(scales_m=(38.4, 76.8))
    assert asked.params.index == info().index
    assert asked.progress is not None
    asked.progress(Progress(1, 30, 90, 15.0, 4.0))
    assert "30 of 90" in dialog.text.text()
    client.answer(BUILD, ScanSummary(info().index, 90, 90, 0, 0, 6.0))
    client.answer(LIST, IndexListReply((info(),)))
    assert columns(dialog, 1) == ["current"]


def test_an_index_of_another_model_is_rebuilt_under_the_present_ones_name(
    files: IndexFiles, client: Client
) -> None:
    files.rebuild([info(state="other_model")])
    client.answer(DELETE, IndexChanged("", 9))
    assert client.waiting(BUILD)[0].params.index is None


@pytest.mark.parametrize(
    "source", ["/vsicurl/http://elsewhere.example/a.tif", "//host/a.tif", "WMS:http://h/"]
)
def test_an_index_chooses_no_server_that_a_rebuild_speaks_to(
    dialog: IndexDialog, client: Client, source: str
) -> None:
    listed(dialog, client, info("town"), info("port", source=source))
    choose(dialog, 0, 1)
    press(dialog, "msaIndexRebuild")
    agree(dialog)
    assert "port.msa.gpkg" in dialog.problem.text()
    assert client.waiting(DELETE) == client.waiting(BUILD) == []


@pytest.mark.parametrize("state", ["raster_missing", "unreadable"])
def test_what_has_no_raster_cannot_be_rebuilt(dialog: IndexDialog, client: Client, state: str) -> None:
    listed(dialog, client, info(state=state))
    choose(dialog, 0)
    assert not dialog.rebuild.isEnabled()
    assert dialog.delete.isEnabled()


def test_moved_files_are_looked_for_where_they_went(files: IndexFiles, client: Client) -> None:
    files.move([info()], "/archive")
    asked = client.answer(MOVE, IndexChanged("/archive/town.msa.gpkg", 9))
    assert asked.params == IndexMoveRequest(info().index, "/archive")
    assert client.waiting(LIST)[0].params.folders == ("/archive",)


def test_an_index_in_use_stays_and_the_rest_is_left_alone(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info("town"), info("port"))
    choose(dialog, 0, 1)
    press(dialog, "msaIndexDelete")
    agree(dialog)
    client.refuse(DELETE, MsaError.of("index_locked", "A scan is writing town.msa.gpkg."))
    assert "town.msa.gpkg" in dialog.problem.text()
    assert client.waiting(DELETE) == []
    client.answer(LIST, IndexListReply((info("town"), info("port"))))
    assert dialog.problem.isVisible(), "the reason stays until something else is done"


def test_a_rebuild_can_be_cancelled(dialog: IndexDialog, client: Client) -> None:
    listed(dialog, client, info())
    choose(dialog, 0)
    press(dialog, "msaIndexRebuild")
    agree(dialog)
    client.answer(DELETE, IndexChanged("", 9))
    asked = client.waiting(BUILD)[0]
    press(dialog, "msaIndexCancel")
    assert client.cancelled == [asked.id]
    client.refuse(BUILD, Cancelled("Cancelled."))
    assert len(client.waiting(LIST)) == 1


def test_coverage_is_shown_for_the_chosen_ones(dialog: IndexDialog, client: Client) -> None:
    wanted: list[dict[str, str]] = []
    dialog.coverage_wanted.connect(wanted.append)
    listed(dialog, client, info("town"), info("port"))
    choose(dialog, 1)
    press(dialog, "msaIndexCoverage")
    assert wanted == [{"/data/port.msa.gpkg": "port"}]
