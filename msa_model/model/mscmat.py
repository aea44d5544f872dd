"""MSCMAT: one matching head per scale, a cross-attention of a pooled scale to the words of a text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from msa_model.model.config import FineConfig
from msa_model.model.text import TextStates
from msa_model.protocol.errors import MsaError

CHUNK = 1 << 23  # attention weights held at once where no gradient is wanted


class Mscmat(nn.Module):
    """Matching scores of every image with every text (the authors' `Multi_img_crossatt`).

    q_i    = U_k s_k(i)
    c_ij   = MHA_k(LN_t q_i, LN_i H_j, LN_i H_j)
    m_k(i, j) = w_k · [(c_ij + t_j) ⊙ q_i] + b_k                              k = 1..K

    H_j are token states and t_j the sentence vector, brought to the common width where theirs is another.
    "released": t_j of unit length as it comes, and a sigmoid on m_k. "corrected": t_j is projected and
    normalised by layer, so that it is as large as c_ij, and m_k are logits.

    Raises:
        checkpoint_of_other_architecture: the heads do not divide the width.
    """

    def __init__(self, channels: Sequence[int], text_width: int, config: FineConfig, mode: str) -> None:
        super().__init__()
        if config.width % config.heads:
            raise MsaError.of(
                "checkpoint_of_other_architecture",
                f"Matching heads of width {config.width} cannot have {config.heads} attention heads.",
            )
        width = config.width
        self.tokens = _to_width(text_width, width)
        self.sentence = (
            _to_width(text_width, width)
            if mode == "released"
            else nn.Sequential(nn.Linear(text_width, width), nn.LayerNorm(width))
        )
        self.query_norm = nn.LayerNorm(width)  # LN_t
        self.token_norm = nn.LayerNorm(width)  # LN_i
        self.heads = nn.ModuleList(MatchingHead(c, width, config.heads) for c in channels)
        self.squash = nn.Sigmoid() if mode == "released" else nn.Identity()

    def forward(self, scales: Sequence[Tensor], text: TextStates) -> Tensor:
        """Scales s_k [n, c_k] and the states of m texts to matching scores [K, n, m]."""
        tokens = self.token_norm(self.tokens(text.tokens))  # [m, T, w]
        seen = TextStates(tokens, text.mask, self.sentence(text.sentences))
        scores = [head(scale, self.query_norm, seen) for head, scale in zip(self.heads, scales, strict=True)]
        result: Tensor = self.squash(torch.stack(scores))
        return result


class MatchingHead(nn.Module):
    """U_k, MHA_k (h heads, query length 1), w_k and b_k of one scale.

    The attention's output is only ever multiplied with w_k ⊙ q_i, so its output projection O is moved to that
    side: w · [(O a_ij + o) ⊙ q_i] = (Oᵀ (w ⊙ q_i)) · a_ij + (w ⊙ q_i) · o. No [n, m, w] is ever made.
    """

    def __init__(self, channels: int, width: int, heads: int) -> None:
        super().__init__()
        self.count = heads
        self.project = nn.Linear(channels, width)  # U
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)  # O, o
        self.match = nn.Linear(width, 1)  # w, b
        self._initialise(width)

    def _initialise(self, width: int) -> None:
        for layer in (self.query, self.key, self.value):
            nn.init.normal_(layer.weight, std=width**-0.5)
            nn.init.zeros_(layer.bias)
        nn.init.normal_(self.output.weight, std=(2 * width) ** -0.5)
        nn.init.zeros_(self.output.bias)

    def forward(self, scale: Tensor, query_norm: nn.Module, text: TextStates) -> Tensor:
        """A scale s_k [n, c_k] against m texts (LN_i H, mask, t) to m_k before any sigmoid [n, m]."""
        q = self.project(scale)  # [n, w]
        query = self._split(self.query(query_norm(q))) / math.sqrt(q.shape[1] // self.count)  # [n, h, w/h]
        weighted = q * self.match.weight  # w ⊙ q [n, w]
        wanted = self._split(weighted @ self.output.weight)  # Oᵀ (w ⊙ q) [n, h, w/h]
        keys, values = self._split(self.key(text.tokens)), self._split(self.value(text.tokens))
        attended = _in_chunks(query, wanted, keys, values, text.mask)  # (Oᵀ (w ⊙ q_i)) · a_ij [n, m]
        result: Tensor = attended + weighted @ (text.sentences + self.output.bias).T + self.match.bias
        return result

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:-1], self.count, -1)


def _in_chunks(query: Tensor, wanted: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    m, length, heads, _ = keys.shape
    rows = len(query) if torch.is_grad_enabled() else max(1, CHUNK // (m * length * heads))
    parts = zip(torch.split(query, rows), torch.split(wanted, rows), strict=True)
    return torch.cat([_attend(q, w, keys, values, mask) for q, w in parts])


def _attend(query: Tensor, wanted: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Σ over heads h and tokens t of softmax_t(query · key) (wanted · value) [n, m].

    `query` and `wanted` [n, h, w/h], `keys` and `values` [m, T, h, w/h], `mask` [m, T].
    """
    off = torch.finfo(query.dtype).min * ~mask.T  # [T, m]: m last, for a fast softmax over few tokens
    similarity = torch.einsum("nhd,mthd->hntm", query, keys) + off
    gains = torch.einsum("nhd,mthd->hntm", wanted, values)
    return (similarity.softmax(dim=2) * gains).sum(dim=(0, 2))


def _to_width(width: int, common: int) -> nn.Module:
    return nn.Identity() if width == common else nn.Linear(width, common)
