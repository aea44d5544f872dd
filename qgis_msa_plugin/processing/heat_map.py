"""Algorithm `msa_search:heatmap`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
)

from msa_model.protocol import methods
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import ScanRequest, SearchRequest
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.gis.replaced import check_map
from qgis_msa_plugin.map.heat_layer import style_heat
from qgis_msa_plugin.processing.algorithm import MsaAlgorithm, Parameters, Results, Run, raster_or_index
from qgis_msa_plugin.processing.layer_style import style_on_loading
from qgis_msa_plugin.processing.searching import index_of
from qgis_msa_plugin.settings import current_settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import write_whole


@dataclass(frozen=True)
class Map:
    """What to show; `scan` makes the index that the question is put to, where there is a raster."""

    question: SearchRequest
    scan: Optional[ScanRequest]
    may_scan: bool
    output: str


class HeatMap(MsaAlgorithm[Map]):
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
        index = self.parameterAsFile(parameters, "INDEX", context)
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
