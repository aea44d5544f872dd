"""The group of the layer tree that holds what this plugin adds."""

from __future__ import annotations

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject

from qgis_msa_plugin.gis.marks import GROUP


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
