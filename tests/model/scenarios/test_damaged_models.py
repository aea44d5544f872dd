"""Model folders with anything damaged are refused by name, or give unit vectors: nothing else happens."""
# ruff: noqa: S311  (seeded damage)

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from msa_model.model.checkpoint import CONFIG, MANIFEST, WEIGHTS, write_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.loading import load_encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.errors import MsaError
from tests.model.open_towers import DIMENSION, OpenClip
from tests.model.test_open_clip import VIT
from tests.model.tiny_models import WIDTH, clip, text_encoder
from tests.model.tiny_other_models import open_clip, siglip

KINDS = ("checkpoint", "clip", "siglip", "open_clip")
FEW, MANY = 4, 250  # damaged folders of a kind
LARGE, ENDLESS = 2**30, 2**40  # bytes
REFUSALS = {
    "checkpoint_missing",
    "checkpoint_corrupt",
    "checkpoint_of_other_architecture",
    "text_encoder_missing",
    "bad_argument",
}
ODD: tuple[Any, ...] = (
    *(0, -1, 1, 7, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), True, None),
    *("", "x", "\0", "\ud800", "/dev/zero", "../..", "http://127.0.0.1:1/x", "x" * 70_000),
    *([], {}, [None], [[]] * 50, {"a": {}}, list(range(3000)), ["a"] * 3000, [10**400], {"type": "BPE"}),
)
Damage = Callable[[Path, random.Random], None]


def checkpoint(folder: Path, config: ModelConfig) -> Path:
    """A tiny checkpoint that reads texts by a tiny text encoder inside it."""
    torch.manual_seed(0)
    inner = text_encoder(folder / "text")
    config = replace(
        config,
        text=replace(config.text, package="", folder=str(inner), hub_name="", sha256="", width=WIDTH),
    )
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    write_checkpoint(folder, config, tensors, np.zeros(config.dimension, np.float32))
    return folder


def tiny_open_clip(folder: Path) -> Path:
    torch.manual_seed(0)
    return open_clip(folder, OpenClip(), VIT, embed_dim=DIMENSION)


@pytest.fixture(scope="module", params=KINDS)
def sound(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_config: ModelConfig
) -> Path:
    folder = tmp_path_factory.mktemp("models") / str(request.param)
    made: dict[str, Callable[[Path], object]] = {"clip": clip, "siglip": siglip, "open_clip": tiny_open_clip}
    if request.param == "checkpoint":
        return checkpoint(folder, tiny_config)
    made[request.param](folder)
    return folder


def files_of(folder: Path, *ends: str) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if not ends or path.name.endswith(ends)]


