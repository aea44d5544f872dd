"""What a drawn layer is called, and how it looks: the same version as long as its pixels are the same.

How the map shows the project's rasters, so that pictures from the worker look like the map.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import Optional
from urllib.parse import unquote, urlsplit

from qgis.core import (
    QgsContrastEnhancement,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsSingleBandGrayRenderer,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DRAWN
from msa_model.protocol.messages import MapStyle
from msa_model.protocol.redaction import without_secrets
from qgis_msa_plugin.gis.raster_source import raster_ref

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


_BYTE = (0.0, 255.0)

Ends = tuple[float, float]  # the raster's own numbers that are shown dark and bright


class MapStyles(QObject):
    """Follows the raster layers of a project; `changed` tells that one is shown otherwise."""

    changed = pyqtSignal()

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._styles: Optional[tuple[MapStyle, ...]] = None
        project.layersAdded.connect(self._follow)
        project.layersRemoved.connect(self._forget)
        self._follow(list(project.mapLayers().values()))

    def all(self) -> tuple[MapStyle, ...]:
        """The look of every raster file, as its topmost layer shows it."""
        if self._styles is None:
            order = self._project.layerTreeRoot().layerOrder()
            found = (style for style in map(map_style, order) if style is not None)
            self._styles = tuple({style.source: style for style in reversed(list(found))}.values())
        return self._styles

    def release(self) -> None:
        """Follow no more."""
        self._project.layersAdded.disconnect(self._follow)
        self._project.layersRemoved.disconnect(self._forget)
        for layer in self._project.mapLayers().values():
            if isinstance(layer, QgsRasterLayer):
                with suppress(TypeError):
                    layer.rendererChanged.disconnect(self._forget)

    def _follow(self, layers: list[QgsMapLayer]) -> None:
        for layer in layers:
            if isinstance(layer, QgsRasterLayer):
                layer.rendererChanged.connect(self._forget)
        self._forget()

    def _forget(self, *_: object) -> None:
        self._styles = None
        self.changed.emit()


def map_style(layer: Optional[QgsMapLayer]) -> Optional[MapStyle]:
    """How a raster file is shown; nothing for layers that are none, and for what is more than a stretch."""
    if not isinstance(layer, QgsRasterLayer):
        return None
    shown = _bands_shown(layer)
    ends = [_ends(layer, band, enhancement) for band, enhancement in shown]
    known = [pair for pair in ends if pair is not None]
    if not known or len(known) < len(ends):
        return None
    try:
        source = raster_ref(layer).address
    except MsaError:
        return None
    low, high = zip(*known)
    return MapStyle(source, tuple(band for band, _ in shown), low, high)


def _bands_shown(layer: QgsRasterLayer) -> list[tuple[int, Optional[QgsContrastEnhancement]]]:
    """The bands shown as red, green and blue, or as grey, each with its contrast enhancement."""
    renderer = layer.renderer()
    if isinstance(renderer, QgsMultiBandColorRenderer):
        return [
            (renderer.redBand(), renderer.redContrastEnhancement()),
            (renderer.greenBand(), renderer.greenContrastEnhancement()),
            (renderer.blueBand(), renderer.blueContrastEnhancement()),
        ]
    if isinstance(renderer, QgsSingleBandGrayRenderer):
        return [(renderer.grayBand(), renderer.contrastEnhancement())]
    return []


def _ends(layer: QgsRasterLayer, band: int, enhancement: Optional[QgsContrastEnhancement]) -> Optional[Ends]:
    """In the numbers of the file: QGIS shows scaled ones."""
    provider = layer.dataProvider()
    if not 1 <= band <= layer.bandCount():
        return None
    none = QgsContrastEnhancement.ContrastEnhancementAlgorithm.NoEnhancement
    if enhancement is None or enhancement.contrastEnhancementAlgorithm() == none:
        low, high = _BYTE
    else:
        low, high = enhancement.minimumValue(), enhancement.maximumValue()
    scale, offset = provider.bandScale(band), provider.bandOffset(band)
    if not scale or not low < high:
        return None
    low, high = (low - offset) / scale, (high - offset) / scale
    return (high, low) if _is_inverted(layer) else (low, high)


def _is_inverted(layer: QgsRasterLayer) -> bool:
    renderer = layer.renderer()
    white_first = QgsSingleBandGrayRenderer.Gradient.WhiteToBlack
    return isinstance(renderer, QgsSingleBandGrayRenderer) and renderer.gradient() == white_first
