"""The phrase bank in a table: edit it, bring in a file, write it, go back to the shipped phrases."""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError, PhrasesUnreadable
from msa_model.protocol.phrases import CATEGORY, COLUMN, PhraseRow, read_phrases
from msa_model.protocol.tables import MOST_BYTES, read_bytes
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.plain_text import message_box
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import write_whole
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import KeyboardDialog
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel


def write_phrases(path: Path, rows: tuple[PhraseRow, ...]) -> None:
    """Write the phrases as UTF-8, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([COLUMN, CATEGORY])
    writer.writerows([row.phrase, row.category] for row in rows)
    write_whole(path, text.getvalue().encode("utf-8"))


def is_replaceable(path: Path) -> bool:
    """Whether writing phrases to that place loses nothing: no file is there, or one of phrases alone."""
    if not path.exists():
        return not path.is_symlink()
    try:
        return read_phrases(path).whole
    except PhrasesUnreadable:
        return False


def own_bank() -> Path:
    """Where an edited copy of the shipped phrases is kept."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "msa_search" / "phrases.csv"


def target_for(path: Path) -> Path:
    """Where edited phrases go: to `path`, or to the profile where that file holds more than phrases."""
    own = own_bank()
    return next(place for place in itertools.chain((path, own), _numbered(own)) if is_replaceable(place))


def _numbered(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))


def _content_of(path: Path) -> Optional[bytes]:
    """What tells a file from another or a changed one; nothing where there is none that can be read."""
    try:
        return read_bytes(path, MOST_BYTES)
    except OSError:
        return None


class PhraseBankDialog(KeyboardDialog):
    """Edits the bank at `path` (empty: a copy of the shipped one); `saved` tells where it is."""

    saved = pyqtSignal(str)

    def __init__(self, path: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaPhraseEditor")
        self.setWindowTitle(tr("Phrases of MSA Search"))
        self.resize(560, 520)
        self._path = Path(path) if path else own_bank()
        self._make_table()
        self.text = WrappedLabel("msaPhraseText", self)
        self._lay_out()
        self.load(self._path if path or self._path.is_file() else resource("phrases.csv"))
        self._kept, self._found = self.rows(), _content_of(self._path)

    def rows(self) -> tuple[PhraseRow, ...]:
        """The phrases of the table, each once, without empty rows."""
        found: dict[str, PhraseRow] = {}
        for row in range(self.table.rowCount()):
            phrase = " ".join(self._cell(row, 0).split())
            if phrase:
                found.setdefault(phrase, PhraseRow(phrase, self._cell(row, 1).strip()))
        return tuple(found.values())

    def load(self, path: Path) -> None:
        """Show the phrases of a file instead; one that cannot be read changes nothing."""
        try:
            file = read_phrases(path)
        except MsaError as error:
            self.text.setText(error_line(error))
            return
        self._fill(file.rows)
        text = tr("{n} phrases from {path}.").format(n=wording.count(len(file.rows)), path=path)
        if file.encoding != "utf-8":
            text += " " + tr("Read as {encoding}; it is saved as UTF-8.").format(encoding=file.encoding)
        target = target_for(self._path)
        if target != self._path:
            left = tr("{path} holds more than phrases and stays as it is; what you save goes to {place}.")
            text += " " + left.format(path=self._path, place=target)
        self.text.setText(text)

    def save(self) -> None:
        """Keep the phrases, and tell where."""
        rows = self.rows()
        if not rows:
            self.text.setText(tr("There is no phrase to keep."))
            return
        if _content_of(self._path) not in (None, self._found):
            self._leave()
            return
        target = target_for(self._path)
        try:
            write_phrases(target, rows)
        except OSError as error:
            text = tr("{path} cannot be written: {reason}.")
            self.text.setText(text.format(path=target, reason=error.strerror))
            return
        self.saved.emit(str(target))
        self.accept()

    def _leave(self) -> None:
        """Somebody else has written to the file since it was read: save to another, once the user says so."""
        theirs, places = self._path, _numbered(own_bank())
        self._path = next(place for place in places if place != theirs and not os.path.lexists(place))
        self._found = None
        text = tr("{path} was changed by another program meanwhile and stays; Save puts yours in {place}.")
        self.text.setText(text.format(path=theirs, place=self._path))

    def reject(self) -> None:
        """Close; what was typed, brought in or taken away is dropped once the user agrees."""
        if self.rows() == self._kept:
            super().reject()
            return
        box = message_box(self, self.windowTitle(), tr("Drop what you have changed?"))
        box.setObjectName("msaPhraseQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setStandardButtons(QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(self._on_answer)
        box.open()

    def _on_answer(self, code: int) -> None:
        if code == QMessageBox.StandardButton.Discard:
            super().reject()

    def _fill(self, rows: tuple[PhraseRow, ...]) -> None:
        self.table.setRowCount(0)
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self.table.setItem(number, 0, QTableWidgetItem(row.phrase))
            self.table.setItem(number, 1, QTableWidgetItem(row.category))

    def add_row(self) -> None:
        """One more phrase, ready to be typed."""
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column in (0, 1):
            self.table.setItem(row, column, QTableWidgetItem(""))
        self.table.setCurrentCell(row, 0)
        self.table.editItem(self.table.item(row, 0))

    def remove_rows(self) -> None:
        """Take the selected phrases away."""
        for row in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(row)

    def _make_table(self) -> None:
        self.table = QTableWidget(0, 2, self)
        self.table.setObjectName("msaPhraseTable")
        self.table.setAccessibleName(tr("Phrases"))
        self.table.setHorizontalHeaderLabels([tr("Phrase"), tr("Category")])
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)  # Tab leaves it; the arrows go from cell to cell
        self.table.setToolTip(tr("What a place may be called, in English, as below a picture of it"))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for name, text, act in (
            ("Add", tr("&Add"), self.add_row),
            ("Remove", tr("&Remove"), self.remove_rows),
            ("Import", tr("&Import…"), self._import),
            ("Shipped", tr("&Shipped phrases"), lambda: self.load(resource("phrases.csv"))),
        ):
            button = QPushButton(text, self)
            button.setObjectName(f"msaPhrase{name}")
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Save | kinds.Cancel, self)
        buttons.button(kinds.Save).setObjectName("msaPhraseSave")
        buttons.accepted.connect(self.save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.text)
        column.addWidget(buttons)

    def _import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Phrases"), "", tr("Tables (*.csv *.txt);;All files (*)")
        )
        if path:
            self.load(Path(path))

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return str(item.text()) if item is not None else ""
