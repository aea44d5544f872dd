"""A CLIP-type dual encoder (Radford et al. 2021) in the place of an MSA checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from msa_model.model.clip_files import ClipFiles, read_clip
from msa_model.model.device import Device, choose_device, set_threads
from msa_model.model.dual_encoder import DualEncoder, Identity, Vectors
from msa_model.model.finite import odd_weight
from msa_model.model.operators import declare_vision_operators
from msa_model.model.precision import reduced_precision
from msa_model.model.text import tidy
from msa_model.model.text_files import load_tokenizer
from msa_model.model.transform import ImageTransform
from msa_model.model.vocabulary import Vocabulary
from msa_model.protocol.errors import CheckpointCorrupt, CheckpointOfOtherArchitecture

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_LEGACY_END = 2  # what old configs say for the end marker; the model then takes the highest token


class ClipEncoder(DualEncoder):
    """A Hugging Face CLIP folder as it is; without a background (zeros)."""

    def __init__(self, files: ClipFiles, network: nn.Module, tokenizer: Tokenizer, device: Device) -> None:
        super().__init__(Identity(files.name, files.sha256, files.dimension), Vocabulary(tokenizer), device)
        self.background = np.zeros(files.dimension, np.float32)
        self._network: Any = network
        self._tokenizer = tokenizer
        self._transform = ImageTransform(
            files.size, files.mean, files.std, "bicubic" if files.bicubic else "bilinear"
        )

    @classmethod
    def load(cls, folder: Path, device: str = "auto", threads: int | None = None) -> ClipEncoder:
        """The CLIP model in `folder` on a device.

        Raises:
            CheckpointMissing, CheckpointCorrupt, CheckpointOfOtherArchitecture: see `read_clip`.
            TextEncoderMissing: its tokenizer cannot be read.
            DeviceUnavailable: see `choose_device`.
        """
        chosen = choose_device(device)
        set_threads(threads)
        files = read_clip(folder)
        tokenizer = load_tokenizer(folder, files.max_tokens)
        network = _load_network(files)
        _check_tokenizer(files, network, tokenizer)
        return cls(files, network.to(chosen.id), tokenizer, chosen)

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """RGB images float32 [n, 3, s, s], 0 to 255, to unit vectors [n, d], all on the device at once."""
        return self._embed(self._transform.fit(pixels))

    def _embed(self, images: Tensor) -> Tensor:
        with reduced_precision(self.device):
            pooled = self._network.vision_model(pixel_values=images).pooler_output  # [n, w]
            vectors = self._network.visual_projection(pooled)  # [n, d]
        return normalize(vectors.float(), dim=-1)

    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        unit: Vectors = self._embed(self._transform(pixels, self.device)).cpu().numpy()
        return unit

    def _encode_text_batch(self, texts: Sequence[str]) -> Tensor:
        found = self._tokenizer.encode_batch([tidy(text) for text in texts])
        ids = torch.tensor([e.ids for e in found], device=self.device)  # [n, T]
        mask = torch.tensor([e.attention_mask for e in found], device=self.device)
        pooled = self._network.text_model(input_ids=ids, attention_mask=mask).pooler_output
        return normalize(self._network.text_projection(pooled), dim=-1)


def _load_network(files: ClipFiles) -> nn.Module:
    declare_vision_operators()
    from safetensors import SafetensorError  # noqa: PLC0415
    from transformers.models.clip.modeling_clip import CLIPModel  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    options: dict[str, Any] = {
        "local_files_only": True,
        "use_safetensors": True,
        "trust_remote_code": False,
        "dtype": torch.float32,
    }
    try:
        model, report = CLIPModel.from_pretrained(files.folder, output_loading_info=True, **options)  # nosec B615  (a local folder)
    except (SafetensorError, OSError) as error:
        raise CheckpointCorrupt(f"The weights in {files.folder} cannot be read: {error}.") from error
    except Exception as error:  # configs of all kinds make transformers fail in all ways
        raise CheckpointOfOtherArchitecture(
            f"The weights in {files.folder} do not fit its config: {error}."
        ) from error
    if missing := sorted(report["missing_keys"]):
        raise CheckpointOfOtherArchitecture(
            f"The weights in {files.folder} lack {len(missing)} tensors of a CLIP, such as '{missing[0]}'."
        )
    if name := odd_weight(model):
        raise CheckpointCorrupt(f"The weights in {files.folder} are no finite numbers: '{name}'.")
    network: nn.Module = model.eval().requires_grad_(requires_grad=False)
    return network


def _check_tokenizer(files: ClipFiles, network: nn.Module, tokenizer: Tokenizer) -> None:
    """A tokenizer of another model would be noticed by poor results only."""
    config: Any = network.config
    end, size = config.text_config.eos_token_id, config.text_config.vocab_size
    ids = tokenizer.encode("a").ids
    if max(tokenizer.get_vocab().values()) >= size or (end not in ids and end != _LEGACY_END):
        raise CheckpointOfOtherArchitecture(f"The tokenizer in {files.folder} is not that of its model.")
