"""How the map shows the project's rasters, so that pictures from the worker look like the map."""

from __future__ import annotations

from contextlib import suppress
from typing import Optional

from qgis.core import (
    QgsContrastEnhancement,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandGrayRenderer,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import MapLook
from qgis_msa_plugin.gis.raster_source import raster_ref

_BYTE = (0.0, 255.0)

Ends = tuple[float, float]  # the raster's own numbers that are shown dark and bright


class MapLooks(QObject):
    """Follows the raster layers of a project; `changed` tells that one is shown otherwise."""

    changed = pyqtSignal()

    def __init__(self, project: QgsProject, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._project = project
        self._looks: Optional[tuple[MapLook, ...]] = None
        project.layersAdded.connect(self._follow)
        project.layersRemoved.connect(self._forget)
        self._follow(list(project.mapLayers().values()))

    def all(self) -> tuple[MapLook, ...]:
        """The look of every raster file, as its topmost layer shows it."""
        if self._looks is None:
            order = self._project.layerTreeRoot().layerOrder()
            found = (look for look in map(map_look, order) if look is not None)
            self._looks = tuple({look.source: look for look in reversed(list(found))}.values())
        return self._looks

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
        self._looks = None
        self.changed.emit()


def map_look(layer: Optional[QgsMapLayer]) -> Optional[MapLook]:
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
    return MapLook(source, tuple(band for band, _ in shown), low, high)


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
