"""How layers of this plugin are told from others, by custom properties that a project keeps, and drawn.

The group of the layer tree that holds what this plugin adds.
Which layers are the plugin's own to write into: in memory, made by it, not touched by the user since.

What the user has saved (Make Permanent…), edited or copied is the user's for good: answers go elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsFeature, QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.plugin_files import resource

GROUP = "MSA Search"
QUERY_PROPERTY = "msa_search/query"
SOURCE_PROPERTY = "msa_search/source"
KEY_PROPERTY = "msa_search/key"  # tells questions apart, words and examples
ANSWER_PROPERTY = "msa_search/answer"  # what fills the layer again when the project is opened
ANSWER_VERSION = 4  # of that text, which begins with it
MADE_PROPERTY = "msa_search/made"  # the id of the layer that the plugin made (see `is_made`)
FIELDS_PROPERTY = "msa_search/fields"  # those that the plugin gave it, a line each
EDITED_PROPERTY = "msa_search/edited"  # the user has taken it over: it is theirs, and filled no more
HEAT_PROPERTY = "msa_search/heat"
UNSAVED_PROPERTY = "skipMemoryLayersCheck"  # QGIS's own: do not warn that the layer is lost, it is not


def is_result_layer(layer: object) -> bool:
    """Whether the layer holds tiles that a search found."""
    return isinstance(layer, QgsVectorLayer) and layer.customProperty(QUERY_PROPERTY) is not None


def has_readable_answer(layer: QgsMapLayer) -> bool:
    """Whether the layer's answer is of this version, as far as its first letters tell."""
    return str(layer.customProperty(ANSWER_PROPERTY)).startswith(f'{{"version":{ANSWER_VERSION},')


def is_heat_layer(layer: object) -> bool:
    """Whether the layer is the localisation map of a query."""
    return isinstance(layer, QgsMapLayer) and layer.customProperty(HEAT_PROPERTY) is not None


def load_style(layer: QgsMapLayer, name: str) -> None:
    """Draw the layer in the plugin's style of that name; where QGIS cannot read it, the log says why."""
    why, loaded = layer.loadNamedStyle(str(resource(f"styles/{name}.qml")))
    if not loaded:
        log_warning(f"{name}.qml: {why}")


def add_to_group(project: QgsProject, layer: QgsMapLayer, position: int = 0) -> None:
    """Add a layer to the project, in the group."""
    added = project.addMapLayer(layer, False)
    group = group_of(project)
    group.insertLayer(position, added).setExpanded(False)
    group.setExpanded(True)


def group_of(project: QgsProject) -> QgsLayerTreeGroup:
    """The group, on top of the layer tree unless the user has moved it."""
    root = project.layerTreeRoot()
    group = root.findGroup(GROUP)
    if group is None:
        group = root.insertGroup(0, GROUP)
        # A view does not open a group that is still empty: it is told to once there is a layer.
        group.setExpanded(False)
    return group


def set_visible(project: QgsProject, layer: QgsMapLayer, visible: bool) -> None:
    """Check or uncheck the layer in the layer tree."""
    node = project.layerTreeRoot().findLayer(layer.id())
    if node is not None:
        node.setItemVisibilityChecked(visible)


_NAME = "msaOwnLayer"


def claim(layer: QgsMapLayer) -> None:
    """The plugin has just made this layer; it stays its own until the user takes it over."""
    layer.setCustomProperty(MADE_PROPERTY, layer.id())
    if isinstance(layer, QgsVectorLayer):
        note_fields(layer)
    _follow(layer)


def note_fields(layer: QgsVectorLayer) -> None:
    """The fields that the layer has now are the plugin's: those that come later are somebody else's."""
    layer.setCustomProperty(FIELDS_PROPERTY, "\n".join(layer.dataProvider().fields().names()))


def has_others_fields(layer: QgsVectorLayer) -> bool:
    """Whether its data have a field that the plugin did not make, as scripts add; `fid` is the file's."""
    own = layer.customProperty(FIELDS_PROPERTY)
    there = set(layer.dataProvider().fields().names()) - {"fid"}
    return own is not None and not there <= set(str(own).splitlines())


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
        and not has_others_fields(layer)
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
