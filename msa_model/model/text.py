"""The frozen text encoder: texts to sentence vectors."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from msa_model.model.config import TextConfig
from msa_model.model.operators import declare_vision_operators
from msa_model.protocol.errors import TextEncoderMissing

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WEIGHTS = "model.safetensors"


class SentenceEncoder:
    """Mean-pooled token states of a BERT-type encoder, scaled to unit length."""

    def __init__(self, tokenizer: Tokenizer, encoder: nn.Module, sha256: str, device: str) -> None:
        self.sha256 = sha256
        self._tokenizer = tokenizer
        self._encoder = encoder.eval().to(device)
        self._device = device

    @classmethod
    def load(cls, config: TextConfig, device: str = "cpu") -> SentenceEncoder:
        """The encoder that `config` names, its bytes verified.

        Raises:
            TextEncoderMissing: it is not to be had, or is not the one that the model was trained with.
        """
        folder = find_text_encoder(config)
        _verify(folder / WEIGHTS, config.sha256)
        try:
            return cls(
                load_tokenizer(folder, config.max_tokens), _load_encoder(folder), config.sha256, device
            )
        except (OSError, ValueError) as error:
            raise TextEncoderMissing(f"The text encoder in {folder} cannot be loaded: {error}.") from error

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Texts to unit sentence vectors [n, w]; text past the token limit is cut off."""
        encodings = self._tokenizer.encode_batch([tidy(text) for text in texts])
        ids = torch.tensor([e.ids for e in encodings], device=self._device)  # [n, t]
        mask = torch.tensor([e.attention_mask for e in encodings], device=self._device)  # [n, t]
        states = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # [n, t, w]
        weights = mask.unsqueeze(-1).to(states.dtype)  # [n, t, 1]
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1)  # [n, w]
        return nn.functional.normalize(mean, dim=-1)

    def pieces(self, text: str) -> list[str]:
        """The word pieces that the encoder sees, without its markers."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [p for p, used in zip(encoding.tokens, encoding.attention_mask, strict=True) if used]


def tidy(text: str) -> str:
    """Single blanks and no full stop at the end: captions end in ' .', what users type does not."""
    return " ".join(text.split()).rstrip(" .")


def find_text_encoder(config: TextConfig) -> Path:
    """The encoder's folder: in the installed package, else from Hugging Face at the pinned revision.

    Raises:
        TextEncoderMissing: neither is to be had.
    """
    spec = importlib.util.find_spec(config.package)  # finds the folder without running the package
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / config.folder
        if (folder / WEIGHTS).is_file():
            return folder
    return _from_hub(config)


def _from_hub(config: TextConfig) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415  (slow, and rarely needed)

    files = ["config.json", WEIGHTS, "tokenizer.json"]
    try:
        place = snapshot_download(config.hub_name, revision=config.hub_revision, allow_patterns=files)
    except (OSError, ValueError) as error:
        raise TextEncoderMissing(
            f"The text encoder '{config.hub_name}' is not installed (package {config.package}) "
            f"and cannot be downloaded: {error}."
        ) from error
    return Path(place)


def _verify(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TextEncoderMissing(f"The text encoder's weights cannot be read: {error}.") from error
    if found != expected:
        raise TextEncoderMissing(f"{path} is not the text encoder that the checkpoint was trained with.")


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """The fast tokenizer of `folder`, padding each batch to its longest text."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise TextEncoderMissing(f"The text encoder has no tokenizer: {path} does not exist.")
    tokenizer = Tokenizer.from_file(str(path))
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    tokenizer.enable_truncation(max_length=max_tokens)
    return tokenizer


def _load_encoder(folder: Path) -> nn.Module:
    declare_vision_operators()
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32}
    if kind == "bert":  # importing one class is seconds faster than AutoModel
        from transformers.models.bert.modeling_bert import BertModel as Encoder  # noqa: PLC0415

        options["add_pooling_layer"] = False
    else:
        from transformers import AutoModel as Encoder  # noqa: PLC0415
    model: nn.Module = Encoder.from_pretrained(folder, **options)  # nosec B615  (a local folder)
    return model
