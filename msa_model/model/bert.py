"""BERT as transformers computes it, without transformers: its import takes longer than reading the weights.

Tensors are named as in transformers' `BertModel`, so that its files and tuned layers fit. Whatever a config
has beyond the plain architecture (Devlin et al. 2019) is left to transformers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, gelu, scaled_dot_product_attention

_PLAIN = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}
_NOT_READ = ("embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias")


@dataclass(frozen=True)
class BertConfig:
    """The sizes, by transformers' names; defaults are theirs."""

    vocab_size: int = 30_522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    layer_norm_eps: float = 1e-12


@dataclass(frozen=True)
class States:
    """What the last layer gives, [n, T, w]."""

    last_hidden_state: Tensor


def plain_bert(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> nn.Module | None:
    """The network of a config.json and its tensors, which it shares; None where it is not plain BERT."""
    if any(config.get(name, usual) != usual for name, usual in _PLAIN.items()):
        return None
    own = {field.name: config[field.name] for field in fields(BertConfig) if field.name in config}
    if not all(type(value) in (int, float) for value in own.values()):
        return None
    sizes = BertConfig(**own)
    if sizes.hidden_size % sizes.num_attention_heads:
        return None
    network = Bert(sizes)
    weights = {name: tensor.float() for name, tensor in tensors.items() if name not in _NOT_READ}
    expected = network.state_dict()
    if {name: t.shape for name, t in expected.items()} != {name: t.shape for name, t in weights.items()}:
        return None
    network.load_state_dict(weights, assign=True)
    return network


class Bert(nn.Module):
    """Token ids [n, T] and what to attend to [n, T] to states."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = _Embeddings(config)
        layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> States:
        """The states of every token; those that nobody attends to are without meaning."""
        states = self.embeddings(input_ids)
        mask = attention_mask.bool()[:, None, None, :]  # [n, heads, from, to]
        for layer in self.encoder["layer"].children():
            states = layer(states, mask)
        return States(states)


class _Linear(nn.Linear):
    """One whose weights come from a file."""

    def reset_parameters(self) -> None:
        """20 million random numbers took as long as all the rest; torch's meta device loads for 0.9 s."""


def _embedding(count: int, config: BertConfig) -> nn.Embedding:
    """A table whose weights come from a file."""
    return nn.Embedding(count, config.hidden_size, _weight=torch.empty(count, config.hidden_size))


class _Embeddings(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.word_embeddings = _embedding(config.vocab_size, config)
        self.position_embeddings = _embedding(config.max_position_embeddings, config)
        self.token_type_embeddings = _embedding(config.type_vocab_size, config)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self._dropout = config.hidden_dropout_prob

    def forward(self, ids: Tensor) -> Tensor:
        positions = self.position_embeddings.weight[: ids.shape[1]]
        found = self.word_embeddings(ids) + self.token_type_embeddings.weight[0] + positions
        states: Tensor = dropout(self.LayerNorm(found), self._dropout, self.training)
        return states


class _Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = nn.ModuleDict(
            {"self": _Attention(config), "output": _Output(config.hidden_size, config)}
        )
        self.intermediate = nn.ModuleDict({"dense": _Linear(config.hidden_size, config.intermediate_size)})
        self.output = _Output(config.intermediate_size, config)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        attended = self.attention["output"](self.attention["self"](states, mask), states)
        result: Tensor = self.output(gelu(self.intermediate["dense"](attended)), attended)
        return result


class _Attention(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self._heads, self._dropout = config.num_attention_heads, config.attention_probs_dropout_prob
        self.query, self.key, self.value = (_Linear(config.hidden_size, config.hidden_size) for _ in range(3))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (
            project(states).unflatten(-1, (self._heads, -1)).transpose(1, 2)  # [n, heads, T, w / heads]
            for project in (self.query, self.key, self.value)
        )
        rate = self._dropout if self.training else 0.0
        found = scaled_dot_product_attention(query, key, value, mask, dropout_p=rate)
        return found.transpose(1, 2).flatten(-2)


class _Output(nn.Module):
    """A layer back to the states' width, added to what went in."""

    def __init__(self, width: int, config: BertConfig) -> None:
        super().__init__()
        self.dense = _Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self._dropout = config.hidden_dropout_prob

    def forward(self, states: Tensor, before: Tensor) -> Tensor:
        result: Tensor = self.LayerNorm(dropout(self.dense(states), self._dropout, self.training) + before)
        return result
