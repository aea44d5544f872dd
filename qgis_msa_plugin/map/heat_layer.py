"""The localisation map of a question as a raster layer, clear where nothing fits and hot where much does."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsSingleBandPseudoColorRenderer

from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.marks import (
    HEAT_PROPERTY,
    add_to_group,
    claim,
    group_of,
    is_heat_layer,
    is_made,
    load_style,
    set_visible,
)
from qgis_msa_plugin.search.state import Heatmap
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_MOST_FILES = 200
_KEPT_NAME = re.compile(r"[0-9a-f]{32}\.tif")
_MADE_BY_WORKER = b">mean score</Item>"  # the description of the band, as GDAL writes it


class HeatLayers:
    """One heat map per question and raster; a new one takes the place of the one before."""

    def __init__(self, project: QgsProject) -> None:
        self._project = project

    def show(self, heatmap: Heatmap) -> Optional[QgsRasterLayer]:
        """Put the map below the outlines of the hits."""
        path = _kept(Path(heatmap.path))
        name = tr("{query} · heat map of {layer}")
        layer = QgsRasterLayer(
            str(path), name.format(query=wording.brief(heatmap.query), layer=heatmap.title)
        )
        if not layer.isValid():
            return None
        if heatmap.crs:  # one that GeoTIFF cannot express
            layer.setCrs(crs_of(heatmap.crs))
        style_heat(layer, heatmap.low, heatmap.high, "change" if heatmap.diverging else "heat")
        key = f"{heatmap.query}\n{heatmap.source}"
        self._remove(key)
        layer.setCustomProperty(HEAT_PROPERTY, key)
        claim(layer)
        # Beneath the results, wherever the user has put these: they start on top of the group.
        add_to_group(self._project, layer, len(group_of(self._project).children()))
        return layer

    def hide_others(self, query: str) -> None:
        """Another question's hits are on the map: heat maps of those before are hidden, as their hits are."""
        for layer in self._project.mapLayers().values():
            if is_heat_layer(layer) and str(layer.customProperty(HEAT_PROPERTY)).partition("\n")[0] != query:
                set_visible(self._project, layer, False)

    def _remove(self, key: str) -> None:
        older = [
            layer.id()
            for layer in self._project.mapLayers().values()
            if is_made(layer) and is_heat_layer(layer) and layer.customProperty(HEAT_PROPERTY) == key
        ]
        if older:
            self._project.removeMapLayers(older)


def style_heat(layer: QgsRasterLayer, low: float, high: float, style: str = "heat") -> None:
    """The style for cosines from `low` (clear) to `high` (hot), or for changes, clear in their middle."""
    load_style(layer, style)
    renderer = layer.renderer()
    if not isinstance(renderer, QgsSingleBandPseudoColorRenderer):
        return
    high = max(high, low + 1e-6)
    renderer.setClassificationMin(low)
    renderer.setClassificationMax(high)
    function = renderer.shader().rasterShaderFunction()
    function.setMinimumValue(low)
    function.setMaximumValue(high)
    function.classifyColorRamp(band=1)
    layer.triggerRepaint()


def heat_folder() -> Path:
    """Where heat maps are kept, so that a project that is opened again finds them."""
    folder = Path(QgsApplication.qgisSettingsDirPath()) / "msa_search" / "heat_maps"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept(path: Path) -> Path:
    """The file in its place for good; the oldest of very many go."""
    folder = heat_folder()
    place = folder / f"{uuid.uuid4().hex}.tif"
    shutil.move(str(path), place)
    files = sorted(folder.glob("*.tif"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_MOST_FILES:]:
        try:
            if _is_kept_map(file):
                file.unlink()
        except OSError:  # a layer of another window shows it
            continue
    return place


def _is_kept_map(file: Path) -> bool:
    """Whether `_kept` put it there, by its name, and the worker made it, by its content."""
    return bool(_KEPT_NAME.fullmatch(file.name)) and _MADE_BY_WORKER in file.read_bytes()
