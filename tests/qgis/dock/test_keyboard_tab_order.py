"""The dock by the keyboard: Tab goes everywhere, as the dock is read, and one sees where it is."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import QMargins, QPoint, QRect, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from msa_model.protocol import rpc
from qgis_msa_plugin.dock.search_dock import SearchDock
from tests.qgis.dock.desk import Client, Desk, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply
from tests.qgis.dock.test_search_dock import part, type_and_enter

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox)
FIELDS = (QLineEdit, QPlainTextEdit)
MOST_STEPS, SAME_LINE_PX, FRAME_PX = 100, 12, 3
# What Alt opens in QGIS's menu bar: Project, Edit, View, Layer, Settings, Plugins, Vector, Raster, …
MENUS = {"en": set("JEVLSPORDWMCH"), "de": set("JBALEWVRDNH")}
GERMAN = Path(__file__).parents[3] / "i18n" / "msa_search_de.ts"


@pytest.fixture
def opened(town: QgsRasterLayer, dock: SearchDock, client: Client, desk: Desk) -> SearchDock:
    """A dock with hits, and all of its parts unfolded."""
    type_and_enter(dock, "blue roofs")
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(20))
    client.answer(rpc.VERDICT, *verdict_reply(20))
    desk.window.resize(1200, 1000)
    desk.window.activateWindow()
    QApplication.setActiveWindow(desk.window)
    part(dock, QAbstractButton, "msaFold").click()
    dock.search.filters.more.click()
    return dock


def pages(dock: SearchDock) -> Iterator[QWidget]:
    """Every tab in front, the search also with two dates and with a series."""
    yield dock.search
    dock.search.tools.compare.click()
    yield dock.search
    dock.search.compare.form.setCurrentIndex(dock.search.compare.form.count() - 1)
    yield dock.search
    for page in (dock.describe, dock.batch):
        dock.tabs.setCurrentWidget(page)
        if page is dock.batch:
            dock.batch.form.pair.on.setChecked(True)
        yield page


def controls(page: QWidget) -> list[QWidget]:
    """What on the screen is there to be used, without the inner parts of other controls."""
    found = [part for part in page.findChildren(QWidget) if isinstance(part, (*CONTROLS, *FIELDS))]
    return [
        control
        for control in found
        if control.isVisible()
        and not isinstance(control, (QScrollBar, QHeaderView))
        and not isinstance(control.parent(), (QAbstractSpinBox, QComboBox, QLineEdit))
    ]


def walked(dock: SearchDock) -> list[QWidget]:
    """Where Tab comes by, from the tabs on until it leaves the dock."""
    QApplication.processEvents()
    dock.tabs.tabBar().setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(MOST_STEPS):
        focused = QApplication.focusWidget()
        if focused in seen or not dock.isAncestorOf(focused):
            break
        seen.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return seen


def place(widget: QWidget) -> tuple[int, int, int]:
    """Top, bottom and left in the window."""
    corner = widget.mapTo(widget.window(), QPoint(0, 0))
    return corner.y(), corner.y() + widget.height(), corner.x()


def is_read_before(one: QWidget, other: QWidget) -> bool:
    """Whether it stands above the other, or left of it on the same line."""
    (top, bottom, left), (other_top, other_bottom, other_left) = place(one), place(other)
    if min(bottom, other_bottom) - max(top, other_top) > SAME_LINE_PX:
        return left <= other_left
    return top < other_top


def name_of(control: QWidget) -> str:
    """What a screen reader says of it."""
    buddies = (label.text() for label in control.window().findChildren(QLabel) if label.buddy() is control)
    text = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or text or next(buddies, "")


def test_tab_reaches_every_control_in_the_order_in_which_the_dock_is_read(opened: SearchDock) -> None:
    for page in pages(opened):
        order = walked(opened)
        usable = [control for control in controls(page) if control.isEnabled()]
        assert [control.objectName() for control in usable if control not in order] == []
        silent = [stop.objectName() for stop in order[1:] if stop not in controls(opened)]
        assert silent == [], "Tab stops where nothing can be done"
        steps = pairwise(order[1:])
        assert [(a.objectName(), b.objectName()) for a, b in steps if not is_read_before(a, b)] == []


def test_every_control_of_every_tab_has_a_name_of_its_own(opened: SearchDock) -> None:
    for page in pages(opened):
        names = Counter(name_of(control) for control in controls(page) if name_of(control) != "…")
        assert {name: count for name, count in names.items() if count > 1 or not name} == {}


def test_one_sees_which_control_has_the_focus(opened: SearchDock) -> None:
    for _ in pages(opened):
        assert [control.objectName() for control in walked(opened) if not _shows(control)] == []


def _shows(control: QWidget) -> bool:
    """Whether it, or what is around it, looks different with the focus."""
    window, edges = control.window(), QMargins(FRAME_PX, FRAME_PX, FRAME_PX, FRAME_PX)
    around = QRect(control.mapTo(window, QPoint(0, 0)), control.size()).marginsAdded(edges)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    focused = window.grab(around).toImage()
    control.clearFocus()
    return bool(window.grab(around).toImage() != focused)


@pytest.mark.parametrize("language", MENUS)
def test_keys_with_alt_are_neither_those_of_another_control_nor_of_qgiss_menus(
    opened: SearchDock, language: str
) -> None:
    german = {message.findtext("source"): message.findtext("translation") for message in _messages()}
    for page in pages(opened):
        shown = [label for label in page.findChildren(QLabel) if label.buddy() is not None]
        shown += page.findChildren(QAbstractButton)
        texts = [widget.text() for widget in shown if widget.isVisible()]
        said = [str(german.get(text, text)) if language == "de" else text for text in texts]
        keys = Counter(text[text.index("&") + 1].upper() for text in said if "&" in text)
        assert keys
        assert [key for key, count in keys.items() if count > 1 or key in MENUS[language]] == []


def _messages() -> Iterator[ET.Element]:
    return ET.parse(GERMAN).getroot().iter("message")  # noqa: S314  (a file of ours)
