"""The algorithms in the toolbox and for qgis_process."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from qgis_msa_plugin.places import plugin_version, resource
from qgis_msa_plugin.processing.describe_tile import DescribeTile
from qgis_msa_plugin.processing.index_raster import IndexRaster
from qgis_msa_plugin.processing.search_text import SearchText


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
        for algorithm in (IndexRaster(), SearchText(), DescribeTile()):
            self.addAlgorithm(algorithm)
