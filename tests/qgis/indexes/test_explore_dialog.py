"""What is in a raster, as a dialog beside QGIS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QPushButton

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Progress, TileRef
from msa_model.protocol.rpc import EXPLORE
from msa_model.protocol.tile_groups import ExploreReply, GroupExample, TileGroup
from qgis_msa_plugin.indexes.explore_dialog import ExploreDialog
from qgis_msa_plugin.indexes.index_files import Explorer
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.settings import Settings
from tests.present import present
from tests.qgis.dock.desk import Client

INDEX = "/data/town.msa.gpkg"
SHAPE = "MULTIPOLYGON (((0 0, 100 0, 100 100, 0 100, 0 0)))"
TILE = TileRef(INDEX, 1, 8, 8)
EXAMPLE = GroupExample(TILE, (0.0, 0.0, 10.0, 10.0), "EPSG:32645")
REPLY = ExploreReply(
    (
        TileGroup(1, "houses among trees", "strong", 1200, 4.1e6, (EXAMPLE,), SHAPE),
        TileGroup(2, "", "none", 3, 900.0, (), SHAPE),
    ),
    1203,
    (77.0,),
    "EPSG:32645",
)


@pytest.fixture
def explorer(client: Client, qgis_new_project: None) -> Explorer:
    search = SearchController(client, Settings)
    return Explorer(client, search, Settings)


@pytest.fixture
def dialog(explorer: Explorer) -> Iterator[ExploreDialog]:
    dialog = ExploreDialog(explorer)
    dialog.show()
    yield dialog
    dialog.close()


def press(dialog: ExploreDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def rows(dialog: ExploreDialog) -> list[list[str]]:
    items = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items]


def test_groups_are_listed_with_names_matches_counts_and_areas(dialog: ExploreDialog, client: Client) -> None:
    dialog.count.setValue(5)
    dialog.explore({INDEX: "town"})
    asked = client.waiting(EXPLORE)[0].params
    assert (asked.indexes, asked.groups) == ((INDEX,), 5)
    assert dialog.text.text() == "Grouping tiles…"
    client.answer(EXPLORE, REPLY)
    assert rows(dialog) == [
        ["houses among trees", "strong match", "1,200", "4.1 km²"],
        ["group 2", "no match", "3", "900 m²"],
    ]
    assert dialog.windowTitle() == "What is in town?"
    assert "1,203 tiles of 77 m" in dialog.text.text()


def test_a_column_is_as_wide_as_what_it_says_in_any_language(dialog: ExploreDialog, client: Client) -> None:
    dialog.explore({INDEX: "town"})
    client.answer(EXPLORE, REPLY)
    long = "passt sehr wahrscheinlich, wie es scheint"
    dialog.table.topLevelItem(0).setText(1, long)
    dialog.table.headerItem().setText(2, long)
    QTest.qWait(50)
    needed = dialog.table.fontMetrics().horizontalAdvance(long)
    assert dialog.table.columnWidth(1) > needed
    assert dialog.table.columnWidth(2) > needed


def test_typical_tiles_of_the_chosen_group_are_shown(dialog: ExploreDialog, client: Client) -> None:
    dialog.explore({INDEX: "town"})
    client.answer(EXPLORE, REPLY)
    assert dialog.examples.count() == 1
    dialog.table.clearSelection()
    dialog.table.topLevelItem(1).setSelected(True)
    assert dialog.examples.count() == 0


def test_groups_become_a_layer_with_a_legend(dialog: ExploreDialog, client: Client) -> None:
    dialog.explore({INDEX: "town"})
    client.answer(EXPLORE, REPLY)
    press(dialog, "msaExploreLayer")
    (layer,) = QgsProject.instance().mapLayersByName("What is in town")
    assert layer.crs().authid() == "EPSG:32645"
    assert [row["name"] for row in layer.getFeatures()] == ["houses among trees", "group 2"]
    labels = [category.label() for category in layer.renderer().categories()]
    assert labels == ["houses among trees (1,200 tiles, 4.1 km²)", "group 2 (3 tiles, 900 m²)"]
    colours = {category.symbol().color().name() for category in layer.renderer().categories()}
    assert len(colours) == 2


def test_a_group_is_searched_like_its_typical_tiles(
    dialog: ExploreDialog, explorer: Explorer, client: Client
) -> None:
    dialog.explore({INDEX: "town"})
    client.answer(EXPLORE, REPLY)
    press(dialog, "msaExploreSearch")
    examples = explorer._search.state.examples
    assert [example.tile for example in examples] == [TILE]


def test_what_cannot_be_grouped_says_why(dialog: ExploreDialog, client: Client) -> None:
    dialog.explore({INDEX: "town"})
    client.refuse(EXPLORE, BadArgument("12 groups need as many tiles, and there are 3."))
    assert dialog.problem.isVisible()
    assert "there are 3" in dialog.problem.text()
    assert rows(dialog) == []
    assert not dialog.layer.isEnabled()
    press(dialog, "msaExploreAgain")
    assert not dialog.problem.isVisible()


def test_the_first_opening_of_a_very_large_index_is_told(dialog: ExploreDialog, client: Client) -> None:
    dialog.explore({INDEX: "town"})
    (asked,) = client.waiting(EXPLORE)
    assert dialog.text.text() == "Grouping tiles…"
    present(asked.progress)(Progress(asked.id, 1_000_000, 3_600_000, 92_000.0, 28.0))
    assert dialog.text.text().startswith("Opening the index for the first time: 1,000,000 of 3,600,000")
    client.answer(EXPLORE, REPLY)
    assert dialog.text.text().startswith("1,203 tiles")
