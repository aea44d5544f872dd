"""Rasters damaged at random: refused by name, or read as they were; never accepted with pixels cut off."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling

from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import RasterRef, ScanSettings
from msa_model.raster.source import RasterSource
from msa_model.raster.tiles import plan_tiles, read_tiles

MakeRaster = Callable[..., Path]
Textured = Callable[..., NDArray[np.uint8]]

SIDE = 300
KINDS: dict[str, dict[str, object]] = {
    "plain": {},
    "deflate": {"compress": "deflate"},
    "lzw": {"compress": "lzw", "predictor": 2},
    "zstd": {"compress": "zstd"},
    "jpeg": {"compress": "jpeg", "photometric": "ycbcr", "blockxsize": 128, "blockysize": 128},
    "webp": {"compress": "webp", "webp_level": 80},
    "strips": {"compress": "deflate", "tiled": False, "blockxsize": None, "blockysize": None},
    "big": {"compress": "deflate", "bigtiff": "yes"},
    "bands": {"interleave": "band", "compress": "packbits"},
    "png": {"driver": "PNG", "tiled": None, "blockxsize": None, "blockysize": None, "photometric": None},
}
Damage = Callable[[random.Random, bytes], bytes]


def cut(chance: random.Random, content: bytes) -> bytes:
    """Without its end: a download that was broken off."""
    return content[: chance.randrange(len(content))]


def cut_a_little(chance: random.Random, content: bytes) -> bytes:
    return content[: -chance.randrange(1, min(2_500, len(content)))]


def flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 8, 64))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def flip_header(chance: random.Random, content: bytes) -> bytes:
    """In the first or last 600 bytes, where a TIFF's directories lie."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 12))):
        place = chance.randrange(600)
        changed[place if chance.random() < 0.5 else -1 - place] = chance.randrange(256)
    return bytes(changed)


def blank(chance: random.Random, content: bytes) -> bytes:
    """A hole of zeros: a sector that was never written."""
    start = chance.randrange(len(content))
    return (content[:start] + bytes(4096) + content[start + 4096 :])[: len(content)]


def overwrite(chance: random.Random, content: bytes) -> bytes:
    start = chance.randrange(len(content))
    noise = chance.randbytes(chance.randrange(1, 3000))
    return (content[:start] + noise + content[start + len(noise) :])[: len(content)]


DAMAGES: tuple[Damage, ...] = (cut, cut_a_little, flip, flip_header, blank, overwrite)


def seen(path: Path) -> list[bytes] | None:
    """All that a scan reads of a raster, None where it is refused by name; any other error is a fault."""
    try:
        with RasterSource.open(RasterRef(str(path))) as source:
            assert len(source.fingerprint) == 64
            keys = plan_tiles(source, ScanSettings(), None).keys[:40]
            return [batch.pixels.tobytes() + batch.valid.tobytes() for batch in read_tiles(source, keys, 16)]
    except MsaError:
        return None


@pytest.fixture
def make_sound(make_raster: MakeRaster, textured: Textured) -> Callable[[str, bool], list[Path]]:
    """Files of a raster of a kind; a GeoTIFF with overviews, band names and, `masked`, a mask beside it."""

    def make(kind: str, masked: bool) -> list[Path]:
        values = textured(SIDE, SIDE, 1 if kind == "png" else 3)
        path = make_raster(values, f"{kind}.tif", **KINDS[kind])
        if kind != "png":
            with rasterio.open(path, "r+") as dataset:
                dataset.descriptions = ("Rot", "Grün", "Blau")
                dataset.build_overviews([2], Resampling.nearest)
                if masked:
                    dataset.write_mask(np.tri(SIDE, dtype=np.uint8) * 255)
        return [file for file in path.parent.iterdir() if file.name.startswith(kind)]

    return make


def damage_many(make_sound: Callable[[str, bool], list[Path]], times: int, seed: int) -> dict[str, int]:
    """Damages each kind `times` times; returns how often what came of it."""
    counts = {"refused": 0, "as it was": 0, "other pixels": 0}
    for number, kind in enumerate(KINDS):
        for masked in (False, True):
            files = {file: file.read_bytes() for file in make_sound(kind, masked)}
            main = next(file for file in files if file.name == f"{kind}.tif")
            whole = seen(main)
            assert whole is not None
            chance = random.Random(seed + 2 * number + masked)  # noqa: S311
            for _ in range(times):
                victim, damage = chance.choice(sorted(files)), chance.choice(DAMAGES)
                state = chance.getstate()
                victim.write_bytes(damage(chance, files[victim]))
                found = seen(main)
                outcome = "refused" if found is None else "as it was" if found == whole else "other pixels"
                counts[outcome] += 1
                if damage in (cut, cut_a_little):
                    assert outcome != "other pixels", (kind, victim.name, damage.__name__, state[1][:2])
                victim.write_bytes(files[victim])
            for file in files:
                file.unlink()
    return counts


def test_damaged_rasters_are_refused_by_name_or_read_as_they_were(
    make_sound: Callable[[str, bool], list[Path]],
) -> None:
    counts = damage_many(make_sound, 4, seed=1)
    assert sum(counts.values()) == 80
    assert counts["refused"] > 20


@pytest.mark.full_size
def test_two_thousand_damaged_rasters_are_refused_by_name_or_read_as_they_were(
    make_sound: Callable[[str, bool], list[Path]],
) -> None:
    counts = damage_many(make_sound, 100, seed=1000)
    print(counts)
    assert sum(counts.values()) == 2000
    assert counts["refused"] > 500
