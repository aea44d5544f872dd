"""The plugin's dialogs without a mouse: Tab, Enter, Escape, and the button that is pressed unasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton, QRadioButton, QWidget

from msa_model.protocol.indexes import IndexListReply
from msa_model.protocol.rpc import EXPLORE, LIST
from qgis_msa_plugin.describe.features_dialog import FeaturesDialog
from qgis_msa_plugin.describe.phrase_editor import PhraseBankDialog
from qgis_msa_plugin.indexes.dialog import IndexDialog
from qgis_msa_plugin.indexes.explore_dialog import ExploreDialog
from qgis_msa_plugin.indexes.index_files import Explorer, IndexFiles
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.setup.desktop import SetupParts
from tests.qgis.dock.desk import Client
from tests.qgis.dock.test_keyboard_tab_order import controls, is_read_before, name_of
from tests.qgis.indexes.test_explore_dialog import INDEX, REPLY
from tests.qgis.indexes.test_index_manager import info

DESTRUCTIVE = {"msaIndexDelete", "msaIndexRebuild", "msaPhraseRemove", "msaPhraseShipped", "msaSetupRemove"}
MOST_STEPS = 40

Make = Callable[[], QDialog]


@pytest.fixture
def makers(qgis_new_project: None, client: Client, tmp_path: Path) -> Iterator[dict[str, Make]]:
    """Every dialog, with something in it, by name."""
    bank, parents = tmp_path / "phrases.csv", [QWidget()]
    bank.write_text("phrase,category\na pond,water\na mill,buildings\n", encoding="utf-8")
    files = IndexFiles(client, QgsProject.instance())
    explorer = Explorer(client, SearchController(client, Settings), Settings)
    setup = SetupParts(parents[0])

    def indexes() -> QDialog:
        dialog = IndexDialog(files)
        dialog.refresh_list()
        client.answer(LIST, IndexListReply((info("town"), info("old", "stale"))))
        dialog.table.topLevelItem(0).setSelected(True)
        return dialog

    def groups() -> QDialog:
        dialog = ExploreDialog(explorer)
        dialog.explore({INDEX: "town"})
        client.answer(EXPLORE, REPLY)
        return dialog

    yield {
        "indexes": indexes,
        "groups": groups,
        "features": FeaturesDialog,
        "phrases": lambda: PhraseBankDialog(str(bank)),
        "setup": lambda: setup.dialog,
    }
    setup.close()


@pytest.fixture(params=["indexes", "groups", "features", "phrases", "setup"])
def dialog(request: pytest.FixtureRequest, makers: dict[str, Make]) -> Iterator[QDialog]:
    dialog = shown(makers[request.param]())
    yield dialog
    dialog.hide()


def shown(dialog: QDialog) -> QDialog:
    dialog.show()
    dialog.activateWindow()
    QApplication.setActiveWindow(dialog)
    QApplication.processEvents()
    return dialog


def button(dialog: QDialog, name: str) -> QPushButton:
    return dialog.findChild(QPushButton, name)


def stops(dialog: QDialog) -> list[QWidget]:
    """Where Tab is to stop: of buttons of which one is chosen, at that; the arrows choose another."""
    return [
        control
        for control in controls(dialog)
        if control.isEnabled() and not (isinstance(control, QRadioButton) and not control.isChecked())
    ]


def walked(dialog: QDialog) -> list[QWidget]:
    """Where Tab comes by, from the first control that is read."""
    usable = stops(dialog)
    first = next(one for one in usable if all(one is other or is_read_before(one, other) for other in usable))
    first.setFocus(Qt.FocusReason.TabFocusReason)
    seen: list[QWidget] = []
    for _ in range(MOST_STEPS):
        focused = QApplication.focusWidget()
        if focused in seen:
            break
        seen.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return seen


def test_tab_goes_through_a_dialog_as_it_is_read(dialog: QDialog) -> None:
    order = walked(dialog)
    assert [control.objectName() for control in stops(dialog) if control not in order] == []
    assert [(a.objectName(), b.objectName()) for a, b in pairwise(order) if not is_read_before(a, b)] == []


def test_every_control_of_a_dialog_has_a_name_of_its_own(dialog: QDialog) -> None:
    names = Counter(name_of(control) for control in controls(dialog) if name_of(control) != "…")
    assert {name: count for name, count in names.items() if count > 1 or not name} == {}


def test_no_button_that_takes_something_away_is_pressed_unasked(dialog: QDialog) -> None:
    unasked = {part.objectName() for part in dialog.findChildren(QPushButton) if part.isDefault()}
    assert not unasked & DESTRUCTIVE


def test_escape_closes_a_dialog_in_which_nothing_was_changed(dialog: QDialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_enter_presses_the_button_that_has_the_focus(makers: dict[str, Make]) -> None:
    dialog = shown(makers["indexes"]())
    explored: list[object] = []
    dialog.explore_wanted.connect(explored.append)
    part = button(dialog, "msaIndexExplore")
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_Return)
    assert len(explored) == 1
    assert dialog.isVisible()
    delete = button(dialog, "msaIndexDelete")
    delete.setFocus()
    QTest.keyClick(delete, Qt.Key.Key_Return)
    box = dialog.findChild(QMessageBox, "msaIndexQuestion")
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    dialog.close()


def test_enter_in_a_table_is_the_tables_own_and_in_the_number_of_groups_asks_again(
    makers: dict[str, Make], client: Client
) -> None:
    dialog = shown(makers["groups"]())
    dialog.table.setCurrentItem(dialog.table.topLevelItem(0))
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert not client.waiting(EXPLORE)
    dialog.count.setFocus()
    QTest.keyClick(dialog.count, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert len(client.waiting(EXPLORE)) == 1
    dialog.close()


def test_phrases_are_typed_one_after_the_other_and_not_lost_by_escape(
    makers: dict[str, Make], qgis_app: QObject
) -> None:
    dialog = shown(makers["phrases"]())
    button(dialog, "msaPhraseAdd").click()
    editor = QApplication.focusWidget()
    QTest.keyClicks(editor, "a weir")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert dialog.isVisible(), "Enter ends the cell, not the dialog"
    assert "a weir" in [row.phrase for row in dialog.rows()]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    box = dialog.findChild(QMessageBox, "msaPhraseQuestion")
    assert dialog.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    again = next(b for b in dialog.findChildren(QMessageBox, "msaPhraseQuestion") if b.isVisible())
    again.button(QMessageBox.StandardButton.Discard).click()
    assert not dialog.isVisible()
