"""Dialogs whose other tests need real vector layers: opened, painted and used under Qt 6."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialogButtonBox, QMessageBox, QPushButton

from qgis_msa_plugin.describe.features_dialog import FeaturesDialog
from qgis_msa_plugin.describe.phrase_editor import PhraseBankDialog
from qgis_msa_plugin.errors import DetailsButton, show_error
from qgis_msa_plugin.worker.launch import crash_of


def test_describing_no_layer_is_refused_in_the_dialog(qtbot: QtBot, qgis_new_project: None) -> None:
    dialog = FeaturesDialog()
    qtbot.addWidget(dialog)
    dialog.propose(None, (40.0, 80.0))
    dialog.show()
    assert not dialog.grab().isNull()
    QTest.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.problem.isVisible()
    assert [dialog.scales.itemData(row) for row in range(dialog.scales.count())] == [None, 40.0, 80.0]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_phrases_are_painted_and_one_is_added(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text("phrase,category\na pond,water\n", encoding="utf-8")
    dialog = PhraseBankDialog(str(tmp_path / "bank.csv"))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.grab().isNull()
    before = len(dialog.rows())
    dialog.findChild(QPushButton, "msaPhraseAdd").click()
    dialog.table.item(before, 0).setText("a mill")
    assert len(dialog.rows()) == before + 1


def test_the_details_of_an_error_open_from_its_message(qtbot: QtBot) -> None:
    bar = QgsMessageBar()
    qtbot.addWidget(bar)
    bar.show()
    error = crash_of(3, False, "Traceback\nImportError: torch")
    show_error(bar, error)
    assert not bar.grab().isNull()
    QTest.mouseClick(bar.findChild(DetailsButton), Qt.MouseButton.LeftButton)
    (box,) = bar.findChildren(QMessageBox)
    assert "ImportError: torch" in box.detailedText()
    box.close()
