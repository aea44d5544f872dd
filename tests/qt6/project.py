# ruff: noqa: ANN401, N802, N803, N815  (names and loose types of QGIS's interfaces)
"""Layers that hold nothing, the project that lists them, and the models over that list."""

from __future__ import annotations

from typing import Any, ClassVar

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QSortFilterProxyModel, Qt, pyqtSignal

from tests.qt6.core import QgsCoordinateReferenceSystem, QgsRectangle


class QgsMapLayer(QObject):
    """A layer's name, place and properties."""

    nameChanged = pyqtSignal()
    willBeDeleted = pyqtSignal()
    dataChanged = pyqtSignal()
    rendererChanged = pyqtSignal()
    styleChanged = pyqtSignal()

    def __init__(self, source: str = "", name: str = "", provider: str = "gdal") -> None:
        super().__init__()
        self._source, self._name, self._provider = source, name, provider
        self._properties: dict[str, Any] = {}
        self._id = f"{name}_{id(self)}"

    def id(self) -> str:
        return self._id

    def name(self) -> str:
        return self._name

    def setName(self, name: str) -> None:
        self._name = name
        self.nameChanged.emit()

    def source(self) -> str:
        return self._source

    def providerType(self) -> str:
        return self._provider

    def isValid(self) -> bool:
        return True

    def crs(self) -> QgsCoordinateReferenceSystem:
        return QgsCoordinateReferenceSystem("EPSG:3857")

    def customProperty(self, key: str, default: Any = None) -> Any:
        return self._properties.get(key, default)

    def setCustomProperty(self, key: str, value: Any) -> None:
        self._properties[key] = value


class QgsRasterInterface:
    """What a raster's provider can tell."""

    class Capability:
        Size = 4


class QgsRasterLayer(QgsMapLayer):
    """A raster that is never read; its own provider."""

    def renderer(self) -> None:
        return None

    def temporalProperties(self) -> None:
        return None

    def dataProvider(self) -> QgsRasterLayer:
        return self

    def capabilities(self) -> int:
        return QgsRasterInterface.Capability.Size

    def nativeResolutions(self) -> list[float]:
        return []

    def width(self) -> int:
        return 1024

    height = width

    def extent(self) -> QgsRectangle:
        return QgsRectangle(1000.0, 1488.0, 1512.0, 2000.0)


class QgsVectorLayer(QgsMapLayer):
    """A vector layer without features."""

    selectionChanged = pyqtSignal()

    def getFeatures(self) -> tuple[()]:
        return ()


class QgsLayerTreeLayer:
    """A layer in the layer tree, which has no groups."""

    def __init__(self, layer: QgsMapLayer | None) -> None:
        self._layer = layer

    def layer(self) -> QgsMapLayer | None:
        return self._layer

    def parent(self) -> QgsLayerTreeLayer | None:
        return None if self._layer is None else QgsLayerTreeLayer(None)