def flip_bits(folder: Path, draw: random.Random) -> None:
    """Mostly where a file says what it holds."""
    path = draw.choice(files_of(folder))
    content = bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 3, 40))):
        content[draw.randrange(min(len(content), draw.choice((8, 2000, 2**40))))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def cut_off(folder: Path, draw: random.Random) -> None:
    path = draw.choice(files_of(folder))
    os.truncate(path, draw.choice((0, 1, 8, draw.randrange(path.stat().st_size))))


def grow(folder: Path, draw: random.Random) -> None:
    """A sparse file of a terabyte, or some bytes more."""
    path = draw.choice(files_of(folder))
    os.truncate(path, draw.choice((path.stat().st_size + 5, ENDLESS)))


def replace_by_no_file(folder: Path, draw: random.Random) -> None:
    path = draw.choice(files_of(folder))
    path.unlink()
    target = draw.choice(("", "pipe", "folder", "/dev/zero", "/proc/self/mem", path.name, "/nowhere"))
    if target == "pipe":
        os.mkfifo(path)
    elif target == "folder":
        path.mkdir()
    elif target:
        path.symlink_to(target)


def change_json(folder: Path, draw: random.Random) -> None:
    """Another value at some place of a config, a vocabulary or a manifest; or a text that is hardly JSON."""
    path = draw.choice(files_of(folder, ".json"))
    value: Any = json.loads(path.read_text(encoding="utf-8"))
    inner, place = value, None
    while isinstance(inner, (dict, list)) and inner and (place is None or draw.random() < 0.8):
        holder, place = inner, draw.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        inner = holder[place]
    if place is None:
        value = draw.choice(ODD)
    elif isinstance(holder, dict) and draw.random() < 0.2:
        del holder[place]
    else:
        holder[place] = draw.choice((*ODD, [inner], str(inner)))
    text = draw.choice((json.dumps(value), json.dumps(value), json.dumps(value), "[" * 100_000, "{", "\x00"))
    path.write_text(text, encoding="utf-8")


def change_a_tensor(folder: Path, draw: random.Random) -> None:
    path = draw.choice(files_of(folder, ".safetensors"))
    tensors = load_file(path)
    name = draw.choice(sorted(tensors))
    old = tensors.pop(name)
    changed: tuple[NDArray[np.generic] | None, ...] = (
        None,
        np.full_like(old, np.nan) if old.dtype.kind == "f" else old[..., :0],
        np.full_like(old, np.inf) if old.dtype.kind == "f" else old[:0],
        np.zeros_like(old),
        old.astype(np.int8),
        old.astype(np.float64),
        np.zeros((0,), old.dtype),
        np.zeros((*old.shape, 1), old.dtype),
        np.zeros(old.size + 1, old.dtype),
        np.ascontiguousarray(old.T),
    )
    new = draw.choice(changed)
    save_file(tensors if new is None else {**tensors, name: new}, path, metadata={"format": "pt"})


def change_a_header(folder: Path, draw: random.Random) -> None:
    """What a safetensors file says of its tensors' kinds, shapes and places."""
    path = draw.choice(files_of(folder, ".safetensors"))
    content = path.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    told = header[draw.choice(sorted(header))]
    told[draw.choice(sorted(told))] = draw.choice((*ODD, [0, 2**62], [5, 3], "I64", "F4", [2**31, 2**31]))
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    size = draw.choice((len(text), len(text), len(text), 2**63, 0, len(text) + 7))
    path.write_bytes(struct.pack("<Q", size) + text + content[8 + length :])


DAMAGES: tuple[Damage, ...] = (
    *(flip_bits, cut_off, grow, replace_by_no_file, change_json, change_json),
    *(change_json, change_a_tensor, change_a_header),
)


def sign(folder: Path) -> None:
    """Bring a checkpoint's manifest up to its files, as whoever made it up would."""
    names = (CONFIG, WEIGHTS)
    files = [folder / name for name in (*names, MANIFEST)]
    if all(f.is_file() and not f.is_symlink() and f.stat().st_size < LARGE for f in files):
        digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
        (folder / MANIFEST).write_text(json.dumps({"name": "tiny", "files": digests}), encoding="utf-8")


def outcome(folder: Path) -> str:
    """'vectors', or the kind of the refusal."""
    try:
        encoder = load_encoder(folder, "cpu", threads=1)
        texts = encoder.encode_texts(["a river", "größe 河"])
        tiles = encoder.encode_tiles(np.full((1, 256, 256, 3), 90, np.uint8))
    except MsaError as error:
        return error.kind
    assert np.allclose(np.linalg.norm(np.concatenate((texts, tiles)), axis=1), 1, atol=1e-3)
    return "vectors"


@contextmanager
def copied(sound: Path, folder: Path) -> Iterator[Path]:
    """A copy whose text encoder, if it has one of its own, is the copied one."""
    copy = Path(shutil.copytree(sound, folder / sound.name))
    if (copy / "text").is_dir():
        config = json.loads((copy / CONFIG).read_text(encoding="utf-8"))
        config["text"]["folder"] = str(copy / "text")
        (copy / CONFIG).write_text(json.dumps(config), encoding="utf-8")
        sign(copy)
    yield copy
    shutil.rmtree(copy)


def bears(sound: Path, tmp_path: Path, count: int) -> dict[str, int]:
    seen: dict[str, int] = {}
    unforeseen = []
    for seed in range(count):
        draw, damage = random.Random(seed), DAMAGES[seed % len(DAMAGES)]
        with copied(sound, tmp_path) as folder:
            damage(folder, draw)
            if draw.random() < 0.7:
                sign(folder)
            try:
                found = outcome(folder)
            except BaseException as error:  # Rust's panics are no Exception
                found = f"{error!r:.300}"
        if found not in REFUSALS | {"vectors"}:
            unforeseen.append((damage.__name__, seed, found))
        seen[found] = seen.get(found, 0) + 1
    assert not unforeseen
    return seen


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_some_damaged_model_folders_are_refused_or_serve(sound: Path, tmp_path: Path) -> None:
    assert outcome(sound) == "vectors"
    assert sum(bears(sound, tmp_path, FEW).values()) == FEW


@pytest.mark.full_size
def test_hundreds_of_damaged_model_folders_are_refused_or_serve(sound: Path, tmp_path: Path) -> None:
    seen = bears(sound, tmp_path, MANY)
    print(sound.name, seen)
    assert sum(seen.values()) == MANY
    assert seen["vectors"] < MANY / 2
