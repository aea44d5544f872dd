"""The algorithms in the toolbox and for qgis_process."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from qgis_msa_plugin.plugin_files import plugin_version, resource
from qgis_msa_plugin.processing.batch_scan import BatchScan
from qgis_msa_plugin.processing.change_search import ChangeHere, ChangeSearch, SeriesAlgorithm
from qgis_msa_plugin.processing.describe import DescribeFeatures, DescribeTile
from qgis_msa_plugin.processing.index_files import (
    DeleteIndex,
    ExportIndex,
    IndexCoverage,
    ListIndexes,
    MoveIndex,
)
from qgis_msa_plugin.processing.index_raster import ExploreRaster, IndexRaster
from qgis_msa_plugin.processing.layer_style import StyleOnLoading
from qgis_msa_plugin.processing.search_text import HeatMapAlgorithm, SearchText, SimilarTiles

ALGORITHMS = (
    IndexRaster,
    SearchText,
    SimilarTiles,
    ChangeSearch,
    ChangeHere,
    SeriesAlgorithm,
    HeatMapAlgorithm,
    DescribeTile,
    DescribeFeatures,
    ExploreRaster,
    BatchScan,
    IndexCoverage,
    ExportIndex,
    ListIndexes,
    DeleteIndex,
    MoveIndex,
)


class MsaSearchProvider(QgsProcessingProvider):
    """Provider `msa_search`."""

    def id(self) -> str:
        """For scripts."""
        return "msa_search"

    def name(self) -> str:
        """For people."""
        return "MSA Search"

    def versionInfo(self) -> str:
        """The plugin's version."""
        return plugin_version()

    def icon(self) -> QIcon:
        """The plugin's icon."""
        return QIcon(str(resource("icons/msa_search.svg")))

    def loadAlgorithms(self) -> None:
        """Add every algorithm."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def unload(self) -> None:
        """Let the styles go whose layers were never loaded."""
        StyleOnLoading.held.clear()
