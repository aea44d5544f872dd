"""Hits in the project file, as features that any QGIS shows, with or without this plugin.

A result layer is a memory layer, which a project saves empty. As the project is written, its hits go into a
GeoPackage attached to the project (inside the .qgz), and the layer is written as one of that file. As the
project is read, the plugin makes it a memory layer again, unless somebody has changed the hits meanwhile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from qgis.core import QgsDataProvider, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.marks import ANSWER_PROPERTY, EDITED_PROPERTY, is_result_layer
from qgis_msa_plugin.gis.ours import is_made, is_ours
from qgis_msa_plugin.gis.vector_file import NewLayer
from qgis_msa_plugin.logs import log_warning

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
        if not (is_result_layer(layer) and is_ours(layer) and layer.featureCount()):
            return
        older = self._attached.pop(layer.id(), "")
        if older:
            self._project.removeAttachedFile(older)
        try:
            path = self._attach(layer)
        except (MsaError, OSError) as error:
            log_warning(f"{layer.name()}: the hits are not in the project for others: {error}")
            return
        self._attached[layer.id()] = str(path)
        _set(element, "datasource", f"attachment:{path.name}|layername={_LAYER}")
        _set(element, "provider", "ogr")

    def _attach(self, layer: QgsVectorLayer) -> Path:
        """A file of the project with the hits that the layer shows; its name tells its content."""
        made = Path(self._project.createAttachedFile(f"{_LAYER}.gpkg"))
        made.unlink(missing_ok=True)  # QGIS has made it, empty
        try:
            rows = ((feature.geometry(), feature.attributes()) for feature in layer.getFeatures())
            written = NewLayer(made, _LAYER, layer.fields()).write(layer.wkbType(), layer.crs(), rows)
            digest = digest_of(written)
            del written  # the file is closed with it
            path = Path(self._project.createAttachedFile(f"msa_hits_{digest}.gpkg"))
            made.replace(path)
        finally:
            self._project.removeAttachedFile(str(made))
        return path


def revive(project: QgsProject) -> None:
    """Make memory layers of the answers that a project was opened with, for the plugin to fill."""
    attached = set(project.attachedFiles())
    for layer in list(project.mapLayers().values()):
        path = _attached_file(layer, attached)
        if path is None or not isinstance(layer, QgsVectorLayer):
            continue
        named = _ATTACHED.search(path)
        if layer.isValid() and named is not None and named.group(1) == digest_of(layer):
            _empty_again(layer)
            project.removeAttachedFile(path)
        else:
            layer.setCustomProperty(EDITED_PROPERTY, 1)


def digest_of(layer: QgsVectorLayer) -> str:
    """What tells hits from hits that somebody has changed since."""
    digest = hashlib.sha256()
    for line in sorted(_lines(layer)):
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def _lines(layer: QgsVectorLayer) -> Iterator[str]:
    names: Sequence[str] = [field.name() for field in layer.fields() if field.name() != "fid"]
    yield repr(names)
    for feature in layer.getFeatures():
        yield repr([feature.geometry().asWkt(), *(str(feature[name]) for name in names)])


def _attached_file(layer: QgsMapLayer, attached: set[str]) -> Optional[str]:
    if not (is_result_layer(layer) and is_made(layer) and layer.customProperty(ANSWER_PROPERTY)):
        return None
    path = layer.source().partition("|")[0]
    return path if layer.dataProvider() is not None and path in attached else None


def _empty_again(layer: QgsVectorLayer) -> None:
    from qgis_msa_plugin.map.layer_fill import FIELDS  # noqa: PLC0415  (loading the plugin stays instant)

    crs = layer.crs()
    options = QgsDataProvider.ProviderOptions()
    layer.setDataSource(f"Polygon?{FIELDS}", layer.name(), "memory", options, False)
    layer.setCrs(crs)


def _set(element: QDomElement, name: str, text: str) -> None:
    child = element.firstChildElement(name)
    while not child.firstChild().isNull():
        child.removeChild(child.firstChild())
    child.appendChild(element.ownerDocument().createTextNode(text))
