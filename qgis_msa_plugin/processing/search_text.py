"""Algorithms that search: `msa_search:searchtext`, `msa_search:similartiles` and `msa_search:heatmap`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsFeature,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import Example, ScanRequest, SearchRequest, Source
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.gis.geometry import crs_text
from qgis_msa_plugin.gis.replaced_files import check_map
from qgis_msa_plugin.map.heat_layer import style_heat
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run
from qgis_msa_plugin.processing.layer_style import style_on_loading
from qgis_msa_plugin.processing.parameters import raster_or_index
from qgis_msa_plugin.processing.searching import SearchAlgorithm, index_of
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import write_whole


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
            "from 1, weak from 0; the field is called match_score), the phrase that describes it best, side "
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


@dataclass(frozen=True)
class Map:
    """What to show; `scan` makes the index that the question is put to, where there is a raster."""

    question: SearchRequest
    scan: Optional[ScanRequest]
    may_scan: bool
    output: str


class HeatMapAlgorithm(MsaAlgorithm[Map]):
    """The localisation map of a text as a raster."""

    def name(self) -> str:
        """For scripts."""
        return "heatmap"

    def displayName(self) -> str:
        """For people."""
        return tr("Heat map of a text")

    def shortHelpString(self) -> str:
        """What the algorithm does."""
        return tr(
            "Shows where a raster fits a description: each cell has the mean likeness (cosine) of all tiles "
            "that cover it, of all sizes. The text may add and avoid terms, with weights: "
            '"car park" + 2:trees - water.\n\n'
            "Choose a raster; what its index lacks is indexed first, unless you switch that off. Or "
            "choose an index file that exists.\n\n"
            "The result is a GeoTIFF of 32-bit numbers in the raster's CRS, with no data where nothing is "
            "indexed. Outputs LOW and HIGH: the scores between which the layer's style goes from clear to "
            "hot, the median of all cells and what 1 in 200 exceeds. There is a hottest place for every "
            "text: 'Search by text' tells whether it is really there."
        )

    def initAlgorithm(self, configuration: Optional[Parameters] = None) -> None:
        """Declare parameters and outputs."""
        for parameter in raster_or_index():
            self.addParameter(parameter)
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        for parameter in (
            QgsProcessingParameterString("QUERY", tr("What to find")),
            QgsProcessingParameterFeatureSource("AOI", tr("Area of interest"), polygons, optional=True),
            QgsProcessingParameterBoolean("SCAN", tr("Index first what is not indexed yet"), True),
            QgsProcessingParameterRasterDestination("OUTPUT", tr("Heat map")),
        ):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("LOW", tr("Score from which the map has colour")))
        self.addOutput(QgsProcessingOutputNumber("HIGH", tr("Score from which the map is hottest")))

    def job_of(self, parameters: Parameters, context: QgsProcessingContext) -> Map:
        """Read text, raster or index, and area."""
        query = self.parameterAsString(parameters, "QUERY", context)
        parse_query(query)
        aoi = self.area(parameters, context)
        index = self.file(parameters, "INDEX", context)
        scan = None
        if parameters.get("RASTER") not in (None, ""):
            layer = self.raster(parameters, context)
            scan = self.scan(layer, aoi, current_settings().scan(), index)
        elif not index:
            raise BadArgument(tr("Choose a raster or an index file."))
        return Map(
            question=SearchRequest(query, (index,), aoi=aoi),
            scan=scan,
            may_scan=self.parameterAsBoolean(parameters, "SCAN", context),
            output=self.parameterAsOutputLayer(parameters, "OUTPUT", context),
        )

    def run_job(self, job: Map, run: Run) -> Results:
        """Index what is missing, then ask for the map and write it."""
        with self.worker(run.feedback) as worker:
            question = job.question
            if job.scan is not None:
                partly = tr("Only the tiles that are indexed are shown.")
                index = index_of(
                    worker, job.scan, run.feedback, question, may_scan=job.may_scan, partly=partly
                )
                question = replace(question, indexes=(index,))
            reply, content = worker.call_for_bytes(methods.HEATMAP, question)
        _write(job.output, content, reply.crs_apart)
        run.feedback.pushInfo(
            tr("{width} × {height} cells, scores {low:.3f} to {high:.3f}.").format(
                width=reply.width, height=reply.height, low=reply.low, high=reply.high
            )
        )
        style = partial(style_heat, low=reply.low, high=reply.high)
        style_on_loading(run.context, job.output, style, reply.query)
        return {"OUTPUT": job.output, "LOW": reply.low, "HIGH": reply.high}


def _write(path: str, content: bytes, crs_apart: str) -> None:
    """Write the map, and beside it the CRS where GeoTIFF cannot hold it, as GDAL does.

    Raises:
        BadArgument, FileNotOurs, folder_read_only: it cannot be written there.
    """
    place, beside = Path(path), Path(f"{path}.aux.xml")
    if place.suffix.lower() not in (".tif", ".tiff"):
        raise BadArgument(
            tr("A heat map is a GeoTIFF: let its name end in .tif, not {path}").format(path=path)
        )
    check_map(place)
    try:
        write_whole(place, content)
        if crs_apart:
            write_whole(beside, crs_apart.encode())
        elif beside.exists():  # it told of the map that was there before
            beside.unlink()
    except OSError as error:
        text = tr("The heat map cannot be written to {path}: {reason}")
        raise MsaError.of("folder_read_only", text.format(path=path, reason=error.strerror)) from error
