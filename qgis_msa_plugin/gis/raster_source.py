"""A raster layer → the file that the worker opens itself, or a refusal that says what to do."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from qgis.core import QgsMultiBandColorRenderer, QgsProject, QgsRasterLayer

from msa_model.protocol.errors import MsaError, RasterMissing
from msa_model.protocol.layers import format_of
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.redaction import without_secrets
from qgis_msa_plugin.translate import tr

# QGIS appends these to what GDAL itself would call the data set.
_SUFFIX = re.compile(r"\|(option|credential|sublayer)\b.*$", re.DOTALL)
# Data sets that live in this process or behind a server, whatever the provider is called.
_NO_FILE = ("<", "/vsimem/", "MEM:", "PG:", "WMS:", "WCS:", "WMTS:", "http:", "https:")


_COMPUTED = ("singlebandpseudocolor", "hillshade", "contour")


class LayerNotAFile(MsaError):
    """The layer's pixels are in no file that the worker could open."""

    kind = "layer_not_a_file"


def raster_ref(layer: QgsRasterLayer) -> RasterRef:
    """The layer's data set as GDAL names it (subdatasets and /vsicurl/ kept) and its RGB bands, if shown so.

    Raises:
        RasterMissing: QGIS itself cannot open the layer.
        LayerNotAFile: the pixels come from a server, a database or memory, or only QGIS knows the CRS.
    """
    if not layer.isValid():
        sentence = tr("The layer '{name}' is broken; its source is {source}.")
        raise RasterMissing(sentence.format(name=layer.name(), source=layer.source()))
    source = _SUFFIX.sub("", layer.source())
    if layer.providerType() != "gdal" or source.startswith(_NO_FILE) or "authcfg=" in source:
        sentence = tr("The layer '{name}' is no local raster file ({provider}).")
        raise LayerNotAFile(sentence.format(name=layer.name(), provider=layer.providerType()))
    if layer.crs().isValid() and layer.crs() != layer.dataProvider().crs():
        sentence = tr("The CRS of the layer '{name}' is not the one in its file.")
        raise LayerNotAFile(sentence.format(name=layer.name()))
    if format_ := format_of(source):
        sentence = tr("The format of the layer '{name}' ({provider}) is read by QGIS, not by the worker.")
        raise LayerNotAFile(sentence.format(name=layer.name(), provider=format_))
    path = Path(source)
    return RasterRef(str(path.absolute()) if path.exists() else source, shown_bands(layer))


def as_in_project(raster: RasterRef, project: QgsProject) -> RasterRef:
    """A raster that a file names, with the secrets that a layer of the project has for its address."""
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer) and without_secrets(layer.source()) == raster.path:
            with suppress(MsaError):
                return RasterRef(raster_ref(layer).path, raster.bands)
    return raster


def has_computed_style(layer: QgsRasterLayer) -> bool:
    """Whether the layer shows what a worker would not see in its bands: shades, or colours of a ramp."""
    return layer.renderer() is not None and layer.renderer().type() in _COMPUTED


def shown_bands(layer: QgsRasterLayer) -> tuple[int, ...]:
    """The bands shown as red, green and blue; none where the layer is not shown in colours of its own."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsMultiBandColorRenderer):
        return ()
    bands = (renderer.redBand(), renderer.greenBand(), renderer.blueBand())
    return bands if min(bands) > 0 else ()
