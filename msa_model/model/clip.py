"""A dual encoder of other authors in the place of an MSA checkpoint: CLIP (arXiv 2103.00020) or SigLIP.

The towers of a CLIP or SigLIP in its Hugging Face layout, and what its tokenizer must do to a text.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from msa_model.model.clip_files import TOKENIZER_CONFIG, ClipFiles, read_clip
from msa_model.model.device import Device, choose_device, reduced_precision, set_threads
from msa_model.model.dual_encoder import DualEncoder, Identity, Vectors
from msa_model.model.foreign_files import WEIGHTS
from msa_model.model.open_clip import load_open_clip
from msa_model.model.text import tidy
from msa_model.model.text_files import (
    LOCAL_FILES,
    load_tokenizer,
    odd_weight,
    quiet_transformers,
    read_json,
    read_tokenizer,
)
from msa_model.model.transform import ImageTransform
from msa_model.model.vocabulary import Vocabulary
from msa_model.protocol.errors import MsaError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_LEGACY_END = 2  # what old configs say for the end marker; the model then takes the highest token
_NO_PUNCTUATION = str.maketrans("_", " ", string.punctuation.replace("_", ""))


class Towers(Protocol):
    """Both towers of a loaded model; their vectors are not yet of unit length."""

    @property
    def vocabulary(self) -> int:
        """How many tokens the text tower knows."""

    def images(self, pixels: Tensor) -> Tensor:
        """Normalised images [n, 3, s, s] to [n, d]."""

    def texts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Tokens and which of them count [n, T] to [n, d]."""


class HubTowers(nn.Module):
    """A CLIPModel or SiglipModel of transformers."""

    def __init__(self, network: nn.Module, *, projected: bool) -> None:
        super().__init__()
        self.network: Any = network
        self._projected = projected

    @property
    def vocabulary(self) -> int:
        """How many tokens the text tower knows."""
        return int(self.network.config.text_config.vocab_size)

    def images(self, pixels: Tensor) -> Tensor:
        """[n, 3, s, s] to [n, d]."""
        pooled: Tensor = self.network.vision_model(pixel_values=pixels).pooler_output
        return self.network.visual_projection(pooled) if self._projected else pooled

    def texts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[n, T] to [n, d]; a SigLIP was taught without a mask and reads the last token."""
        if not self._projected:
            pooled: Tensor = self.network.text_model(input_ids=ids).pooler_output
            return pooled
        pooled = self.network.text_model(input_ids=ids, attention_mask=mask).pooler_output
        return self.network.text_projection(pooled)  # type: ignore[no-any-return]


def load_towers(files: ClipFiles) -> HubTowers | nn.Module:
    """The towers of a folder, every weight from its file.

    Raises:
        checkpoint_corrupt: the weights cannot be read, or are no finite numbers.
        checkpoint_of_other_architecture: they do not fit the config.
    """
    if files.open_clip is not None:
        towers: nn.Module = load_open_clip(files.open_clip.model_cfg, files.folder / WEIGHTS)
    else:
        towers = HubTowers(_load_network(files), projected=files.kind == "clip")
    if name := odd_weight(towers):
        name = name.removeprefix("network.")
        raise MsaError.of(
            "checkpoint_corrupt", f"The weights in {files.folder} are no finite numbers: '{name}'."
        )
    return towers


def load_reader(files: ClipFiles, towers: Towers) -> Tokenizer:
    """The tokenizer, set up to fill texts as the model was taught.

    A CLIP's text is read at its end marker, whatever comes after it. A SigLIP's is read at the last of always
    the same number of tokens, and so are those of models without a causal mask.

    Raises:
        text_encoder_missing: it cannot be read.
        checkpoint_of_other_architecture: it is another model's, or does not say what it fills texts with.
    """
    if files.kind == "clip":
        tokenizer = load_tokenizer(files.folder, files.max_tokens)
        _check_tokenizer(files, towers, tokenizer)
        return tokenizer
    tokenizer = read_tokenizer(files.folder, files.max_tokens)
    if files.kind == "siglip" or (files.open_clip and files.open_clip.model_cfg.text_cfg.hf_tokenizer_name):
        _end_texts(files, tokenizer)
        pad, token = _own_filling(files.folder, tokenizer)
        tokenizer.enable_padding(length=files.max_tokens, pad_id=pad, pad_token=token)
    else:
        tokenizer.enable_padding(length=files.max_tokens, pad_id=0, pad_token=tokenizer.id_to_token(0) or "!")
    _check_tokenizer(files, towers, tokenizer)
    return tokenizer


def prepared(files: ClipFiles, text: str) -> str:
    """A text as the model's tokenizer wants it."""
    text = tidy(text)
    if files.kind == "siglip":
        return canonical(text)
    if files.open_clip is None:
        return text
    cleaning = files.open_clip.model_cfg.text_cfg.tokenizer_kwargs.clean
    if cleaning == "canonicalize":
        return canonical(text)
    simple = files.open_clip.model_cfg.text_cfg.hf_tokenizer_name is None
    return text.lower() if simple or cleaning == "lower" else text


