"""Tiles out of blocks: the same place has the same vector, and no index holds both kinds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msa_model.index.store import TileIndex
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import BadArgument, IndexOfOtherModel
from msa_model.protocol.messages import Aoi, RasterRef, ScanRequest, ScanSettings, ScanSummary
from msa_model.protocol.plan_parts import STAGES
from msa_model.raster.grid import packed
from tests.worker.conftest import EAST, GSD_M, NORTH, write_scene

BLOCKS = ScanSettings(encoding="blocks", scales_m=(128.0,))
SIDE = 1280  # px: a pass and a part of the next one, both ways
NOTHING_DIFFERS = 2e-3  # of a unit vector's numbers, stored in float16


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two passes across, with a corner without data."""
    path = write_scene(tmp_path_factory.mktemp("wide") / "wide.tif", SIDE)
    with rasterio.open(path, "r+") as dataset:
        dataset.nodata = 0
        dataset.write(np.zeros((3, 300, 300), np.uint8), window=((0, 300), (SIDE - 300, SIDE)))
    return path


def scanned(encoder: Encoder, raster: Path, index: Path, area: Aoi | None = None) -> ScanSummary:
    return outcome(scan(encoder, ScanRequest(RasterRef(str(raster)), area, BLOCKS, str(index)), None))


def vectors_of(index: Path) -> dict[int, np.ndarray]:
    with TileIndex.open_for_reading(index) as opened:
        table = opened.load()
    return dict(zip(packed(table.keys).tolist(), table.vectors, strict=True))


@pytest.fixture(scope="module")
def whole(encoder: Encoder, wide: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, np.ndarray]:
    """The vectors of the whole raster, scanned in one go."""
    index = tmp_path_factory.mktemp("whole") / "whole.gpkg"
    summary = scanned(encoder, wide, index)
    assert (summary.encoding, summary.engine) == ("blocks", encoder.engine)
    assert summary.profile is not None
    assert min(summary.profile.reading, summary.profile.encoding, summary.profile.writing) > 0
    assert summary.profile.limit in STAGES
    return vectors_of(index)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_place_has_the_same_vector_whatever_area_is_scanned_first(
    encoder: Encoder,
    wide: Path,
    whole: dict[int, np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    index = tmp_path_factory.mktemp("areas") / "areas.gpkg"
    for _ in range(2):  # the second goes on with what the first left
        x, y = (data.draw(st.integers(0, SIDE - 301)) for _ in range(2))
        box = shapely.box(x, y, x + 300, y + 300)
        place = shapely.transform(box, lambda xy: xy * (GSD_M, -GSD_M) + (EAST, NORTH))
        scanned(encoder, wide, index, Aoi(place.wkt, "EPSG:32633"))
    found = vectors_of(index)
    assert found
    assert all(np.abs(vector - whole[key]).max() < NOTHING_DIFFERS for key, vector in found.items())


def test_a_scan_that_was_cut_off_goes_on_to_the_same_vectors(
    encoder: Encoder, wide: Path, whole: dict[int, np.ndarray], tmp_path: Path
) -> None:
    request = ScanRequest(RasterRef(str(wide)), None, BLOCKS, str(tmp_path / "cut.gpkg"))
    steps = scan(encoder, request, None)
    while next(steps).done == 0:
        pass
    steps.close()
    first = vectors_of(tmp_path / "cut.gpkg")
    assert 0 < len(first) < len(whole)
    summary = scanned(encoder, wide, tmp_path / "cut.gpkg")
    assert summary.reused >= len(first)
    found = vectors_of(tmp_path / "cut.gpkg")
    assert found.keys() == whole.keys()
    assert all(np.abs(vector - whole[key]).max() < NOTHING_DIFFERS for key, vector in found.items())


def test_tiles_with_gaps_are_looked_at_by_themselves(
    encoder: Encoder, wide: Path, whole: dict[int, np.ndarray], tmp_path: Path
) -> None:
    exact = ScanSettings(encoding="exact", scales_m=(128.0,))
    outcome(scan(encoder, ScanRequest(RasterRef(str(wide)), None, exact, str(tmp_path / "e.gpkg")), None))
    with TileIndex.open_for_reading(tmp_path / "e.gpkg") as index:
        table = index.load()
    gaps = [int(key) for key, valid in zip(packed(table.keys), table.valid, strict=True) if valid < 1]
    alone = dict(zip(packed(table.keys).tolist(), table.vectors, strict=True))
    assert alone.keys() == whole.keys()
    assert gaps
    assert all(np.abs(alone[key] - whole[key]).max() < NOTHING_DIFFERS for key in gaps)
    assert min(float(alone[key] @ whole[key]) for key in whole) < 0.999


def test_an_index_goes_on_as_it_was_begun_and_never_otherwise(
    encoder: Encoder, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "begun.gpkg"
    scanned(encoder, scene, index)
    plain = ScanRequest(RasterRef(str(scene)), None, ScanSettings(scales_m=(128.0, 192.0)), str(index))
    assert outcome(scan(encoder, plain, None)).encoding == "blocks"
    exact = ScanRequest(RasterRef(str(scene)), None, ScanSettings(encoding="exact"), str(index))
    with pytest.raises(IndexOfOtherModel, match=r"encoded otherwise \(blocks, not exact\)"):
        outcome(scan(encoder, exact, None))
    odd = ScanRequest(RasterRef(str(scene)), None, ScanSettings(encoding="rows"), str(index))
    with pytest.raises(BadArgument, match="'exact' or 'blocks', not 'rows'"):
        outcome(scan(encoder, odd, None))
