"""Coarse first: the coarsest scale of a raster, and finer tiles only where it matches a question."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from msa_model.cli.main import main
from msa_model.index.store import TileIndex
from msa_model.jobs.engine import Engine
from msa_model.jobs.plan import _middle_inside
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import BadArgument, IndexMissing, QueryEmpty
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSettings, SearchRequest
from msa_model.protocol.plan_parts import Refine
from msa_model.raster.grid import Keys
from msa_model.raster.tiles import tile_boxes
from tests.worker.conftest import write_scene

SCALES = ScanSettings(scales_m=(128.0, 512.0))  # of 1280 px of 0.5 m
FINE, COARSE = 1, 4


@pytest.fixture(scope="module")
def engine(encoder: Encoder) -> Engine:
    return Engine(encoder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("wide") / "wide.tif", 1280)


def request_of(scene: Path, index: Path) -> ScanRequest:
    return ScanRequest(RasterRef(str(scene)), None, SCALES, str(index))


def keys_of(index: Path, factor: int) -> Keys:
    with TileIndex.open_for_reading(index) as opened:
        keys = opened.load().keys
    of_factor: NDArray[np.int32] = keys[keys[:, 0] == factor]
    return of_factor


def test_the_coarsest_scale_comes_first_and_finer_tiles_where_the_question_is(
    engine: Engine, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "scene.gpkg"
    whole = request_of(scene, index)
    plan = outcome(engine.plan(whole))
    coarse = outcome(engine.scan(replace(whole, coarse=True)))
    assert plan.coarse is not None
    assert plan.refined is not None
    assert plan.coarse.missing == coarse.tiles == len(keys_of(index, COARSE)) < plan.missing
    assert not len(keys_of(index, FINE))
    (best,) = engine.search(SearchRequest("a river", (str(index),), k=1)).reply.results
    part = replace(whole, refine=Refine("a river", 1 / coarse.tiles))
    planned = outcome(engine.plan(part))
    assert (planned.coarse, planned.refined) == (None, None)
    summary = outcome(engine.scan(part))
    assert planned.missing == summary.encoded == len(keys_of(index, FINE)) > 0
    x0, y0, x1, y1 = tile_boxes(np.array([[best.factor, best.row, best.col]], np.int32))[0]
    boxes = tile_boxes(keys_of(index, FINE))
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert ((middles >= (x0, y0)) & (middles <= (x1, y1))).all()
    rest = outcome(engine.scan(whole))
    assert rest.reused == coarse.tiles + summary.tiles
    assert rest.tiles == plan.tiles


@given(
    places=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=4),
    tiles=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=20),
)
def test_finer_tiles_are_those_whose_middle_lies_in_a_place(
    places: list[tuple[int, int]], tiles: list[tuple[int, int]]
) -> None:
    coarse = np.array([(COARSE, *place) for place in places], np.int32)
    keys = np.array([(FINE, *tile) for tile in tiles], np.int32)
    boxes, own = tile_boxes(coarse), tile_boxes(keys)
    x, y = ((own[:, i] + own[:, i + 2]) / 2 for i in (0, 1))
    inside = [
        bool(((boxes[:, 0] <= a) & (a < boxes[:, 2]) & (boxes[:, 1] <= b) & (b < boxes[:, 3])).any())
        for a, b in zip(x, y, strict=True)
    ]
    assert _middle_inside(keys, coarse).tolist() == inside


def test_what_cannot_be_refined_is_said_by_name_and_nothing_is_written(
    engine: Engine, scene: Path, tmp_path: Path
) -> None:
    index = tmp_path / "none.gpkg"
    whole = request_of(scene, index)
    with pytest.raises(IndexMissing):
        outcome(engine.plan(replace(whole, refine=Refine("a river"))))
    assert not index.exists()
    outcome(engine.scan(replace(whole, settings=ScanSettings(scales_m=(128.0,)))))
    for refine, error, words in (
        (Refine("a river"), BadArgument, "No tile of the coarsest scale is indexed"),
        (Refine("a river", 0.0), BadArgument, "above 0 and at most at 1"),
        (Refine("  "), QueryEmpty, "no words"),
    ):
        with pytest.raises(error, match=words):
            outcome(engine.scan(replace(whole, refine=refine)))
    with pytest.raises(BadArgument, match="not both"):
        outcome(engine.scan(replace(whole, coarse=True, refine=Refine("a river"))))
    with pytest.raises(BadArgument, match="leave --scheduler out"):
        outcome(scan(engine.encoder, replace(whole, refine=Refine("a river")), None))


def test_the_command_line_tells_both_costs(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = [str(scene), "--device", "cpu", "--scales", "128,512", "--json"]
    assert main(["index", *place, "--plan"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert main(["index", *place, "--coarse-first"]) == 0
    assert json.loads(capsys.readouterr().out)["encoded"] == plan["coarse"]["missing"]
    assert main(["index", *place, "--refine", "a river", "--plan"]) == 0
    refined = json.loads(capsys.readouterr().out)
    assert 0 < refined["missing"] < plan["missing"]