def canonical(text: str) -> str:
    """Small letters, no punctuation, single blanks: what SigLIP's texts were (big_vision, open_clip)."""
    return " ".join(text.translate(_NO_PUNCTUATION).lower().split())


def _load_network(files: ClipFiles) -> nn.Module:
    quiet_transformers()
    from safetensors import SafetensorError  # noqa: PLC0415

    try:
        model, report = _network_class(files).from_pretrained(  # nosec B615  (a local folder)
            files.folder, output_loading_info=True, **LOCAL_FILES
        )
    except (SafetensorError, OSError) as error:
        raise MsaError.of(
            "checkpoint_corrupt", f"The weights in {files.folder} cannot be read: {error}."
        ) from error
    except Exception as error:  # configs of all kinds make transformers fail in all ways
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The weights in {files.folder} do not fit its config: {error}.",
        ) from error
    _check_complete(files, sorted(report["missing_keys"]))
    network: nn.Module = model.eval().requires_grad_(requires_grad=False)
    return network


def _check_complete(files: ClipFiles, missing: list[str]) -> None:
    if missing:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The weights in {files.folder} lack {len(missing)} tensors of the model, such as "
            f"'{missing[0]}'.",
        )


def _network_class(files: ClipFiles) -> Any:  # noqa: ANN401  (transformers has no types)
    if files.kind == "siglip":
        from transformers.models.siglip.modeling_siglip import SiglipModel  # noqa: PLC0415

        return SiglipModel
    from transformers.models.clip.modeling_clip import CLIPModel  # noqa: PLC0415

    return CLIPModel


def _end_texts(files: ClipFiles, tokenizer: Tokenizer) -> None:
    """Append the end marker that tokenizer_config.json asks for, where tokenizer.json does not."""
    from tokenizers.processors import TemplateProcessing  # noqa: PLC0415

    settings = _settings(files.folder)
    end = _token(settings.get("eos_token"))
    number = tokenizer.token_to_id(end) if end else None
    if settings.get("add_eos_token") and number is not None and tokenizer.encode("a").ids[-1] != number:
        tokenizer.post_processor = TemplateProcessing(single=f"$A {end}", special_tokens=[(end, number)])


def _own_filling(folder: Path, tokenizer: Tokenizer) -> tuple[int, str]:
    named = _token(_settings(folder).get("pad_token")) or "<pad>"
    number = tokenizer.token_to_id(named)
    if number is None:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"{folder / TOKENIZER_CONFIG} should say with 'pad_token' what texts are filled up with.",
        )
    return number, named


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / TOKENIZER_CONFIG
    return read_json(file) if file.is_file() else {}


def _token(value: object) -> str:
    """A token's text, which transformers writes alone or with its options."""
    return str(value.get("content", "")) if isinstance(value, dict) else str(value or "")


def _check_tokenizer(files: ClipFiles, towers: Towers, tokenizer: Tokenizer) -> None:
    """A tokenizer of another model would be noticed by poor results only."""
    fits = max(tokenizer.get_vocab().values()) < towers.vocabulary
    if files.kind == "clip" and fits and isinstance(towers, HubTowers):
        end = towers.network.config.text_config.eos_token_id
        fits = end == _LEGACY_END or end in tokenizer.encode("a").ids
    if not fits:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"The tokenizer in {files.folder} is not that of its model."
        )


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
