"""The hits of a batch scan on the map: a group per scan, in it one per query, in that a layer per raster.

Which hits of a batch scan to look through: a query on a raster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QMenu, QToolButton, QWidget

from msa_model.protocol.errors import DatasetUnreadable, MsaError
from msa_model.protocol.layers import DRAWN
from msa_model.protocol.match import SHOWN
from qgis_msa_plugin.batch.job import BatchJob
from qgis_msa_plugin.gis.hit_form import set_up_hit_form
from qgis_msa_plugin.gis.marks import load_style
from qgis_msa_plugin.plain_text import entry
from qgis_msa_plugin.render.source import layer_showing
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.wording import brief, count

OUT_PROPERTY = "msa_search/batch_out"
PAIR_PROPERTY = "msa_search/batch_pair"
# Distinct for the colour-blind too, and none of them the colour of vegetation or of QGIS's selection.
COLOURS = ("#ff1744", "#00b0ff", "#d500f9", "#ff9100", "#1de9b6", "#ffffff", "#651fff", "#ff80ab")
_GREY = ("weak", "none")  # matches (`protocol.match`)


@dataclass(frozen=True)
class QueryAndRaster:
    """A query and a raster with hits; `source_after` is the later one of a question about two dates."""

    query: str
    name: str
    source: str
    hits: int
    source_after: str = ""

    @property
    def key(self) -> str:
        """What tells the pair's layer from others of the scan."""
        return "\n".join((self.query, *self.sources))

    @property
    def sources(self) -> tuple[str, ...]:
        """The raster, or both."""
        return tuple(filter(None, (self.source, self.source_after)))

    @property
    def table(self) -> str:
        """Where its hits are: a table, and the condition that chooses them."""
        where = f'"query" = {_quoted(self.query)} AND "source" = {_quoted(self.source)}'
        if not self.source_after:
            return f"hits|subset={where}"
        return f'changes|subset={where} AND "source_after" = {_quoted(self.source_after)}'


class BatchLayers(QObject):
    """Adds layer after layer, so that QGIS never stands still; what is on the map already is refreshed."""

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._steps: list[Iterator[None]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._step)

    @property
    def busy(self) -> bool:
        """Whether layers are still being added."""
        return bool(self._steps)

    def show(self, name: str, out: str) -> None:
        """Show the hits that `out` holds now.

        Raises:
            DatasetUnreadable: there are no results yet, or they cannot be read.
        """
        pairs = pairs_of(out)
        self._steps.append(self._add(name, out, pairs))
        self._timer.start()

    def _step(self) -> None:
        try:
            next(self._steps[0])
        except StopIteration:
            self._steps.pop(0)
        if not self._steps:
            self._timer.stop()

    def _add(self, name: str, out: str, pairs: list[QueryAndRaster]) -> Iterator[None]:
        queries = list(dict.fromkeys(pair.query for pair in pairs))
        for pair in pairs:
            group = self._group(name, out)
            node = _find(group, pair)
            if node is None:
                self._add_layer(group, out, pair, COLOURS[queries.index(pair.query) % len(COLOURS)])
            elif node.layer() is not None:
                node.layer().reload()
                node.layer().triggerRepaint()
            yield

    def _add_layer(self, group: QgsLayerTreeGroup, out: str, pair: QueryAndRaster, colour: str) -> None:
        rasters = " → ".join(map(self._raster_name, pair.sources))
        layer = QgsVectorLayer(_source(out, pair.table), rasters, "ogr")
        if not layer.isValid():
            return  # the file has gone meanwhile
        load_style(layer, "batch_hits")
        set_up_hit_form(layer)
        layer.setCustomProperty(PAIR_PROPERTY, pair.key)
        layer.setName(f"{layer.name()} ({_counted(pair.hits - _hide_what_hardly_matches(layer), pair.hits)})")
        _colour(layer, colour)
        title = pair.name or pair.query
        inner = group.findGroup(brief(title)) or group.addGroup(brief(title))
        inner.addLayer(self._project.addMapLayer(layer, False)).setExpanded(False)

    def _raster_name(self, source: str) -> str:
        """A file's, or that of the layer in the project that was drawn."""
        layer = layer_showing(self._project, source) if source.startswith(DRAWN) else None
        return layer.name() if layer is not None else Path(source).stem

    def _group(self, name: str, out: str) -> QgsLayerTreeGroup:
        """The group of the scan; made again if the user took it away meanwhile."""
        root = self._project.layerTreeRoot()
        groups = (group for group in root.findGroups() if group.customProperty(OUT_PROPERTY) == out)
        group = next(groups, None)
        if group is None:
            group = root.insertGroup(0, name)
            group.setCustomProperty(OUT_PROPERTY, out)
        return group