class QgsProject(QObject):
    """The project's layers, and the root of its layer tree."""

    addedChildren = pyqtSignal(object)
    removedChildren = pyqtSignal(object)
    nameChanged = pyqtSignal(object)
    layersAdded = pyqtSignal(list)
    layersWillBeRemoved = pyqtSignal(list)
    layersRemoved = pyqtSignal(list)
    readProject = pyqtSignal()
    writeProject = pyqtSignal()
    cleared = pyqtSignal()
    _only: ClassVar[QgsProject | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._layers: dict[str, QgsMapLayer] = {}
        self._entries: dict[tuple[str, str], str] = {}

    @classmethod
    def instance(cls) -> QgsProject:
        if cls._only is None:
            cls._only = cls()
        return cls._only

    def absolutePath(self) -> str:
        return ""

    def layerTreeRoot(self) -> QObject:
        return self

    def findLayers(self) -> list[QgsLayerTreeLayer]:
        return [QgsLayerTreeLayer(layer) for layer in self._layers.values()]

    def findLayer(self, layer_id: str) -> QgsLayerTreeLayer | None:
        layer = self._layers.get(layer_id)
        return None if layer is None else QgsLayerTreeLayer(layer)

    def layerOrder(self) -> list[QgsMapLayer]:
        return list(self._layers.values())

    def readEntry(self, scope: str, key: str, default: str = "") -> tuple[str, bool]:
        return self._entries.get((scope, key), default), (scope, key) in self._entries

    def writeEntry(self, scope: str, key: str, value: str) -> bool:
        self._entries[scope, key] = value
        return True

    def removeEntry(self, scope: str, key: str) -> bool:
        return self._entries.pop((scope, key), None) is not None

    def addMapLayer(self, layer: QgsMapLayer, addToLegend: bool = True) -> QgsMapLayer:
        self._layers[layer.id()] = layer
        self.layersAdded.emit([layer])
        self.addedChildren.emit(self)
        return layer

    def removeMapLayer(self, layer_id: str) -> None:
        self.layersWillBeRemoved.emit([layer_id])
        del self._layers[layer_id]
        self.layersRemoved.emit([layer_id])
        self.removedChildren.emit(self)

    def mapLayers(self) -> dict[str, QgsMapLayer]:
        return dict(self._layers)

    def mapLayer(self, layer_id: str) -> QgsMapLayer | None:
        return self._layers.get(layer_id)

    def removeAllMapLayers(self) -> None:
        for layer_id in list(self._layers):
            self.removeMapLayer(layer_id)

    def clear(self) -> None:
        self.removeAllMapLayers()
        self._entries.clear()
        self.cleared.emit()


class QgsMapLayerModel(QAbstractListModel):
    """The project's layers as a list."""

    class CustomRole:
        Layer = Qt.ItemDataRole.UserRole + 1

    LayerRole = CustomRole.Layer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: list[QgsMapLayer] = []
        self._checkable, self._checked = False, set[str]()
        project = QgsProject.instance()
        project.layersAdded.connect(self._add)
        project.layersWillBeRemoved.connect(self._remove)
        self._shown = list(project.mapLayers().values())

    def setItemsCheckable(self, checkable: bool) -> None:
        self._checkable = checkable

    def layerFromIndex(self, index: QModelIndex) -> QgsMapLayer | None:
        return self._shown[index.row()] if index.isValid() else None

    def _add(self, layers: list[QgsMapLayer]) -> None:
        first = len(self._shown)
        for layer in layers:
            layer.nameChanged.connect(self._rename)
        self.beginInsertRows(QModelIndex(), first, first + len(layers) - 1)
        self._shown += layers
        self.endInsertRows()

    def _rename(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))

    def _remove(self, layer_ids: list[str]) -> None:
        for layer_id in layer_ids:
            row = next(row for row, layer in enumerate(self._shown) if layer.id() == layer_id)
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._shown[row]
            self.endRemoveRows()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return len(self._shown)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        layer = self._shown[index.row()]
        if role == self.LayerRole:
            return layer
        if role == Qt.ItemDataRole.CheckStateRole and self._checkable:
            return Qt.CheckState.Checked if layer.id() in self._checked else Qt.CheckState.Unchecked
        return layer.name() if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        change = self._checked.add if Qt.CheckState(value) == Qt.CheckState.Checked else self._checked.discard
        change(self._shown[index.row()].id())
        self.dataChanged.emit(index, index)
        return True


class QgsMapLayerProxyModel(QSortFilterProxyModel):
    """The layers of the wanted kind."""

    class Filter:
        RasterLayer = QgsRasterLayer
        PolygonLayer = QgsVectorLayer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kind: type = QgsMapLayer
        self.setSourceModel(QgsMapLayerModel(self))
        self.sort(0)

    def setFilters(self, kind: type) -> None:
        self._kind = kind
        self.invalidateFilter()

    def sourceLayerModel(self) -> QgsMapLayerModel:
        return self.sourceModel()

    def acceptsLayer(self, layer: QgsMapLayer) -> bool:
        return isinstance(layer, self._kind)

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        return self.acceptsLayer(self.sourceModel().index(row, 0).data(QgsMapLayerModel.LayerRole))
