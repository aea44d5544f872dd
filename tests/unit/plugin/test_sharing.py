"""Which files a message names, and what stands in their place where the worker does not see them."""

from __future__ import annotations

import pytest

from msa_model.protocol.batch import BatchRequest, DatedPair
from msa_model.protocol.changing import PairRequest
from msa_model.protocol.errors import MsaError, RasterMissing, RasterUnreadable
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, Example, RasterRef, ScanRequest, SearchRequest
from qgis_msa_plugin.worker.sharing import is_unseen, paths_in, with_sources

HERE, GONE = RasterRef(__file__), RasterRef("/nowhere/town.tif", (1, 2, 3))
DRAWN = DrawnLayer("qgis:wms:map", "map", "1", "EPSG:3857", (0.5, 0.0, 0.0, 0.0, -0.5, 0.0), 100, 100)


@pytest.mark.parametrize(
    ("message", "paths"),
    [
        (ScanRequest(GONE, Aoi("POINT (1 2)", "EPSG:4326")), [GONE.path]),
        (ScanRequest(DRAWN), []),
        (PairRequest(HERE, GONE), [HERE.path, GONE.path]),
        (SearchRequest("", ("a.gpkg",), examples=(Example(1.0, raster=HERE),)), [HERE.path]),
        (BatchRequest((HERE, GONE), "out.gpkg", here=(HERE.path, "/out")), [HERE.path, "/out"]),
        ("a text", []),
    ],
)
def test_the_files_that_a_message_names_are_found_at_any_depth(message: object, paths: list[str]) -> None:
    assert list(paths_in(message)) == paths


@pytest.mark.parametrize(
    ("error", "raster", "unseen"),
    [
        (RasterMissing("There is none."), HERE, True),
        (RasterMissing("There is none."), GONE, False),
        (RasterUnreadable("It is damaged."), HERE, False),
    ],
)
def test_only_a_file_that_is_here_is_unseen(error: MsaError, raster: RasterRef, unseen: bool) -> None:
    assert is_unseen(error, ScanRequest(raster)) is unseen


def test_where_one_of_two_files_is_gone_the_other_is_no_reason_to_doubt_the_worker() -> None:
    missing = RasterMissing("There is none.")
    assert not is_unseen(missing, PairRequest(HERE, GONE))
    assert not is_unseen(missing, ScanRequest(DRAWN))


def test_other_sources_take_the_place_of_files_and_nothing_else_changes() -> None:
    request = BatchRequest((HERE, DRAWN), "out.gpkg", pairs=(DatedPair(GONE, HERE, "2020", "2021"),))
    drawn = BatchRequest((DRAWN, DRAWN), "out.gpkg", pairs=(DatedPair(GONE, DRAWN, "2020", "2021"),))
    assert with_sources(request, lambda raster: DRAWN if raster == HERE else raster) == drawn
