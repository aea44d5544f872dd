"""What is in a raster: groups of its tiles with counts, areas and typical tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError
from msa_model.protocol.tile_groups import (
    GROUPS,
    MOST_GROUPS,
    ExploreReply,
    TileGroup,
    area_text,
    group_colour,
)
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.indexes.dialog import fit_columns
from qgis_msa_plugin.indexes.index_files import Explorer
from qgis_msa_plugin.map.coverage import group_title
from qgis_msa_plugin.search.thumbnails import SIDE
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.keyboard import KeyboardDialog
from qgis_msa_plugin.widgets.match_words import match_text
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

_GROUP_ROLE = int(Qt.ItemDataRole.UserRole)
_SWATCH = 14


class ExploreDialog(KeyboardDialog):
    """Stays open beside QGIS: groups can be put on the map, and searched like."""

    def __init__(self, explorer: Explorer, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaExplore")
        self.resize(640, 560)
        self._explorer = explorer
        self._titles: dict[str, str] = {}
        self._make_parts()
        self._lay_out()
        explorer.reply_changed.connect(self._show)
        explorer.busy_changed.connect(self._update)
        explorer.opening_changed.connect(self._update)
        explorer.failed.connect(self._complain)
        QgsProject.instance().cleared.connect(self.problem.hide)
        explorer.thumbnails.arrived.connect(self._show_examples)
        self._update()

    def explore(self, titles: Mapping[str, str]) -> None:
        """Show what is in these indexes; `titles` are the rasters' names by index file."""
        self._titles = dict(titles)
        self.setWindowTitle(tr("What is in {raster}?").format(raster=", ".join(titles.values())))
        self._again()

    def chosen(self) -> Optional[TileGroup]:
        """The selected group."""
        items = self.table.selectedItems()
        return items[0].data(0, _GROUP_ROLE) if items else None

    def _make_parts(self) -> None:
        self.count = QSpinBox(self)
        self.count.setObjectName("msaExploreGroups")
        self.count.setRange(1, MOST_GROUPS)
        self.count.setValue(GROUPS)
        self.table = QTreeWidget(self)
        self.table.setObjectName("msaExploreTable")
        self.table.setAccessibleName(tr("Groups"))
        self.table.setRootIsDecorated(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHeaderLabels([tr("Group"), tr("Match"), tr("Tiles"), tr("Area")])
        fit_columns(self.table)
        self.table.itemSelectionChanged.connect(self._choose)
        self.table.itemActivated.connect(lambda *_: self._search())
        self._make_examples()
        self._make_buttons()

    def _make_examples(self) -> None:
        self.examples = QListWidget(self)
        self.examples.setObjectName("msaExploreExamples")
        self.examples.setAccessibleName(tr("Typical tiles"))
        self.examples.setViewMode(QListWidget.ViewMode.IconMode)
        self.examples.setIconSize(QSize(SIDE, SIDE))
        self.examples.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.examples.setFixedHeight(SIDE + 24)
        self.text = WrappedLabel("msaExploreText", self)
        self.problem = WrappedLabel("msaExploreProblem", self)
        self.problem.hide()

    def _make_buttons(self) -> None:
        self.again = self._button("Again", tr("Group &again"), "/mActionRefresh.svg")
        self.again.setToolTip(tr("Put the tiles into as many groups"))
        self.again.clicked.connect(self._again)
        self.again.setDefault(True)  # Enter in the number of groups
        self.layer = self._button("Layer", tr("Add to &map"), "/mActionAddPolygon.svg")
        self.layer.setToolTip(tr("A layer with a colour and a line of the legend for each group"))
        self.layer.clicked.connect(lambda *_: self._explorer.add_layer())
        self.search = self._button("Search", tr("&Search like this"), "/mActionZoomToSelected.svg")
        self.search.setToolTip(tr("Search for tiles like those typical of the group"))
        self.search.clicked.connect(self._search)

    def _button(self, name: str, text: str, icon: str) -> QPushButton:
        button = QPushButton(QgsApplication.getThemeIcon(icon), text, self)
        button.setObjectName(f"msaExplore{name}")
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        above, row = QHBoxLayout(), QHBoxLayout()
        form = QFormLayout()
        form.addRow(tr("&Groups, at most"), self.count)
        above.addLayout(form)
        above.addWidget(self.again)
        above.addStretch(1)
        row.addWidget(self.layer)
        row.addWidget(self.search)
        row.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addLayout(above)
        column.addWidget(self.table, 1)
        column.addWidget(self.examples)
        column.addWidget(self.problem)
        column.addWidget(self.text)
        column.addLayout(row)
        column.addWidget(close)

    def _again(self, *_: object) -> None:
        self.problem.hide()
        self._explorer.explore(self._titles, self.count.value())

    def _show(self, reply: Optional[ExploreReply]) -> None:
        self.table.clear()
        for group in reply.groups if reply else ():
            self.table.addTopLevelItem(_item(group))
        if reply is not None:
            self.table.topLevelItem(0).setSelected(True)
        self._update()

    def _update(self, *_: object) -> None:
        reply, busy = self._explorer.reply, self._explorer.busy
        self.again.setEnabled(not busy and bool(self._titles))
        self.layer.setEnabled(reply is not None)
        self._choose()
        if reply is None:
            opening = self._explorer.opening
            told = wording.opening(opening) if opening is not None else tr("Grouping tiles…")
            self.text.setText(told if busy else "")
            return
        text = tr("{tiles} tiles of {side}; ground under overlapping tiles is counted once.")
        sides = ", ".join(dict.fromkeys(map(wording.metres, reply.scales_m)))
        self.text.setText(text.format(tiles=wording.count(reply.tiles), side=sides))

    def _choose(self) -> None:
        self.search.setEnabled(self.chosen() is not None)
        self._show_examples()

    def _show_examples(self) -> None:
        group = self.chosen()
        self.examples.clear()
        for example in group.examples if group is not None else ():
            image = self._explorer.thumbnails.of_tile(example.tile)
            item = QListWidgetItem(self.examples)
            item.setSizeHint(QSize(SIDE + 4, SIDE + 4))
            if image is not None:
                item.setIcon(QIcon(QPixmap.fromImage(image)))

    def _search(self, *_: object) -> None:
        group = self.chosen()
        if group is not None:
            self._explorer.search_like(group)

    def _complain(self, error: MsaError) -> None:
        self.problem.setText(error_line(error))
        self.problem.show()


def _item(group: TileGroup) -> QTreeWidgetItem:
    tiles, area = wording.count(group.tiles), area_text(group.area_m2)
    item = QTreeWidgetItem([group_title(group), match_text(group.verdict), tiles, area])
    item.setData(0, _GROUP_ROLE, group)
    swatch = QPixmap(_SWATCH, _SWATCH)
    swatch.fill(QColor(*group_colour(group.id)))
    item.setIcon(0, QIcon(swatch))
    for column in (2, 3):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item
