"""The Describe section: what is asked, how it is shown, where it can go."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtWidgets import QApplication, QToolButton

from msa_model.protocol.rpc import DESCRIBE
from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.describe.panel import DescribePanel
from qgis_msa_plugin.widgets.observed import Notices
from tests.qgis.describe.conftest import MakeParcels
from tests.qgis.describe.replies import at_scale, reply
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.scene import CRS, LEFT, TOP

UTM = QgsCoordinateReferenceSystem(f"EPSG:{CRS}")
BOX = QgsRectangle(LEFT + 10, TOP - 110, LEFT + 110, TOP - 10)


def press(panel: DescribePanel, name: str) -> None:
    button = panel.findChild(QToolButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def rows(panel: DescribePanel) -> list[str]:
    return [panel.phrases.item(row).text() for row in range(panel.phrases.count())]


def test_a_click_asks_for_the_window_and_every_scale(describer: Describer, client: Client) -> None:
    describer.describe_at(QgsPointXY(LEFT + 50, TOP - 50), UTM)
    asked = client.waiting(DESCRIBE)[0].params
    assert asked.point == (LEFT + 50, TOP - 50)
    assert (asked.bounds, asked.polygon, asked.every_scale) == (None, None, True)


def test_a_box_says_itself_how_large_it_is(describer: Describer, client: Client) -> None:
    describer.choose_scale(77.0)
    describer.describe_box(BOX, UTM)
    asked = client.waiting(DESCRIBE)[0].params
    assert asked.bounds == (LEFT + 10, TOP - 110, LEFT + 110, TOP - 10)
    assert (asked.point, asked.scale_m) == (None, None)


def test_a_box_without_an_area_counts_as_a_click(describer: Describer, client: Client) -> None:
    describer.describe_box(QgsRectangle(LEFT + 50, TOP - 50, LEFT + 50, TOP - 20), UTM)
    assert client.waiting(DESCRIBE)[0].params.point is not None


def test_the_selected_polygon_of_the_active_layer_is_described(
    panel: DescribePanel, client: Client, desk: Desk, parcels: MakeParcels
) -> None:
    desk.active = parcels(3)
    desk.active.selectByExpression('"number" = 1')
    press(panel, "msaDescribeSelected")
    asked = client.waiting(DESCRIBE)[0].params
    assert asked.polygon.startswith("Polygon")
    assert asked.crs == f"EPSG:{CRS}"


def test_an_empty_panel_says_what_to_do(panel: DescribePanel) -> None:
    assert panel.text.text().startswith("Press the button, then click")
    panel.set_tool_active(True)
    assert panel.text.text() == "Click on the map, or drag a box."


def test_an_empty_selection_is_told(
    panel: DescribePanel, client: Client, notices: Notices, desk: Desk, parcels: MakeParcels
) -> None:
    desk.active = parcels(1)
    press(panel, "msaDescribeSelected")
    assert client.open == []
    assert notices.notice is not None
    assert "No polygon is selected" in notices.notice.sentence


def test_phrases_stand_under_their_scale_and_keywords_above_all(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    describer.describe_box(BOX, UTM)
    client.answer(DESCRIBE, reply((at_scale(38.4, "a boat", 9), at_scale(76.8, "a river"))))
    assert rows(panel) == [
        "All of it",
        "a bridge over a river",
        "a river bank",
        "At 38 m · mean of 9 windows",
        "a boat",
        "At 77 m",
        "a river",
    ]
    assert panel.keywords.text() == "Keywords: river, bridge"


def test_one_scale_needs_no_headings(panel: DescribePanel, describer: Describer, client: Client) -> None:
    describer.describe_box(BOX, UTM)
    client.answer(DESCRIBE, reply((at_scale(38.4, "a boat"),)))
    assert rows(panel) == ["a bridge over a river", "a river bank"]


def test_the_window_of_a_click_is_told_once_beside_the_other_scales(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    describer.describe_at(QgsPointXY(LEFT + 50, TOP - 50), UTM)
    client.answer(DESCRIBE, reply((at_scale(76.8, "a river"),)))
    assert rows(panel) == ["At 100 m", "a bridge over a river", "a river bank", "At 77 m", "a river"]


def test_where_no_phrase_fits_the_panel_says_so(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    describer.describe_box(BOX, UTM)
    client.answer(DESCRIBE, replace(reply(), phrases=reply().phrases[2:], keywords=()))
    assert rows(panel) == ["No phrase fits."]
    assert not panel.keywords.isVisible()
    press(panel, "msaDescribeCopy")
    assert QApplication.clipboard().text().splitlines()[-1] == "No phrase fits."


def test_guesses_of_a_model_that_is_not_calibrated_are_called_so(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    describer.describe_box(BOX, UTM)
    client.answer(DESCRIBE, replace(reply(), phrases=reply().phrases[2:], calibrated=False))
    assert rows(panel) == ["a golf course", "a forest"]
    assert "not calibrated" in panel.text.text()


def test_the_description_is_copied_as_text(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    describer.describe_box(BOX, UTM)
    client.answer(DESCRIBE, reply((at_scale(38.4, "a boat"), at_scale(76.8, "a river"))))
    press(panel, "msaDescribeCopy")
    lines = QApplication.clipboard().text().splitlines()
    assert lines[:2] == ["100 m of 'scene':", "Keywords: river, bridge"]
    assert "a bridge over a river (strong match)" in lines
    assert lines[-2:] == ["At 77 m", "a river (likely match)"]


def test_a_described_place_becomes_a_row_of_the_layer_of_descriptions(
    panel: DescribePanel, describer: Describer, client: Client
) -> None:
    for _ in range(2):
        describer.describe_box(BOX, UTM)
        client.answer(DESCRIBE, reply())
        press(panel, "msaDescribeTable")
    (layer,) = QgsProject.instance().mapLayersByName("Descriptions")
    first, second = layer.getFeatures()
    assert first["description"] == second["description"] == "a bridge over a river; a river bank"
    assert first["keywords"] == "river, bridge"
    assert not first.geometry().isEmpty()


def test_a_described_polygon_gets_the_phrases_as_an_edit_that_can_be_undone(
    panel: DescribePanel, client: Client, desk: Desk, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = desk.active = parcels(2)
    layer.selectByExpression('"number" = 1')
    press(panel, "msaDescribeSelected")
    client.answer(DESCRIBE, reply())
    press(panel, "msaDescribeTable")

    def texts() -> dict[int, object]:
        return {row["number"]: row["description"] for row in layer.getFeatures()}

    qtbot.waitUntil(lambda: texts()[1] == "a bridge over a river; a river bank")
    assert not texts()[0]
    assert layer.isEditable()
    layer.undoStack().undo()
    assert not texts()[1]


def test_a_polygon_that_has_gone_is_told(
    panel: DescribePanel,
    notices: Notices,
    client: Client,
    desk: Desk,
    parcels: MakeParcels,
) -> None:
    layer = desk.active = parcels(1)
    layer.selectAll()
    press(panel, "msaDescribeSelected")
    client.answer(DESCRIBE, reply())
    desk.active = None
    QgsProject.instance().removeMapLayer(layer.id())
    press(panel, "msaDescribeTable")
    assert notices.notice is not None
    assert "has gone" in notices.notice.sentence


def test_the_answer_for_a_layer_that_is_no_longer_chosen_is_dropped(
    panel: DescribePanel, describer: Describer, client: Client, scene: QgsRasterLayer
) -> None:
    describer.describe_box(BOX, UTM)
    describer.choose_layer(None)
    client.answer(DESCRIBE, reply())
    assert rows(panel) == []


@pytest.mark.parametrize("name", ["msaDescribe", "msaDescribeSelected", "msaDescribeFeatures"])
def test_buttons_say_what_they_do(panel: DescribePanel, name: str) -> None:
    assert panel.findChild(QToolButton, name).toolTip()


def test_the_panel_goes_narrow(panel: DescribePanel) -> None:
    assert panel.minimumSizeHint().width() <= 300
