"""The index manager: what indexes there are, how large and how fresh, and what to do with them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsApplication, QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError
from msa_model.protocol.indexes import IndexInfo
from msa_model.protocol.messages import Progress
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.indexes.index_files import REBUILDABLE, IndexFiles
from qgis_msa_plugin.plain_text import message_box, tip
from qgis_msa_plugin.plugin_files import resource
from qgis_msa_plugin.settings import PREFIX
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import KeyboardDialog
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

FOLDERS_KEY = f"{PREFIX}/index_folders"
_INFO_ROLE = int(Qt.ItemDataRole.UserRole)
_SIZE_COLUMN = 3


def fit_columns(table: QTreeWidget) -> None:
    """Every column as wide as what it says, in any language; the first has the rest."""
    header = table.header()
    header.setStretchLastSection(False)
    for column in range(1, table.columnCount()):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)


class IndexDialog(KeyboardDialog):
    """`coverage_wanted` and `explore_wanted` tell raster names by index file.

    Stays open beside QGIS; closing stops nothing.
    """

    coverage_wanted = pyqtSignal(object)  # dict[str, str]: titles by index
    explore_wanted = pyqtSignal(object)  # dict[str, str]: titles by index

    def __init__(self, files: IndexFiles, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaIndexes")
        self.setWindowTitle(tr("Indexes of MSA Search"))
        self.setWindowIcon(QIcon(str(resource("icons/msa_search.svg"))))
        self.resize(900, 420)
        self._files = files
        files.folders = tuple(map(str, QgsSettings().value(FOLDERS_KEY, [], type=list)))
        self._make_table()
        self._make_rest()
        self._lay_out()
        files.indexes_changed.connect(self._show)
        files.busy_changed.connect(self._update)
        files.progress_changed.connect(self._show_progress)
        files.failed.connect(self._complain)
        QgsProject.instance().cleared.connect(self.problem.hide)
        self._show(files.indexes)

    def chosen(self) -> list[IndexInfo]:
        """The selected indexes."""
        return [item.data(0, _INFO_ROLE) for item in self.table.selectedItems()]

    def refresh_list(self) -> None:
        """Look again at what there is."""
        self._files.refresh()

    def _make_table(self) -> None:
        self.table = QTreeWidget(self)
        self.table.setObjectName("msaIndexTable")
        self.table.setAccessibleName(tr("Indexes"))
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        titles = (
            tr("Raster"),
            tr("State"),
            tr("Tiles"),
            tr("Size"),
            tr("Scales"),
            tr("Model"),
            tr("Changed"),
        )
        self.table.setHeaderLabels(list(titles))
        fit_columns(self.table)
        self.table.itemSelectionChanged.connect(self._update)

    def _make_rest(self) -> None:
        self.text = WrappedLabel("msaIndexText", self)
        self.problem = WrappedLabel("msaIndexProblem", self)
        self.problem.hide()
        self.bar = QProgressBar(self)
        self.bar.setObjectName("msaIndexProgress")
        self.refresh = self._button("Refresh", tr("Re&fresh"), "/mActionRefresh.svg", self._files.refresh)
        self.folder = self._button("Folder", tr("Add &folder…"), "/mActionFileOpen.svg", self._choose_folder)
        self.coverage = self._button("Coverage", tr("Show covera&ge"), "/mActionAddPolygon.svg", self._cover)
        self.explore = self._button("Explore", tr("E&xplore…"), "/mIconHistogram.svg", self._explore)
        self.rebuild = self._button("Rebuild", tr("Re&build…"), "/mActionReload.svg", self._ask_rebuild)
        self.move_to = self._button("Move", tr("Mo&ve…"), "/mActionSharing.svg", self._choose_target)
        self.delete = self._button("Delete", tr("Dele&te…"), "/mActionDeleteSelected.svg", self._ask_delete)
        self.cancel = self._button("Cancel", tr("Ca&ncel"), "/mActionStop.svg", self._files.cancel)
        self.folder.setToolTip(tr("Look for indexes in one more folder"))
        self.coverage.setToolTip(tr("Show on the map what is indexed and what is not"))
        self.explore.setToolTip(tr("Group the indexed tiles of a raster by likeness"))
        self.rebuild.setToolTip(tr("Scan the raster anew, at the same scales, with the present model"))
        self.move_to.setToolTip(tr("Move the files to another folder"))
        self.delete.setToolTip(tr("Delete the files; a later search scans the raster again"))
        self.cancel.setToolTip(tr("Stop; what a scan has done is kept"))

    def _button(self, name: str, text: str, icon: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(QgsApplication.getThemeIcon(icon), text, self)
        button.setObjectName(f"msaIndex{name}")
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        buttons = (self.coverage, self.explore, self.rebuild, self.move_to, self.delete)
        for button in (self.refresh, self.folder, *buttons):
            row.addWidget(button)
        row.addStretch(1)
        below = QHBoxLayout()
        below.addWidget(self.text, 1)
        below.addWidget(self.bar)
        below.addWidget(self.cancel)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addLayout(below)
        column.addWidget(close)

    def _show(self, indexes: tuple[IndexInfo, ...]) -> None:
        chosen = {info.index for info in self.chosen()}
        self.table.clear()
        for info in indexes:
            item = _item(info)
            self.table.addTopLevelItem(item)
            item.setSelected(info.index in chosen or len(indexes) == 1)
        self._update()

    def _update(self, *_: object) -> None:
        busy, chosen = self._files.busy, self.chosen()
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        for button in (self.refresh, self.folder):
            button.setEnabled(not busy)
        for button in (self.move_to, self.delete, self.coverage, self.explore):
            button.setEnabled(not busy and bool(chosen))
        self.rebuild.setEnabled(not busy and any(info.state in REBUILDABLE for info in chosen))
        self._show_progress(self._files.progress)

    def _count(self) -> str:
        indexes = self._files.indexes
        if not indexes:
            return tr("No index was found in the cache or beside the project's rasters.")
        size = wording.disk(sum(info.bytes for info in indexes))
        return tr("Indexes: {n}, {size} in all").format(n=wording.count(len(indexes)), size=size)

    def _show_progress(self, progress: Optional[Progress]) -> None:
        self.bar.setMaximum(progress.total if progress else 0)
        self.bar.setValue(progress.done if progress else 0)
        if progress is not None:
            self.text.setText(wording.advance(progress) if progress.rate else progress.label)
        else:
            self.text.setText(tr("Looking…") if self._files.busy else self._count())

    def _complain(self, error: MsaError) -> None:
        self.problem.setText(error_line(error))
        self.problem.show()

    def _cover(self) -> None:
        self.coverage_wanted.emit(self._titles())

    def _explore(self) -> None:
        self.explore_wanted.emit(self._titles())

    def _titles(self) -> dict[str, str]:
        return {info.index: Path(info.source).stem for info in self.chosen()}

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder with indexes"))
        if folder:
            self._files.folders = tuple(dict.fromkeys((*self._files.folders, folder)))
            self._keep_folders()
            self._files.refresh()

    def _choose_target(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Move the indexes to"))
        if folder:
            self.problem.hide()
            self._files.move(self.chosen(), folder)
            self._keep_folders()

    def _keep_folders(self) -> None:
        QgsSettings().setValue(FOLDERS_KEY, list(self._files.folders))

    def _ask_delete(self) -> None:
        chosen = self.chosen()
        text = tr("Delete {n} index file(s), {size}? The rasters stay; a later search scans them again.")
        size = wording.disk(sum(info.bytes for info in chosen))
        self._ask(text.format(n=len(chosen), size=size), lambda: self._files.delete(chosen))

    def _ask_rebuild(self) -> None:
        chosen = [info for info in self.chosen() if info.state in REBUILDABLE]
        text = tr("Delete {n} index file(s) and scan their rasters anew, {tiles} tiles?")
        tiles = wording.count(sum(info.tiles for info in chosen))
        self._ask(text.format(n=len(chosen), tiles=tiles), lambda: self._files.rebuild(chosen))

    def _ask(self, text: str, act: Callable[[], None]) -> None:
        box = message_box(self, self.windowTitle(), text)
        box.setObjectName("msaIndexQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setStandardButtons(QMessageBox.StandardButton.Ok | QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)

        def answer(code: int) -> None:
            if code == QMessageBox.StandardButton.Ok:
                self.problem.hide()
                act()

        box.finished.connect(answer)
        box.open()


def state_text(state: str) -> str:
    """What the worker says of an index, in words."""
    texts = {
        "current": tr("current"),
        "stale": tr("raster has changed"),
        "other_model": tr("of another model"),
        "raster_missing": tr("raster is missing"),
        "unreadable": tr("damaged"),
    }
    return texts.get(state, state)


def _item(info: IndexInfo) -> QTreeWidgetItem:
    scales = ", ".join(wording.metres(scale) for scale in info.scales_m)
    changed = datetime.fromtimestamp(info.modified).strftime("%Y-%m-%d %H:%M")
    name = Path(info.source or info.index).name
    tiles, size = wording.count(info.tiles), wording.disk(info.bytes)
    item = QTreeWidgetItem([name, state_text(info.state), tiles, size, scales, info.model, changed])
    item.setData(0, _INFO_ROLE, info)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    item.setTextAlignment(2, right)
    item.setTextAlignment(_SIZE_COLUMN, right)
    for column in range(item.columnCount()):
        item.setToolTip(column, tip(f"{info.source}\n{info.index}"))
    if info.state != "current":
        item.setIcon(1, QgsApplication.getThemeIcon("/mIconWarning.svg"))
    return item
