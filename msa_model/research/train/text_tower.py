"""The text encoder from the first trained layer on, fed with the states before it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from msa_model.model.text import SentenceEncoder, TextStates, tuned_tensors
from msa_model.research.train.text_bank import TextBank


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
