"""The text encoder: texts to token states and sentence vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from msa_model.model.config import TextConfig
from msa_model.model.text_files import (
    WEIGHTS,
    find_text_encoder,
    load_network,
    load_tokenizer,
    longest_text,
    verified,
)
from msa_model.model.vocabulary import Vocabulary
from msa_model.protocol.errors import MsaError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Deltas = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Tokens:
    """Token ids int64 [n, T]; bool [n, T]: `used` are not padding, `words` neither padding nor markers."""

    ids: Tensor
    used: Tensor
    words: Tensor


@dataclass(frozen=True)
class TextStates:
    """Token states [n, T, w]; `mask` bool [n, T]: the tokens to attend to; unit sentence vectors [n, w]."""

    tokens: Tensor
    mask: Tensor
    sentences: Tensor


class SentenceEncoder:
    """An encoder of transformers; `network` is the encoder itself, `sha256` that of its published weights."""

    def __init__(
        self, config: TextConfig, tokenizer: Tokenizer, network: nn.Module, sha256: str, device: str
    ) -> None:
        self.sha256 = sha256
        self.network = network.eval().to(device)
        self.vocabulary = Vocabulary(tokenizer)
        self._pooling = config.pooling
        self._tokenizer = tokenizer
        self._device = device

    @classmethod
    def load(cls, config: TextConfig, deltas: Deltas | None = None, device: str = "cpu") -> SentenceEncoder:
        """The encoder that `config` names, its bytes verified, `deltas` in place of its last layers.

        Without `deltas` it is as published, whatever `config.tuned_layers` says.

        Raises:
            text_encoder_missing: it is not to be had, or is not the one that the model was trained with.
            checkpoint_of_other_architecture: its width is not the config's, or the deltas do not fit it.
        """
        folder = find_text_encoder(config)
        sha256 = verified(folder / WEIGHTS, config.sha256)
        network = load_network(folder, pinned=bool(config.sha256)).requires_grad_(requires_grad=False)
        _check_width(network, config.width)
        if deltas is not None:
            load_deltas(network, deltas, config.tuned_layers)
        limit = min(config.max_tokens, longest_text(network) or config.max_tokens)
        return cls(config, load_tokenizer(folder, limit), network, sha256, device)

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Texts to unit sentence vectors [n, w]; text past the token limit is cut off."""
        return self.states(texts).sentences

    def states(
        self, texts: Sequence[str], mode: Literal["corrected", "released"] = "corrected"
    ) -> TextStates:
        """Texts to token states, of which `mask` keeps the words, and sentence vectors.

        As the authors do, "released" pads to the token limit and masks the first token only: padding and
        end marker count as words there.
        """
        tokens = self.tokenize(texts, to_limit=mode == "released")
        states = self.network(input_ids=tokens.ids, attention_mask=tokens.used.long()).last_hidden_state
        mask = tokens.words
        if mode == "released":
            mask = torch.arange(mask.shape[1], device=mask.device).expand_as(mask) > 0
        return TextStates(states, mask, self.pool(states, tokens.used))

    def tokenize(self, texts: Sequence[str], *, to_limit: bool = False) -> Tokens:
        """Texts to tokens, padded to the longest or `to_limit`; a text without words keeps its markers."""
        found = self._tokenizer.encode_batch([tidy(text) for text in texts])
        if to_limit:
            self._pad(found)
        ids = torch.tensor([e.ids for e in found], device=self._device)
        used = torch.tensor([e.attention_mask for e in found], device=self._device).bool()
        special = torch.tensor([e.special_tokens_mask for e in found], device=self._device).bool()
        words = used & ~special
        return Tokens(ids, used, torch.where(words.any(dim=1, keepdim=True), words, used))

    def pool(self, states: Tensor, used: Tensor) -> Tensor:
        """Last states [n, T, w] of `used` tokens bool [n, T] to unit sentence vectors [n, w]."""
        if self._pooling == "cls":
            return nn.functional.normalize(states[:, 0], dim=-1)
        weights = used.unsqueeze(-1).to(states.dtype)  # [n, T, 1]
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1)  # [n, w]
        return nn.functional.normalize(mean, dim=-1)

    def _pad(self, found: list[Encoding]) -> None:
        padding, truncation = self._tokenizer.padding or {}, self._tokenizer.truncation or {}
        for encoding in found:
            encoding.pad(truncation["max_length"], pad_id=padding["pad_id"], pad_token=padding["pad_token"])


def tidy(text: str) -> str:
    """Single blanks and no full stop at the end: captions end in ' .', what users type does not."""
    return " ".join(text.split()).rstrip(" .")


def last_layers(encoder: nn.Module, count: int) -> list[nn.Module]:
    """The last `count` transformer layers of an encoder, in order: of its longest list of modules.

    Raises:
        checkpoint_of_other_architecture: it does not have that many.
    """
    return [layer for _, layer in _named_last_layers(encoder, count)]


def tuned_tensors(encoder: nn.Module, count: int) -> dict[str, Tensor]:
    """The state of the last `count` layers, keyed as in the encoder's state_dict: what a checkpoint keeps."""
    prefixes = tuple(f"{name}." for name, _ in _named_last_layers(encoder, count))
    states = encoder.state_dict()
    return {key: states[key] for key in states if key.startswith(prefixes)} if prefixes else {}


def load_deltas(encoder: nn.Module, deltas: Deltas, count: int) -> None:
    """Put `deltas` in place of the last `count` layers of the encoder.

    Raises:
        checkpoint_of_other_architecture: a tensor of them is missing, unknown or of another shape.
    """
    expected = tuned_tensors(encoder, count)
    for name in [*sorted(deltas.keys() - expected), *sorted(expected.keys() - deltas.keys())]:
        problem = "needs" if name in expected else "has no place for"
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"With {count} layers tuned, the text encoder {problem} 'sentences.{name}' of the checkpoint.",
        )
    for name, tensor in expected.items():
        if tensor.shape != deltas[name].shape:
            raise MsaError.of(
                "checkpoint_of_other_architecture",
                f"'sentences.{name}' is {list(deltas[name].shape)} in the checkpoint, "
                f"{list(tensor.shape)} in the text encoder.",
            )
        tensor.copy_(torch.from_numpy(deltas[name]))


def _named_last_layers(encoder: nn.Module, count: int) -> list[tuple[str, nn.Module]]:
    lists = [
        (name, list(module)) for name, module in encoder.named_modules() if isinstance(module, nn.ModuleList)
    ]
    name, layers = max(lists, key=lambda found: len(found[1]), default=("", []))
    if not 0 <= count <= len(layers):
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The text encoder has {len(layers)} layers, not {count} to tune.",
        )
    numbers = range(len(layers) - count, len(layers))
    return [(f"{name}.{number}", layers[number]) for number in numbers]


def _check_width(network: nn.Module, width: int) -> None:
    found = getattr(network.config, "hidden_size", width)
    if found != width:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"The text encoder is {found} wide; the config says {width}."
        )
