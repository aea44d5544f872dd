"""Parameters that several algorithms have, and their values."""

from __future__ import annotations

import os
from typing import Optional

from qgis import utils
from qgis.core import (
    QgsApplication,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QThread

from msa_model.protocol.errors import BadArgument
from qgis_msa_plugin.settings import current_settings, parse_scales
from qgis_msa_plugin.translate import tr

MAX_OVERLAP = 0.875


def absolute(path: str) -> str:
    """A path as the worker finds it, whose working folder is another one; nothing stays nothing."""
    return path if not path or os.path.isabs(path) or "://" in path else os.path.abspath(path)


def scales_of(text: str) -> tuple[float, ...]:
    """Tile sides in metres.

    Raises:
        BadArgument: the text is no list of positive numbers.
    """
    try:
        return parse_scales(text)
    except ValueError as error:
        raise BadArgument(tr("These are no tile sides in metres: {text}").format(text=text)) from error


def raster_parameter(*, optional: bool = False) -> QgsProcessingParameterRasterLayer:
    """The parameter RASTER; in a window it begins with the active layer."""
    return QgsProcessingParameterRasterLayer("RASTER", tr("Raster"), _active_raster(), optional)


def raster_or_index() -> tuple[QgsProcessingParameterDefinition, ...]:
    """The parameters RASTER and, in its stead, INDEX."""
    index = QgsProcessingParameterFile("INDEX", tr("Index file"), extension="gpkg", optional=True)
    return raster_parameter(optional=True), index


def _active_raster() -> Optional[str]:
    """The id of the active layer, if that is a raster; nothing without a window, or in another thread."""
    application = QgsApplication.instance()
    if utils.iface is None or application is None or QThread.currentThread() is not application.thread():
        return None
    layer = utils.iface.activeLayer()
    return layer.id() if isinstance(layer, QgsRasterLayer) else None


def advanced(parameter: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """The parameter, folded away in the dialog."""
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    return parameter


def overlap_parameter() -> QgsProcessingParameterDefinition:
    """The parameter OVERLAP of jobs that scan."""
    text, number, usual = tr("Overlap of tiles"), QgsProcessingParameterNumber.Type.Double, current_settings()
    return advanced(
        QgsProcessingParameterNumber("OVERLAP", text, number, usual.overlap, False, 0.0, MAX_OVERLAP)
    )


def drawn_gsd() -> QgsProcessingParameterDefinition:
    """The parameter GSD of jobs that read layers which QGIS draws."""
    text, number = tr("Pixel size of drawn layers (m, 0: as usual)"), QgsProcessingParameterNumber.Type.Double
    return advanced(QgsProcessingParameterNumber("GSD", text, number, 0.0, False, 0.0))
