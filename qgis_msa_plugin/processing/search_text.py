"""Algorithms that search: `msa_search:searchtext` and `msa_search:similartiles`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from qgis.core import (
    QgsFeature,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import Example, Source
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.processing.algorithm import Parameters, raster_or_index
from qgis_msa_plugin.processing.searching import SearchAlgorithm
from qgis_msa_plugin.translate import tr


class SearchText(SearchAlgorithm):
    """Rank the tiles of a raster by how well a text describes them."""

    def name(self) -> str:
        """For scripts."""
        return "searchtext"

    def displayName(self) -> str:
        """For people."""
        return tr("Search by text")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Finds the tiles of a raster that fit a description best, for example: a bridge over a wide "
            'river. Terms can be added and avoided, with weights: "car park" + 2:trees - water.\n\n'
            "Choose a raster; what its index lacks is indexed first, unless you switch that off. Or "
            "choose an index file that exists, without its raster.\n\n"
            "The result holds one polygon per tile: rank, score (likeness to the words as a cosine, only "
            "comparable within one query), match (strong, likely, weak, none) and match score (how far the "
            "tile stands out from what background phrases reach on the same raster: strong from 2, likely "
            "from 1, weak from 0; the field is called honest), the phrase that describes it best, side "
            "in metres, share of pixels with data, query and source. The output MATCH says in the same "
            "words whether anything matches well at all. The model reads English best, and fifteen other "
            "languages.\n\n"
            "Save as GeoPackage, GeoJSON or any other format by the extension of the output file."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        for parameter in raster_or_index():
            self.addParameter(parameter)
        self.addParameter(QgsProcessingParameterString("QUERY", tr("What to find")))
        self.add_rest()

    def question(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[str, tuple[Example, ...]]:
        """The text; one that breaks the grammar is refused before the worker starts."""
        query = self.parameterAsString(parameters, "QUERY", context)
        parse_query(query)
        return query.strip(), ()


class SimilarTiles(SearchAlgorithm):
    """Rank the tiles of a raster by how much they look like examples."""

    def name(self) -> str:
        """For scripts."""
        return "similartiles"

    def displayName(self) -> str:
        """For people."""
        return tr("Find similar tiles")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Finds the tiles of a raster that look like an example: a point on it, or the features of a "
            "layer (points are seen with a surrounding of the tile side, polygons by their extent). "
            "Examples to avoid come from a layer of their own. A text may be added; it counts as one more "
            "example.\n\n"
            "Choose a raster; what its index lacks is indexed first, unless you switch that off. Or "
            "choose an index file that exists: its own tiles at the examples' places are looked up then.\n\n"
            "The result is that of 'Search by text'."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        for parameter in raster_or_index():
            self.addParameter(parameter)
        anything = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon]
        number = QgsProcessingParameterNumber.Type.Double
        for parameter in (
            QgsProcessingParameterPoint("POINT", tr("Example point"), optional=True),
            QgsProcessingParameterFeatureSource("EXAMPLES", tr("Examples"), anything, optional=True),
            QgsProcessingParameterFeatureSource("AVOID", tr("Examples to avoid"), anything, optional=True),
            QgsProcessingParameterNumber("SIDE", tr("Side of point examples (m)"), number, 0.0, True, 0.0),
            QgsProcessingParameterString("QUERY", tr("Text besides the examples"), optional=True),
        ):
            self.addParameter(parameter)
        self.add_rest()

    def question(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[str, tuple[Example, ...]]:
        """Examples of all kinds; at least one to find."""
        query = self.parameterAsString(parameters, "QUERY", context).strip()
        if query:
            parse_query(query)
        raster: Optional[Source] = None
        if parameters.get("RASTER") not in (None, ""):
            raster = self.source(self.raster(parameters, context), self.area(parameters, context), bulk=False)
        side = self.parameterAsDouble(parameters, "SIDE", context) or None
        found = [
            *self._point(parameters, context, raster, side),
            *self._features(parameters, context, "EXAMPLES", raster, side),
        ]
        if not found:
            raise BadArgument(tr("Give an example: a point, or a layer with features."))
        avoided = self._features(parameters, context, "AVOID", raster, side)
        return query, (*found, *avoided)

    def _point(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        raster: Optional[Source],
        side: Optional[float],
    ) -> Iterator[Example]:
        if parameters.get("POINT") in (None, ""):
            return
        crs = self.parameterAsPointCrs(parameters, "POINT", context)
        if not crs.isValid() and raster is not None:
            crs = self.raster(parameters, context).crs()
        point = self.parameterAsPoint(parameters, "POINT", context)
        yield Example(
            raster=raster,
            crs=crs_text(crs) if crs.isValid() else "",
            point=(point.x(), point.y()),
            scale_m=side,
        )

    def _features(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        name: str,
        raster: Optional[Source],
        side: Optional[float],
    ) -> list[Example]:
        source = self.parameterAsSource(parameters, name, context)
        if source is None:
            return []
        weight = -1.0 if name == "AVOID" else 1.0
        features = (feature for feature in source.getFeatures() if feature.hasGeometry())
        return [_example(source, feature, weight, raster, side) for feature in features]


def _example(
    source: QgsProcessingFeatureSource,
    feature: QgsFeature,
    weight: float,
    raster: Optional[Source],
    side: Optional[float],
) -> Example:
    crs, geometry = crs_text(source.sourceCrs()), feature.geometry()
    box = geometry.boundingBox()
    if QgsWkbTypes.geometryType(geometry.wkbType()) == QgsWkbTypes.GeometryType.PolygonGeometry:
        bounds = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
        return Example(weight, raster=raster, crs=crs, bounds=bounds)
    centre = box.center()
    return Example(weight, raster=raster, crs=crs, point=(centre.x(), centre.y()), scale_m=side)
