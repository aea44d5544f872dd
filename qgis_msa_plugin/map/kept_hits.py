"""Hits in the project file, as features that any QGIS shows, with or without this plugin.

A result layer is a memory layer, which a project saves empty. As the project is written, its hits go into a
GeoPackage attached to the project (inside the .qgz), and the layer is written as one of that file, or of the
package beside the project that holds the same (`packaged`). As the project is read, the plugin makes it a
memory layer again, unless somebody has changed the hits meanwhile: those stay a layer of the file.
"""

from __future__ import annotations

import re
from pathlib import Path

from qgis.core import QgsDataProvider, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.marks import (
    ANSWER_PROPERTY,
    EDITED_PROPERTY,
    UNSAVED_PROPERTY,
    has_others_fields,
    has_readable_answer,
    is_made,
    is_result_layer,
    note_fields,
)
from qgis_msa_plugin.gis.vector_file import NewLayer
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.map.packaged import digest_of, is_packaged, packaged_digest, packaged_source

_LAYER = "hits"
_ATTACHED = re.compile(r"msa_hits_([0-9a-f]{16})\.gpkg$")


class KeptHits(QObject):
    """Follows a project for as long as the plugin is loaded."""

    def __init__(self, project: QgsProject, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._attached: dict[str, str] = {}  # files by layer, of the last time that the project was saved
        project.writeMapLayer.connect(self._on_written)
        project.cleared.connect(self._attached.clear)

    def release(self) -> None:
        """Follow no more."""
        self._project.writeMapLayer.disconnect(self._on_written)
        self._project.cleared.disconnect(self._attached.clear)

    def _on_written(self, layer: QgsMapLayer, element: QDomElement, _: QDomDocument) -> None:
        if not _is_in_memory(layer):
            return
        older = self._attached.pop(layer.id(), "")
        if older:
            self._project.removeAttachedFile(older)
        try:
            source = self._keep(layer)
        except (MsaError, OSError) as error:
            log_warning(f"{layer.name()}: the hits are not in the project for others: {error}")
            layer.removeCustomProperty(UNSAVED_PROPERTY)  # QGIS warns as it closes: it would be lost
            return
        _set(element, "datasource", source)
        _set(element, "provider", "ogr")

    def _keep(self, layer: QgsVectorLayer) -> str:
        """Where the project has the hits that the layer shows: in its package, else in a file of its own.

        That file's name tells its content.
        """
        made = Path(self._project.createAttachedFile(f"{_LAYER}.gpkg"))
        made.unlink(missing_ok=True)  # QGIS has made it, empty
        try:
            data = layer.dataProvider()  # without edits that are not saved, and fields of the project alone
            rows = ((feature.geometry(), feature.attributes()) for feature in data.getFeatures())
            written = NewLayer(made, _LAYER, data.fields()).write(layer.wkbType(), layer.crs(), rows)
            digest = digest_of(written)
            del written  # the file is closed with it
            packaged = packaged_source(self._project, digest)
            if packaged:
                return packaged
            path = Path(self._project.createAttachedFile(f"msa_hits_{digest}.gpkg"))
            made.replace(path)
        finally:
            self._project.removeAttachedFile(str(made))
        self._attached[layer.id()] = str(path)
        return f"attachment:{path.name}|layername={_LAYER}"


def restore_memory_layers(project: QgsProject) -> None:
    """Make memory layers of the answers that a project was opened with, for the plugin to fill."""
    attached = set(project.attachedFiles())
    for layer in list(project.mapLayers().values()):
        if not _is_kept_answer(layer):
            continue
        path = layer.source().partition("|")[0]
        if path in attached:
            named = _ATTACHED.search(path)
            promised = named.group(1) if named is not None else ""
        elif is_packaged(project, layer):
            promised = packaged_digest(layer)
        else:
            continue
        if _may_be_made_anew(layer) and promised == digest_of(layer):
            _empty_again(layer)
            if path in attached:
                project.removeAttachedFile(path)
        else:
            layer.setCustomProperty(EDITED_PROPERTY, 1)


def _is_kept_answer(layer: QgsMapLayer) -> bool:
    made = is_result_layer(layer) and is_made(layer) and layer.customProperty(ANSWER_PROPERTY)
    return bool(made) and layer.dataProvider() is not None


def _is_in_memory(layer: QgsMapLayer) -> bool:
    """Whether the hits of the layer would go with QGIS, the user's edits of them, too."""
    kept = is_result_layer(layer) and is_made(layer) and layer.providerType() == "memory"
    return kept and layer.dataProvider().featureCount() > 0


def _may_be_made_anew(layer: QgsVectorLayer) -> bool:
    """Whether the plugin can make all that the layer holds."""
    theirs = layer.customProperty(EDITED_PROPERTY) or has_others_fields(layer)
    return layer.isValid() and has_readable_answer(layer) and not theirs


def _empty_again(layer: QgsVectorLayer) -> None:
    from qgis_msa_plugin.map.layer_fill import FIELDS  # noqa: PLC0415  (loading the plugin stays instant)

    crs = layer.crs()
    options = QgsDataProvider.ProviderOptions()
    layer.setDataSource(f"Polygon?{FIELDS}", layer.name(), "memory", options, False)
    layer.setCrs(crs)
    note_fields(layer)


def _set(element: QDomElement, name: str, text: str) -> None:
    child = element.firstChildElement(name)
    while not child.firstChild().isNull():
        child.removeChild(child.firstChild())
    child.appendChild(element.ownerDocument().createTextNode(text))
