"""The network in training: starts of images and numbers of texts in, embeddings out.

The text encoder from the first trained layer on, fed with the states before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn
from tqdm import tqdm

from msa_model.files.folders import writing
from msa_model.files.replacing import replacing
from msa_model.model.network import MsaNetwork
from msa_model.model.text import SentenceEncoder, TextStates, Tokens, last_layers, tuned_tensors
from msa_model.research.train.stages import Cut, Precision, Start, cells_of, pool_stages, stitch

BATCH = 256


@dataclass(frozen=True)
class Ragged:
    """Tokens of u texts end to end: text i has the tokens `starts[i]` to `starts[i + 1]`.

    `ids` int64, `used` and `words` bool [t] (see `Tokens`), `states` float16 [t, w] before the tuned layers.
    """

    starts: Tensor
    ids: Tensor
    used: Tensor
    words: Tensor
    states: Tensor


@dataclass(frozen=True)
class TextBank:
    """Distinct texts by number; `number_of` tells a text's."""

    number_of: dict[str, int]
    tokens: Ragged

    def numbers(self, texts: Iterable[str]) -> list[int]:
        """The numbers of texts that are in the bank."""
        return [self.number_of[text] for text in texts]


def make_text_bank(
    texts: Iterable[str], encoder: SentenceEncoder, tuned: int, *, padded: bool, cache: Path
) -> TextBank:
    """The bank of all distinct `texts`, read from the folder `cache` if it is there, else computed and kept.

    `padded`: to the token limit, as the authors' code has it.

    Raises:
        DiskFull, folder_read_only: the cache cannot be written.
    """
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    key = hashlib.sha256("\n".join([encoder.sha256, str((tuned, padded)), *distinct]).encode()).hexdigest()
    file = cache / f"{key[:16]}.texts.safetensors"
    if not file.is_file():
        with writing(file):
            cache.mkdir(parents=True, exist_ok=True)
        with replacing(file, lambda _: False) as part:
            part.write_bytes(save(vars(_encode(distinct, encoder, tuned, padded=padded))))
    ragged = Ragged(**load_file(file))
    return TextBank({text: i for i, text in enumerate(distinct)}, ragged)


@torch.inference_mode()
def _encode(texts: Sequence[str], encoder: SentenceEncoder, tuned: int, *, padded: bool) -> Ragged:
    parts: list[list[Tensor]] = [[], [], [], []]
    lengths: list[int] = []
    for start in tqdm(range(0, len(texts), BATCH), desc="texts", leave=False):
        tokens = encoder.tokenize(texts[start : start + BATCH], to_limit=padded)
        states = states_before(encoder.network, tokens, tuned)
        own = torch.ones_like(tokens.used) if padded else tokens.used
        lengths += own.sum(dim=1).tolist()
        for part, values in zip(parts, (tokens.ids, tokens.used, tokens.words, states.half()), strict=True):
            part.append(values[own].cpu())
    starts = torch.tensor([0, *lengths]).cumsum(dim=0)
    return Ragged(starts, *(torch.cat(part) for part in parts))


def states_before(network: nn.Module, tokens: Tokens, tuned: int) -> Tensor:
    """Token states [n, T, w] that the last `tuned` layers of a transformers encoder would read."""
    caught: list[Tensor] = []

    def catch(_: nn.Module, args: tuple[Tensor, ...], kwargs: dict[str, Tensor]) -> None:
        caught.append(args[0] if args else kwargs["hidden_states"])

    layers = last_layers(network, tuned)
    hooks = [layer.register_forward_pre_hook(catch, with_kwargs=True) for layer in layers[:1]]
    try:
        last: Tensor = network(input_ids=tokens.ids, attention_mask=tokens.used.long()).last_hidden_state
    finally:
        for hook in hooks:
            hook.remove()
    return caught[0] if caught else last


