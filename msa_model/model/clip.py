"""A dual encoder of other authors in the place of an MSA checkpoint: CLIP (arXiv 2103.00020) or SigLIP."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from msa_model.model.clip_files import ClipFiles, read_clip
from msa_model.model.clip_towers import load_reader, load_towers, prepared
from msa_model.model.device import Device, choose_device, set_threads
from msa_model.model.dual_encoder import DualEncoder, Identity, Vectors
from msa_model.model.precision import reduced_precision
from msa_model.model.transform import ImageTransform
from msa_model.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class ClipEncoder(DualEncoder):
    """A folder of a CLIP or SigLIP as it is; without a background (zeros)."""

    def __init__(self, files: ClipFiles, towers: Any, tokenizer: Tokenizer, device: Device) -> None:  # noqa: ANN401
        super().__init__(Identity(files.name, files.sha256, files.dimension), Vocabulary(tokenizer), device)
        self.background = np.zeros(files.dimension, np.float32)
        self._files = files
        self._towers = towers
        self._tokenizer = tokenizer
        self._transform = ImageTransform(
            files.size, files.mean, files.std, "bicubic" if files.bicubic else "bilinear"
        )

    @classmethod
    def load(cls, folder: Path, device: str = "auto", threads: int | None = None) -> ClipEncoder:
        """The model in `folder` on a device.

        Raises:
            checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: see `read_clip` and
                `load_towers`.
            text_encoder_missing: its tokenizer cannot be read.
            device_unavailable: see `choose_device`.
        """
        chosen = choose_device(device)
        set_threads(threads)
        files = read_clip(folder)
        towers: Any = load_towers(files)
        tokenizer = load_reader(files, towers)
        return cls(files, towers.to(chosen.id), tokenizer, chosen)

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """RGB images float32 [n, 3, s, s], 0 to 255, to unit vectors [n, d], all on the device at once."""
        return self._embed(self._transform.fit(pixels))

    def _embed(self, images: Tensor) -> Tensor:
        with reduced_precision(self.device):
            vectors = self._towers.images(images)  # [n, d]
        return normalize(vectors.float(), dim=-1)

    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        unit: Vectors = self._embed(self._transform(pixels, self.device)).cpu().numpy()
        return unit

    def _encode_text_batch(self, texts: Sequence[str]) -> Tensor:
        found = self._tokenizer.encode_batch([prepared(self._files, text) for text in texts])
        ids = torch.tensor([e.ids for e in found], device=self.device)  # [n, T]
        mask = torch.tensor([e.attention_mask for e in found], device=self.device)
        return normalize(self._towers.texts(ids, mask), dim=-1)
