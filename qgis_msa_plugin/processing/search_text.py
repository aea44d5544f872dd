"""Algorithm `msa_search:searchtext`."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsProcessingContext, QgsProcessingParameterString

from msa_model.protocol.messages import Example
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.processing.algorithm import Parameters
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
        self.add_place()
        self.addParameter(QgsProcessingParameterString("QUERY", tr("What to find")))
        self.add_rest()

    def question(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[str, tuple[Example, ...]]:
        """The text; one that breaks the grammar is refused before the worker starts."""
        query = self.parameterAsString(parameters, "QUERY", context)
        parse_query(query)
        return query.strip(), ()
