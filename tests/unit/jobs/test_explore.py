"""What is in a raster: groups of its indexed tiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from msa_model.jobs.explore import explore, scale_that_counts
from msa_model.jobs.open_files import OpenIndexes, OpenSources
from msa_model.jobs.phrases import PhraseBanks
from msa_model.model.calibration import Calibration
from msa_model.protocol.errors import BadArgument, IndexOfOtherModel, IndexUnreadable
from msa_model.protocol.tile_groups import ExploreReply, ExploreRequest, group_name
from tests.unit.jobs.searching import MODEL, CountingEncoder, as_encoder, text_direction, write_index

CONSTANTS = Calibration(MODEL, 1.0, 1.0, 1.0, 0.0, 0.2, 0.2, ("drawn",), 1)
WEST, EAST = "a river", "a forest"


@pytest.fixture
def raster(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> Path:
    """1,280 px square, 1 m pixels."""
    return make_raster(textured(1280, 1280))


@pytest.fixture
def bank(tmp_path: Path) -> str:
    file = tmp_path / "bank.csv"
    file.write_text(f"phrase\n{WEST}\n{EAST}\n", encoding="utf-8")
    return str(file)


def halves(steps: int = 4, factor: int = 1, size: int = 1280) -> dict[tuple[int, int, int], np.ndarray]:
    """Tiles of a river in the west and a forest in the east, each a little different."""
    drawn, last = np.random.default_rng(1), size // (32 * factor) - 8
    found = {}
    for row in range(0, last + 1, steps):
        for col in range(0, last + 1, steps):
            own = text_direction(WEST if col < last / 2 else EAST) + 0.02 * drawn.standard_normal(16)
            found[factor, row, col] = (own / np.linalg.norm(own)).astype(np.float32)
    return found


def explored(
    indexes: list[str], groups: int, bank: str | None = None, calibrated: bool = True
) -> ExploreReply:
    encoder = CountingEncoder()
    encoder.describing = CONSTANTS if calibrated else None
    own = as_encoder(encoder)
    request = ExploreRequest(tuple(indexes), groups, bank)
    return explore(own, OpenIndexes(MODEL, OpenSources()), PhraseBanks(own), request)


def test_tiles_that_are_alike_are_a_group_that_is_named_and_measured(raster: Path, bank: str) -> None:
    reply = explored([write_index(raster, halves())], 2, bank)
    assert {group.phrase for group in reply.groups} == {WEST, EAST}
    assert {group.verdict for group in reply.groups} == {"strong"}
    assert sum(group.tiles for group in reply.groups) == reply.tiles == 81
    assert sum(group.area_m2 for group in reply.groups) == pytest.approx(1280 * 1280, rel=2e-3)
    assert [group.id for group in reply.groups] == [1, 2]
    assert reply.groups[0].area_m2 >= reply.groups[1].area_m2
    for group in reply.groups:
        shape = shapely.from_wkt(group.shape)
        assert shape.area == pytest.approx(group.area_m2, rel=2e-3)
        assert group.examples
        assert all(shapely.box(*example.bounds).intersects(shape) for example in group.examples)


def test_typical_tiles_do_not_overlap(raster: Path, bank: str) -> None:
    (group,) = explored([write_index(raster, halves())], 1, bank).groups
    boxes = [shapely.box(*example.bounds) for example in group.examples]
    assert len(boxes) == 6
    assert all(a.intersection(b).area < 1e-6 for a in boxes for b in boxes if a is not b)


def test_the_same_index_has_the_same_groups(raster: Path, bank: str) -> None:
    index = write_index(raster, halves())
    assert explored([index], 4, bank) == explored([index], 4, bank)


def test_a_group_that_no_phrase_fits_is_called_by_its_number(raster: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("phrase\na church\n", encoding="utf-8")
    reply = explored([write_index(raster, halves())], 2, str(file))
    assert [group_name(group) for group in reply.groups] == ["group 1", "group 2"]
    assert {group.verdict for group in reply.groups} <= {"weak", "none"}


def test_a_model_that_is_not_calibrated_names_no_group(raster: Path, bank: str) -> None:
    reply = explored([write_index(raster, halves())], 2, bank, calibrated=False)
    assert not reply.calibrated
    assert {group.phrase for group in reply.groups} == {""}


def test_one_scale_counts_so_that_no_ground_counts_twice(raster: Path, bank: str) -> None:
    tiles = halves() | halves(factor=2)
    reply = explored([write_index(raster, tiles)], 2, bank)
    assert reply.tiles == 81
    assert sum(group.area_m2 for group in reply.groups) == pytest.approx(1280 * 1280, rel=2e-3)


def test_while_a_scan_has_few_fine_tiles_the_coarse_ones_count() -> None:
    coarse, fine = np.array([[4, 0, 0], [4, 0, 4]]), np.array([[1, 0, 0], [1, 0, 4]])
    assert scale_that_counts(np.concatenate([coarse, fine]).astype(np.int32)) == 4
    assert scale_that_counts(np.array([[1, 0, n] for n in range(32)] + [[4, 0, 0]], np.int32)) == 1


def test_several_indexes_are_one_answer(
    make_raster: Callable[..., Path], textured: Callable[..., Any], bank: str, tmp_path: Path
) -> None:
    one = write_index(make_raster(textured(1280, 1280), tmp_path / "one.tif"), halves())
    other = write_index(make_raster(textured(1280, 1280), tmp_path / "other.tif"), halves())
    reply = explored([one, other, one], 2, bank)
    assert reply.tiles == 162
    assert sum(group.area_m2 for group in reply.groups) == pytest.approx(2 * 1280 * 1280, rel=2e-3)
    assert {example.tile.index for group in reply.groups for example in group.examples} == {one, other}


@pytest.mark.parametrize("groups", [0, -1, 101])
def test_a_number_of_groups_out_of_range_is_refused(raster: Path, groups: int) -> None:
    with pytest.raises(BadArgument, match="1 to 100 groups"):
        explored([write_index(raster, halves())], groups)


def test_more_groups_than_tiles_are_refused_with_how_many_there_are(raster: Path) -> None:
    few = dict(list(halves().items())[:3])
    with pytest.raises(BadArgument, match="there are 3"):
        explored([write_index(raster, few)], 4)
    assert len(explored([write_index(raster, few, name="again")], 3).groups) == 3


def test_nothing_is_no_index(raster: Path) -> None:
    with pytest.raises(BadArgument, match="name an index"):
        explored([], 3)


def test_an_index_of_another_model_or_a_damaged_one_is_refused_by_name(raster: Path, tmp_path: Path) -> None:
    index = write_index(raster, halves())
    encoder = as_encoder(CountingEncoder())
    with pytest.raises(IndexOfOtherModel, match=r"index\.gpkg"):
        explore(
            encoder, OpenIndexes("b" * 64, OpenSources()), PhraseBanks(encoder), ExploreRequest((index,), 2)
        )
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(Path(index).read_bytes()[:6000])
    with pytest.raises(IndexUnreadable, match="damaged"):
        explored([str(damaged)], 2)