class TextTower(nn.Module):
    """Numbers of texts in a bank to their states.

    The layers before the last `tuned` ones are taken out of the encoder: the bank holds what they give.
    `mode` "released": all tokens but the first count as words, padding too (see `SentenceEncoder.states`).
    """

    def __init__(self, encoder: SentenceEncoder, bank: TextBank, tuned: int, mode: str) -> None:
        super().__init__()
        self.tuned = tuned
        self.released = mode == "released"
        self.network = encoder.network.requires_grad_(requires_grad=False)
        self.pool = encoder.pool
        self.bank = bank
        self._names = list(tuned_tensors(self.network, tuned)) if tuned else []
        self._injected: Tensor | None = None
        self._kept = (self._keep_last_layers(tuned),) if tuned else ()  # a tuple, so as to be registered once

    def forward(self, numbers: Tensor) -> TextStates:
        """Numbers [n] to token states [n, T, w], their mask and unit sentence vectors [n, w], in float32."""
        ids, used, words, states = (part.to(self._device) for part in self._gather(numbers))
        if self.tuned:
            self._injected = states.float()
            states = self.network(input_ids=ids, attention_mask=used.long()).last_hidden_state
        states = states.float()
        if self.released:
            words = torch.arange(words.shape[1], device=words.device).expand_as(words) > 0
        return TextStates(states, words, self.pool(states, used))

    def deltas(self) -> dict[str, Tensor]:
        """What a checkpoint keeps of the tuned layers, named as in the whole encoder."""
        found = [tensor for layers in self._kept for tensor in layers.state_dict().values()]
        return dict(zip(self._names, found, strict=True))

    def train(self, mode: bool = True) -> TextTower:
        """Training mode for the tuned layers alone."""
        super().train(mode=False)
        for layers in self._kept:
            layers.train(mode)
        return self

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    def _gather(self, numbers: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        tokens = self.bank.tokens
        first = tokens.starts[numbers]
        lengths = tokens.starts[numbers + 1] - first
        steps = torch.arange(int(lengths.max()))
        inside = steps < lengths[:, None]  # [n, T]
        place = torch.where(inside, first[:, None] + steps, first[:, None])
        return (
            torch.where(inside, tokens.ids[place], 0),
            tokens.used[place] & inside,
            tokens.words[place] & inside,
            tokens.states[place],
        )

    def _keep_last_layers(self, count: int) -> nn.ModuleList:
        name, layers = max(
            ((n, m) for n, m in self.network.named_modules() if isinstance(m, nn.ModuleList)),
            key=lambda found: len(found[1]),
        )
        kept = layers[len(layers) - count :].requires_grad_(requires_grad=True)
        parent, _, own = name.rpartition(".")
        setattr(self.network.get_submodule(parent), own, kept)
        kept[0].register_forward_pre_hook(self._inject, with_kwargs=True)
        return kept

    def _inject(self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        states = self._injected
        if args:
            return (states, *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": states}


CPU_CHUNK = 32  # images whose maps stay in the processor's cache; a multiple of a scene's
EPSILON = 1e-2  # of σ_k, in units of what is standardised


@dataclass(frozen=True)
class Pairs:
    """n images and texts: embeddings [n, d], pooled scales s_k [n, c_k] and the states of the texts."""

    images: Tensor
    texts: Tensor
    scales: Sequence[Tensor]
    states: TextStates


class TrainedNetwork(nn.Module):
    """Both towers from the frozen stages on."""

    def __init__(self, network: MsaNetwork, cut: Cut, words: TextTower, precision: Precision) -> None:
        super().__init__()
        self.network = network
        self.words = words
        self._cut, self._precision = cut, precision

    def forward(self, start: Start, texts: Tensor, side: int) -> Pairs:
        """Images' starts and text numbers [n], the images seen in scenes of `side` × `side`."""
        scales = self.scales(start, side)
        states = self.states(texts)
        return Pairs(self.network.image.embed(scales), self.network.text(states.sentences), scales, states)

    def scales(self, start: Start, side: int = 1) -> list[Tensor]:
        """The pooled scales s_k [n, c_k] in float32."""
        chunk = CPU_CHUNK if start.maps.device.type == "cpu" else len(start.maps)
        parts = [self._trained_scales(part, side) for part in torch.split(start.maps, chunk)]
        channels = list(self.network.image.backbone.channels[: self._cut.frozen])
        known = torch.split(start.pooled, channels, dim=1) if channels else ()
        return [*known, *(torch.cat(scale) for scale in zip(*parts, strict=True))]

    def _trained_scales(self, maps: Tensor, side: int) -> list[Tensor]:
        with self._precision():
            found = self._cut.after(stitch(maps, side))
        cells = [cells_of(stage.float(), side) for stage in found]
        return pool_stages(cells, self._cut.frozen, len(self.network.image.means))

    def states(self, texts: Tensor) -> TextStates:
        """Text numbers [n] to their states; a text that stands twice is read once."""
        distinct, place = torch.unique(texts, return_inverse=True)
        with self._precision():
            found = self.words(distinct)
        place = place.to(found.tokens.device)
        return TextStates(found.tokens[place], found.mask[place], found.sentences[place])

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device


def standardise(network: MsaNetwork, scales: Sequence[Tensor]) -> None:
    """Set the image tower's μ_k and σ_k to the statistics of the scales s_k [n, c_k] of some images."""
    for scale, mean, deviation in zip(scales, network.image.means, network.image.deviations, strict=True):
        mean.data.copy_(scale.mean(dim=0))
        deviation.data.copy_(scale.std(dim=0) + EPSILON)