def pairs_of(out: str) -> list[QueryAndRaster]:
    """The queries and rasters that have hits, in the order in which they were done.

    Raises:
        DatasetUnreadable: there is no such file, or no such table in it.
    """
    table = QgsVectorLayer(_source(out, "summary"), "summary", "ogr")
    if not Path(out).is_file() or not table.isValid():
        raise DatasetUnreadable(tr("There are no results in {path} yet.").format(path=out))
    pairs = [
        QueryAndRaster(row["query"], row["name"] or "", row["source"], row["hits"])
        for row in table.getFeatures()
    ]
    return [pair for pair in (*pairs, *_dated(out)) if pair.hits]


def _dated(out: str) -> Iterator[QueryAndRaster]:
    """What was asked of two dates; earlier versions' files have no such table."""
    table = QgsVectorLayer(_source(out, "change_summary"), "changes", "ogr")
    for row in table.getFeatures() if table.isValid() else ():
        names = row["query"], row["name"] or "", row["source"]
        yield QueryAndRaster(*names, row["hits"], row["source_after"])


def _find(group: QgsLayerTreeGroup, pair: QueryAndRaster) -> Optional[QgsLayerTreeLayer]:
    nodes = (node for node in group.findLayers() if node.layer() is not None)
    return next((node for node in nodes if node.layer().customProperty(PAIR_PROPERTY) == pair.key), None)


def _source(out: str, table: str) -> str:
    return f"{out}|layername={table}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _colour(layer: QgsVectorLayer, colour: str) -> None:
    """One colour a query for what matches or is not judged; the style leaves the rest grey."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsCategorizedSymbolRenderer):
        return
    for position, category in enumerate(renderer.categories()):
        if category.value() in _GREY:
            continue
        symbol = category.symbol().clone()
        symbol.symbolLayer(symbol.symbolLayerCount() - 1).setColor(QColor(colour))
        renderer.updateCategorySymbol(position, symbol)


def _hide_what_hardly_matches(layer: QgsVectorLayer) -> int:
    """As the Search tab does; a tick in the legend draws it. How many hits that are."""
    renderer, column, found = layer.renderer(), layer.fields().indexOf("match"), Counter[str]()
    if not isinstance(renderer, QgsCategorizedSymbolRenderer):
        return 0
    if column >= 0:  # earlier versions' files have none
        request = QgsFeatureRequest().setSubsetOfAttributes([column])
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        found.update(str(feature[column] or "") for feature in layer.getFeatures(request))
    hidden = _GREY if any(found[match] for match in SHOWN) else ("none",)
    for position, category in enumerate(renderer.categories()):
        if category.value() in hidden:
            renderer.updateCategoryRenderState(position, False)
    return sum(found[match] for match in hidden)


def _counted(drawn: int, hits: int) -> str:
    """'20', or '3 of 20' where some are not drawn."""
    if drawn == hits:
        return count(hits)
    return tr("{n} of {hits}").format(n=count(drawn), hits=count(hits))


class ReviewButton(QToolButton):
    """Its menu lists the queries that have hits, and of each the rasters or pairs of two dates.

    `job` gives the chosen scan.
    """

    wanted = pyqtSignal(object, object)  # BatchJob, QueryAndRaster

    def __init__(self, job: Callable[[], Optional[BatchJob]], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._job = job
        self.setObjectName("msaBatchReview")
        self.setText(tr("Review"))
        self.setIcon(QgsApplication.getThemeIcon("/mActionFormView.svg"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(
            tr("List the hits of a query on a raster in the Search tab, to accept or reject them")
        )
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setObjectName("msaBatchReviewMenu")
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Make the menu anew."""
        menu, job = self.menu(), self._job()
        menu.clear()
        pairs = _pairs_of(job) if job is not None else []
        rasters = {pair.sources for pair in pairs}
        for query in dict.fromkeys(pair.query for pair in pairs):
            own = [pair for pair in pairs if pair.query == query]
            title = _entry(wording.brief(own[0].name or query), sum(pair.hits for pair in own))
            inner = menu if len(rasters) == 1 else menu.addMenu(title)
            for pair in own:
                named = " → ".join(Path(source).stem for source in pair.sources)
                text = title if inner is menu else _entry(named, pair.hits)
                action = inner.addAction(text)
                action.triggered.connect(lambda _, job=job, pair=pair: self.wanted.emit(job, pair))
        if menu.isEmpty():
            menu.addAction(tr("No hits yet")).setEnabled(False)


def _pairs_of(job: BatchJob) -> list[QueryAndRaster]:
    try:
        return pairs_of(job.request.out)
    except MsaError:
        return []


def _entry(name: str, hits: int) -> str:
    return entry(f"{name} ({wording.count(hits)})")
