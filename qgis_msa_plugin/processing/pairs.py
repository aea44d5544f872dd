"""The two rasters that an algorithm about two dates reads."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterRasterLayer, QgsRasterLayer

from msa_model.protocol.errors import BadArgument
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters
from qgis_msa_plugin.translate import tr

_NAMES = ("BEFORE", "AFTER")


def pair_parameters() -> tuple[QgsProcessingParameterRasterLayer, ...]:
    """The parameters BEFORE and AFTER."""
    texts = (tr("Raster before"), tr("Raster after"))
    return tuple(QgsProcessingParameterRasterLayer(name, text) for name, text in zip(_NAMES, texts))


def pair_of(
    algorithm: MsaAlgorithm[Any], parameters: Parameters, context: QgsProcessingContext
) -> tuple[QgsRasterLayer, QgsRasterLayer]:
    """The layers that are chosen.

    Raises:
        BadArgument: there is none of that name.
    """
    before, after = (_layer(algorithm, parameters, context, name) for name in _NAMES)
    return before, after


def _layer(
    algorithm: MsaAlgorithm[Any], parameters: Parameters, context: QgsProcessingContext, name: str
) -> QgsRasterLayer:
    layer = algorithm.parameterAsRasterLayer(parameters, name, context)
    if layer is None:
        raise BadArgument(tr("There is no such raster layer: {name}").format(name=parameters.get(name)))
    return layer
