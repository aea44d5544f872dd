"""Whatever a project, a layer or an answer calls things: the dock shows text, and opens nothing for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsExpression, QgsFeature, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox, QgsMessageLogViewer
from qgis.PyQt.QtCore import QAbstractItemModel, QModelIndex, Qt
from qgis.PyQt.QtGui import QTextDocument
from qgis.PyQt.QtWidgets import QAbstractItemView, QLabel, QMenu, QPlainTextEdit, QWidget

from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis import marks
from qgis_msa_plugin.gis.marks import claim, load_style
from qgis_msa_plugin.logs import log_info, log_warning
from qgis_msa_plugin.map.coverage import style_groups
from qgis_msa_plugin.map.layer_fill import FIELDS
from qgis_msa_plugin.search.saved import KEY, SCOPE
from tests.qgis.dock.kept import SOON_MS, dated_head, head_of

MARKUP = '<img src="//host/share/x.png"><a href="file:///x">b</a>'
_TIPS = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.WhatsThisRole, Qt.ItemDataRole.StatusTipRole)


def poisoned(head: Any, inside: str = "") -> Any:  # noqa: ANN401  (any JSON value)
    """The same answer, markup before whatever is free text."""
    if isinstance(head, dict):
        free = {"title", "phrase", "phrase_before", "phrase_after", "runner_up"}
        return {
            key: MARKUP + value
            if key in free and isinstance(value, str)
            else dict.fromkeys(value, MARKUP)
            if key == "titles"
            else [MARKUP + item for item in value]
            if key in {"phrases", "categories"} and inside in {"verdict", "filters"}
            else poisoned(value, key)
            for key, value in head.items()
        }
    return [poisoned(item, inside) for item in head] if isinstance(head, list) else head


def told(widget: QWidget) -> Iterator[str]:
    """Texts of a widget that Qt takes for HTML where they look like it."""
    yield from (widget.toolTip(), widget.statusTip(), widget.whatsThis())
    if not isinstance(widget, QMenu) or widget.toolTipsVisible():
        yield from (action.toolTip() for action in widget.actions())
    if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
        yield widget.text()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None and not is_of_qgis(widget):
        yield from tips_of(widget.model())


def is_of_qgis(widget: QWidget) -> bool:
    """Whether it is the list of QGIS's own box of layers, with tool tips as in its layer panel."""
    parents = []
    while (widget := widget.parentWidget()) is not None:
        parents.append(widget)
    return any(isinstance(parent, QgsMapLayerComboBox) for parent in parents)


def tips_of(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount(QModelIndex())):
        for column in range(3):  # what a list model does not have is not valid
            index = model.index(row, column)
            yield from (str(index.data(role) or "") for role in _TIPS if index.isValid())


def test_nothing_that_is_logged_is_markup_in_the_log_panel(qgis_app: object) -> None:
    panel = QgsMessageLogViewer()
    log_warning(f"{MARKUP} & &amp; C:\\maps: cannot be read")
    log_info("<b>two\nlines</b>")
    texts = "".join(part.toPlainText() for part in panel.findChildren(QPlainTextEdit))
    assert f"{MARKUP} & &amp; C:\\maps: cannot be read" in texts
    assert "<b>two" in texts


@pytest.mark.parametrize("style", ["results", "batch_hits", "groups"])
def test_nothing_of_a_feature_is_markup_in_its_map_tip(qgis_app: object, style: str) -> None:
    layer = QgsVectorLayer(
        f"Polygon?crs=EPSG:3857&field=name:string&field=id:integer&{FIELDS}", "hits", "memory"
    )
    if style == "groups":
        style_groups(layer, ())
    else:
        load_style(layer, style)
    feature = QgsFeature(layer.fields())
    for name in ("name", "query", "match", "phrase"):
        feature[name] = f"{MARKUP} & more"
    context = layer.createExpressionContext()
    context.setFeature(feature)
    shown = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    document = QTextDocument()
    document.setHtml(shown)
    assert f"{MARKUP} & more" in document.toPlainText()


@pytest.mark.parametrize("kind", ["one date", "two dates", "many dates"])
def test_nothing_of_a_kept_answer_is_markup_in_the_dock(
    dock: SearchDock, town: QgsRasterLayer, qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    project, controller = QgsProject.instance(), dock._session.search
    head = poisoned(head_of(town) if kind == "one date" else dated_head(town, many=kind == "many dates"))
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{FIELDS}", MARKUP, "memory")
    layer.setCustomProperty(marks.QUERY_PROPERTY, MARKUP)
    layer.setCustomProperty(marks.ANSWER_PROPERTY, json.dumps(head))
    claim(layer)
    town.setName(MARKUP)
    project.addMapLayer(layer)
    saved = {"name": MARKUP, "text": MARKUP, "examples": [], "filters": head["filters"]}
    project.writeEntry(SCOPE, KEY, json.dumps([saved]))
    assert project.write(str(tmp_path / "evil.qgz"))
    project.clear()
    assert project.read(str(tmp_path / "evil.qgz"))
    qtbot.waitUntil(lambda: controller.state.results is not None, timeout=SOON_MS)
    controller.show_doubtful(True)
    controller.select_hit(1)
    dock.show()
    qtbot.wait(50)
    texts = [text for widget in dock.findChildren(QWidget) for text in told(widget)]
    texts += tips_of(dock.search.results.model())
    assert any("host/share" in text for text in texts)  # it was there to be told
    assert [text for text in texts if Qt.mightBeRichText(text) and "<img" in text] == []
