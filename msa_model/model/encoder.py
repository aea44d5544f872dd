"""The model as everyone else sees it: tiles and texts in, unit vectors out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from msa_model.model.checkpoint import Checkpoint, Tensors, read_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.device import Device, choose_device, set_threads
from msa_model.model.fusion import fuse_batch_norms
from msa_model.model.network import MsaNetwork
from msa_model.model.query import check_pieces, check_script
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import CheckpointOfOtherArchitecture, OutOfMemory

Vectors = NDArray[np.float32]

CPU_BATCH = 16  # larger ones leave the cache and are slower
GPU_BATCH = 256
TILE = 256  # side of the tiles that the rate is measured with


class Encoder:
    """A loaded checkpoint, for one thread at a time; outputs do not depend on what else is in the batch."""

    def __init__(
        self, checkpoint: Checkpoint, network: MsaNetwork, sentences: SentenceEncoder, device: Device
    ) -> None:
        self.name = checkpoint.config.name
        self.sha256 = checkpoint.sha256
        self.dimension = checkpoint.config.dimension
        self.device = device.id
        self.device_name = device.name
        self.gpu_unused = device.gpu_unused
        self.background: Vectors = checkpoint.background
        self._network = network
        self._sentences = sentences
        self._transform = ImageTransform.of(checkpoint.config.image)
        self._batch = CPU_BATCH if device.id == "cpu" else GPU_BATCH

    @classmethod
    def load(cls, folder: Path | None = None, device: str = "auto", threads: int | None = None) -> Encoder:
        """The checkpoint in `folder` (else the shipped one) on a device.

        Raises:
            CheckpointMissing, CheckpointCorrupt, CheckpointOfOtherArchitecture: see `read_checkpoint`.
            TextEncoderMissing: see `SentenceEncoder.load`.
            DeviceUnavailable: see `choose_device`.
        """
        chosen = choose_device(device)
        set_threads(threads)
        checkpoint = read_checkpoint(folder)
        network = build_network(checkpoint.config, checkpoint.tensors)
        fuse_batch_norms(network.image.backbone)
        network = network.to(chosen.id, memory_format=torch.channels_last)  # type: ignore[call-overload]
        sentences = SentenceEncoder.load(checkpoint.config.text, checkpoint.deltas, chosen.id)
        return cls(checkpoint, network, sentences, chosen)

    @torch.inference_mode()
    def encode_tiles(self, pixels: NDArray[np.uint8]) -> Vectors:
        """RGB tiles uint8 [n, side, side, 3], usually of 256 px, to unit vectors [n, d].

        Raises:
            OutOfMemory: not even one tile fits the device.
        """
        vectors = np.empty((len(pixels), self.dimension), np.float32)
        start = 0
        while start < len(pixels):
            batch = pixels[start : start + self._batch]
            try:
                vectors[start : start + len(batch)] = self._encode_batch(batch)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                self._halve_batch(error)
                continue
            start += len(batch)
        return vectors

    @torch.inference_mode()
    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors [n, d]."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), GPU_BATCH):
            batch = texts[start : start + GPU_BATCH]
            vectors[start : start + len(batch)] = self._network.text(self._sentences(batch)).cpu().numpy()
        return vectors

    def check_query(self, text: str) -> str:
        """The query, stripped.

        Raises:
            QueryEmpty: it has no words.
            QueryNotUnderstood: the encoder cannot read most of it.
        """
        query = check_script(text)
        check_pieces(query, self._sentences.pieces(query))
        return query

    def tiles_per_second(self) -> float:
        """The bare model's rate on this machine, measured at the first call (about a second)."""
        return self._rate

    @cached_property
    def _rate(self) -> float:
        tiles = np.zeros((self._batch // 4, TILE, TILE, 3), np.uint8)  # requests wait for this
        self.encode_tiles(tiles)
        start = time.perf_counter()
        self.encode_tiles(tiles)
        return len(tiles) / (time.perf_counter() - start)

    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        images = self._transform(pixels, self.device)
        with _reduced_precision(self.device):
            vectors = self._network.image(images)
        result: Vectors = vectors.float().cpu().numpy()
        return result

    def _halve_batch(self, error: BaseException) -> None:
        if self._batch == 1:
            raise OutOfMemory(f"{self.device_name} has no memory for a single tile.") from error
        self._batch //= 2
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()


def build_network(config: ModelConfig, tensors: Tensors) -> MsaNetwork:
    """The network of `config` with `tensors` for weights, in evaluation mode.

    Raises:
        CheckpointOfOtherArchitecture: a tensor is missing, unknown or of another shape.
    """
    network = MsaNetwork(config)
    states = {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}
    try:
        network.load_state_dict(states, strict=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[1:2] or [str(error)]
        raise CheckpointOfOtherArchitecture(
            f"The weights of '{config.name}' do not fit its config: {first[0].strip()}"
        ) from error
    return network.eval().requires_grad_(requires_grad=False)


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return "DefaultCPUAllocator" in str(error)  # torch's plain RuntimeError on the CPU


@contextmanager
def _reduced_precision(device: str) -> Iterator[None]:
    with torch.autocast("cuda", torch.bfloat16) if device.startswith("cuda") else nullcontext():
        yield
