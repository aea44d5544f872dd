"""An MSA checkpoint as everyone else sees it: tiles and texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.model.checkpoint import Checkpoint, Tensors, default_checkpoint, read_checkpoint
from msa_model.model.config import ModelConfig
from msa_model.model.device import Device, choose_device, set_threads
from msa_model.model.dual_encoder import DualEncoder, Identity, Vectors
from msa_model.model.english import EnglishReader
from msa_model.model.language_file import LanguageFile, read_languages
from msa_model.model.languages import Languages
from msa_model.model.network import MsaNetwork
from msa_model.model.precision import reduced_precision
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform
from msa_model.protocol.errors import CheckpointOfOtherArchitecture


class Encoder(DualEncoder):
    """A loaded checkpoint."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        network: MsaNetwork,
        sentences: SentenceEncoder,
        device: Device,
        languages: LanguageFile | None = None,
    ) -> None:
        config = checkpoint.config
        identity = Identity(config.name, checkpoint.sha256, config.dimension)
        super().__init__(identity, sentences.vocabulary, device)
        self.background = checkpoint.background
        self._network = network
        self._sentences = sentences
        self._transform = ImageTransform.of(config.image)
        if languages is not None:
            reader = EnglishReader(sentences.vocabulary, languages.taught)
            self.languages = Languages(languages, config.dimension, reader)

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
        folder = folder or default_checkpoint()
        checkpoint = read_checkpoint(folder)
        languages = read_languages(folder, checkpoint.sha256)
        network = build_network(checkpoint.config, checkpoint.tensors)
        network.image.backbone.fuse_norms()
        network = network.to(chosen.id, memory_format=torch.channels_last)  # type: ignore[call-overload]
        sentences = SentenceEncoder.load(checkpoint.config.text, checkpoint.deltas, chosen.id)
        return cls(checkpoint, network, sentences, chosen, languages)

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """RGB images float32 [n, 3, s, s], 0 to 255, to unit vectors [n, d], all on the device at once."""
        vectors: Tensor = self._network.image.embed(self._scales(self._transform.fit(pixels)))
        return vectors

    def _scales(self, images: Tensor) -> list[Tensor]:
        """The stages in reduced precision; what is made of them, in float32."""
        with reduced_precision(self.device):
            stages = self._network.image.backbone(images)
        return [scale.float() for scale in self._network.image.pool(stages)]

    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        scales = self._scales(self._transform(pixels, self.device))
        vectors: Vectors = self._network.image.embed(scales).cpu().numpy()
        return vectors

    def _encode_text_batch(self, texts: Sequence[str]) -> Tensor:
        vectors: Tensor = self._network.text(self._sentences(texts))
        return vectors


def build_network(config: ModelConfig, tensors: Tensors) -> MsaNetwork:
    """The network of `config` with `tensors` for weights, in evaluation mode.

    Raises:
        CheckpointOfOtherArchitecture: a tensor is missing, unknown or of another shape.
    """
    _check_sizes(config, tensors)
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


def _check_sizes(config: ModelConfig, tensors: Tensors) -> None:
    """Before a network is built that the weights cannot be those of."""
    largest = max((size for tensor in tensors.values() for size in tensor.shape), default=0)
    sizes = {"width": config.width, "dimension": config.dimension, "text.width": config.text.width}
    if config.fine is not None:
        sizes["fine.width"] = config.fine.width
    for name, size in sizes.items():
        if size > largest:
            raise CheckpointOfOtherArchitecture(
                f"'{name}' is {size} in the config of '{config.name}'; no tensor of them is that large."
            )
