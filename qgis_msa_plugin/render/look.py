"""What a drawn layer is called, and how it looks: the same version as long as its pixels are the same."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote, urlsplit

from qgis.core import QgsMapLayer, QgsRasterLayer, QgsReadWriteContext
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from msa_model.protocol.drawn_layer import DRAWN
from msa_model.protocol.redaction import without_secrets

_SERVED = ("wms", "arcgismapserver", "wcs")  # providers: WMTS and XYZ are "wms", too
# Not part of the pixels that are sent: layers are drawn opaque.
_OPACITY = ("opacity", "layerOpacity")


def shown_source(layer: QgsMapLayer) -> str:
    """The layer's provider and source without secrets, as indexes and hits name it."""
    provider = layer.dataProvider()
    name = provider.name() if provider is not None else ""
    return f"{DRAWN}{name}:{unquote(without_secrets(layer.source()))}"


def version_of(layer: QgsMapLayer) -> str:
    """Sha256 (hex) over what the layer's pixels come from and how they are shown, opacity left out."""
    return hashlib.sha256(f"{shown_source(layer)}\n{_style(layer)}".encode()).hexdigest()


def is_served(layer: QgsMapLayer) -> bool:
    """Whether pictures come from a server whenever the layer is drawn, even where its address is misspelt."""
    source = unquote(unquote(layer.source()))
    local = "file:" in source or "type=mbtiles" in source
    return isinstance(layer, QgsRasterLayer) and layer.providerType() in _SERVED and not local


def host_of(layer: QgsMapLayer) -> str:
    """The server that draws the layer; empty for a file or a database."""
    for part in re.findall(r"https?://[^&\s|]+", unquote(layer.source())):
        return urlsplit(part).hostname or ""
    return ""


def _style(layer: QgsMapLayer) -> str:
    """The style as text of one form: Qt writes attributes in an order that changes from run to run."""
    document = QDomDocument()
    layer.exportNamedStyle(document, QgsReadWriteContext(), QgsMapLayer.StyleCategory.Symbology)
    root = document.documentElement()
    pipe = root.firstChildElement("pipe") if isinstance(layer, QgsRasterLayer) else root
    return "".join(map(_written, _children(root if pipe.isNull() else pipe)))


def _written(element: QDomElement) -> str:
    """The element with its attributes in the order of their names."""
    attributes = element.attributes()
    names = sorted(attributes.item(place).nodeName() for place in range(attributes.count()))
    pairs = [(name, element.attribute(name)) for name in names if name not in _OPACITY]
    children = _children(element)
    content = "".join(map(_written, children)) if children else element.text()
    return f"<{element.tagName()} {pairs}>{content}</>"


def _children(element: QDomElement) -> list[QDomElement]:
    found = []
    child = element.firstChildElement()
    while not child.isNull():
        found.append(child)
        child = child.nextSiblingElement()
    return found
