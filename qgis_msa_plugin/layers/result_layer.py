"""Ranked tiles as vector layers in a group of the layer tree."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsFeature, QgsLayerTreeGroup, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.messages import Hit
from qgis_msa_plugin.layers.geometry import crs_of, polygon_of
from qgis_msa_plugin.places import resource
from qgis_msa_plugin.search.state import Results
from qgis_msa_plugin.search.wording import brief

GROUP = "MSA Search"
QUERY_PROPERTY = "msa_search/query"
SOURCE_PROPERTY = "msa_search/source"

_FIELDS = (
    "field=rank:integer&field=score:double&field=scale_m:double&field=query:string(0)&field=source:string(0)"
)


def is_result_layer(layer: object) -> bool:
    """Whether the layer holds tiles that a search found."""
    return isinstance(layer, QgsVectorLayer) and layer.customProperty(QUERY_PROPERTY) is not None


class ResultLayers(QObject):
    """One layer per query and raster: a new query comes on top, the same query refreshes its own layer.

    The layer shown before is only hidden, so that two queries' tiles are never mixed up unasked.
    """

    rank_picked = pyqtSignal(int)
    removed = pyqtSignal()

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layer: Optional[QgsVectorLayer] = None
        self._selecting = False
        project.layersWillBeRemoved.connect(self._forget)

    @property
    def layer(self) -> Optional[QgsVectorLayer]:
        """The layer of the results shown last."""
        return self._layer

    def show(self, results: Results) -> None:
        """Put the results on the map."""
        if not results.hits and self._find(results) is None:
            return
        layer = self._find(results) or self._create(results)
        if layer is not self._layer:
            self._bring_up(layer)
        _fill(layer, results)

    def select(self, rank: Optional[int]) -> None:
        """Select the tile of that rank, and no other; the map shows it as any selection."""
        if self._layer is None:
            return
        self._selecting = True
        _select(self._layer, {rank})
        self._selecting = False

    def release(self) -> None:
        """Stop following the project; the layers stay, they are the user's."""
        self._project.layersWillBeRemoved.disconnect(self._forget)
        self._watch(None)

    def _find(self, results: Results) -> Optional[QgsVectorLayer]:
        key = (results.query, results.source)
        return next((layer for layer in self._project.mapLayers().values() if _key(layer) == key), None)

    def _create(self, results: Results) -> QgsVectorLayer:
        layer = QgsVectorLayer(f"Polygon?{_FIELDS}", f"{brief(results.query)} · {results.title}", "memory")
        layer.setCrs(crs_of(results.hits[0].crs))
        layer.setCustomProperty(QUERY_PROPERTY, results.query)
        layer.setCustomProperty(SOURCE_PROPERTY, results.source)
        layer.loadNamedStyle(str(resource("styles/results.qml")))
        added = self._project.addMapLayer(layer, False)
        group = self._group()
        group.insertLayer(0, added).setExpanded(False)
        group.setExpanded(True)
        return layer

    def _bring_up(self, layer: QgsVectorLayer) -> None:
        if self._layer is not None:
            self._set_visible(self._layer, False)
        self._set_visible(layer, True)
        self._watch(layer)

    def _watch(self, layer: Optional[QgsVectorLayer]) -> None:
        if self._layer is not None:
            self._layer.selectionChanged.disconnect(self._pick)
        self._layer = layer
        if layer is not None:
            layer.selectionChanged.connect(self._pick)

    def _pick(self, *_: object) -> None:
        if self._selecting or self._layer is None:
            return
        ranks = sorted(feature["rank"] for feature in self._layer.selectedFeatures())
        if ranks:
            self.rank_picked.emit(ranks[0])

    def _set_visible(self, layer: QgsVectorLayer, visible: bool) -> None:
        node = self._project.layerTreeRoot().findLayer(layer.id())
        if node is not None:
            node.setItemVisibilityChecked(visible)

    def _group(self) -> QgsLayerTreeGroup:
        root = self._project.layerTreeRoot()
        group = root.findGroup(GROUP)
        if group is None:
            group = root.insertGroup(0, GROUP)
            # A view does not open a group that is still empty: it is told to once there is a layer.
            group.setExpanded(False)
        return group

    def _forget(self, layer_ids: list[str]) -> None:
        if self._layer is not None and self._layer.id() in layer_ids:
            self._watch(None)
            self.removed.emit()


def _key(layer: object) -> Optional[tuple[str, str]]:
    if not isinstance(layer, QgsVectorLayer) or not is_result_layer(layer):
        return None
    return layer.customProperty(QUERY_PROPERTY), layer.customProperty(SOURCE_PROPERTY)


def _fill(layer: QgsVectorLayer, results: Results) -> None:
    provider = layer.dataProvider()
    provider.truncate()
    provider.addFeatures([_feature(layer, hit, results.query) for hit in results.hits])
    layer.updateExtents()
    layer.triggerRepaint()


def _select(layer: QgsVectorLayer, ranks: set[Optional[int]]) -> None:
    ids = [feature.id() for feature in layer.getFeatures() if feature["rank"] in ranks]
    if set(ids) != set(layer.selectedFeatureIds()):
        layer.selectByIds(ids)


def _feature(layer: QgsVectorLayer, hit: Hit, query: str) -> QgsFeature:
    feature = QgsFeature(layer.fields())
    feature.setGeometry(polygon_of(hit.ring))
    feature.setAttributes([hit.rank, hit.score, hit.scale_m, query, hit.source])
    return feature
