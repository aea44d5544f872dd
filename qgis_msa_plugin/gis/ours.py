"""Which layers are the plugin's own to write into: in memory, made by it, not touched by the user since.

What the user has saved (Make Permanent…), edited or copied is the user's for good: answers go elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsFeature, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.gis.marks import ANSWER_PROPERTY, EDITED_PROPERTY, MADE_PROPERTY, UNSAVED_PROPERTY

_NAME = "msaOwnLayer"


def claim(layer: QgsMapLayer) -> None:
    """The plugin has just made this layer; it stays its own until the user takes it over."""
    layer.setCustomProperty(MADE_PROPERTY, layer.id())
    _follow(layer)


def follow(project: QgsProject) -> None:
    """From now on, notice what the user does with the plugin's layers of the project."""
    for layer in project.mapLayers().values():
        if is_made(layer):
            _follow(layer)


def is_made(layer: object) -> bool:
    """Whether the plugin made this very layer: copies of it, or of its style, name another one."""
    return isinstance(layer, QgsMapLayer) and layer.customProperty(MADE_PROPERTY) == layer.id()


def is_ours(layer: object) -> bool:
    """Whether the plugin may write into this layer now; to be asked before every write."""
    return (
        isinstance(layer, QgsVectorLayer)
        and layer.isValid()
        and layer.providerType() == "memory"
        and is_made(layer)
        and not layer.customProperty(EDITED_PROPERTY)
        and not layer.isEditable()
    )


def feature_of(layer: QgsVectorLayer, values: dict[str, object]) -> QgsFeature:
    """A new feature with these values, by name of field; names that the layer has not are left out."""
    feature = QgsFeature(layer.fields())
    for name, value in values.items():
        position = layer.fields().indexFromName(name)
        if position >= 0:
            feature.setAttribute(position, value)
    return feature


def replace_features(layer: QgsVectorLayer, features: Sequence[QgsFeature]) -> None:
    """Put these features in the place of all that the layer holds, if it still is the plugin's own."""
    if not is_ours(layer):
        return
    provider = layer.dataProvider()
    provider.truncate()
    provider.addFeatures(features)
    layer.updateExtents()
    layer.triggerRepaint()


class _Watch(QObject):
    """Belongs to a layer that the plugin made, and notes that the user takes it over."""

    def __init__(self, layer: QgsVectorLayer) -> None:
        super().__init__(layer)
        self.setObjectName(_NAME)
        self._layer = layer
        layer.editingStarted.connect(self._on_taken)
        layer.dataSourceChanged.connect(self._on_taken)
        layer.afterCommitChanges.connect(self._on_changed)

    def _on_taken(self) -> None:
        self._layer.setCustomProperty(EDITED_PROPERTY, 1)

    def _on_changed(self) -> None:
        """What the user has changed is no answer of ours any more, and QGIS is to warn before it is lost."""
        self._on_taken()
        self._layer.removeCustomProperty(UNSAVED_PROPERTY)
        self._layer.removeCustomProperty(ANSWER_PROPERTY)


def _follow(layer: QgsMapLayer) -> None:
    if isinstance(layer, QgsVectorLayer) and layer.findChild(QObject, _NAME) is None:
        _Watch(layer)
