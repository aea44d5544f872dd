"""What a search is about: a raster layer, as a request to the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsRasterLayer

from msa_model.protocol.errors import BadArgument, QueryEmpty, RasterWithoutCrs
from msa_model.protocol.messages import ScanRequest, SearchRequest
from qgis_msa_plugin.layers.raster_source import raster_ref
from qgis_msa_plugin.search.area import AreaSource
from qgis_msa_plugin.search.text_search import Question
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr


@dataclass(frozen=True)
class Target:
    """A raster and an area of it, cut as the settings say; `title` is the layer's name."""

    layer_id: str
    title: str
    request: ScanRequest

    def question(self, query: str, index: str, k: int) -> Question:
        """The search for `query` among the tiles of `index` that lie in this area."""
        request = SearchRequest(query, (index,), k, self.request.aoi)
        return Question(request, self.request.raster.path, self.title)


def target_of(layer: Optional[QgsRasterLayer], area: AreaSource, settings: Settings) -> Target:
    """The layer and area as a target.

    Raises:
        BadArgument: there is no layer.
        RasterWithoutCrs: QGIS knows no CRS for the layer.
        LayerNotAFile: its pixels come from a server or a database.
        AoiInvalid, AoiOutsideRaster: the area cannot be used.
    """
    if layer is None:
        raise BadArgument(tr("There is no raster layer to search: add one to the map, then choose it here."))
    reference = raster_ref(layer)
    if not layer.crs().isValid():
        raise RasterWithoutCrs(tr("The layer '{name}' has no CRS.").format(name=layer.name()))
    return Target(layer.id(), layer.name(), ScanRequest(reference, area(), settings.scan()))


def asked_query(text: str) -> str:
    """The query without needless blanks.

    Raises:
        QueryEmpty: nothing is left.
    """
    query = " ".join(text.split())
    if not query:
        raise QueryEmpty(tr("The query is empty."))
    return query
