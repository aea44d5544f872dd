"""open_clip's towers of torch's own parts, under its names, with random weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

WIDTH, TOKENS, LENGTH, SIDE, PATCH, DIMENSION = 64, 358, 20, 32, 8, 24


class OpenTower(nn.Module):
    """open_clip's transformer of torch's own parts: one matrix for queries, keys and values."""

    def __init__(self) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(OpenBlock() for _ in range(2))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        for block in self.resblocks:
            x = block(x, mask)
        return x


class OpenBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn = nn.MultiheadAttention(WIDTH, 1, batch_first=True)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(WIDTH, 128), "c_proj": nn.Linear(128, WIDTH)})

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        hidden: Tensor = self.mlp["c_proj"](nn.functional.gelu(self.mlp["c_fc"](self.ln_2(x))))
        return x + hidden


class OpenVisual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(WIDTH))
        self.positional_embedding = nn.Parameter(torch.randn((SIDE // PATCH) ** 2 + 1, WIDTH))
        self.ln_pre, self.ln_post = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.transformer = OpenTower()
        self.proj = nn.Parameter(torch.randn(WIDTH, DIMENSION))

    def forward(self, images: Tensor) -> Tensor:
        patches = self.conv1(images).flatten(2).transpose(1, 2)  # [n, P, w]
        first = self.class_embedding.expand(len(images), 1, -1)
        x = self.ln_pre(torch.cat([first, patches], dim=1) + self.positional_embedding)
        return normalize(self.ln_post(self.transformer(x)[:, 0]) @ self.proj, dim=-1)


class OpenClip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.visual = OpenVisual()
        self.transformer = OpenTower()
        self.token_embedding = nn.Embedding(TOKENS, WIDTH)
        self.positional_embedding = nn.Parameter(torch.randn(LENGTH, WIDTH))
        self.ln_final = nn.LayerNorm(WIDTH)
        self.text_projection = nn.Parameter(torch.randn(WIDTH, DIMENSION))
        self.logit_scale = nn.Parameter(torch.zeros(()))

    def text(self, ids: Tensor) -> Tensor:
        causal = torch.full((ids.shape[1],) * 2, float("-inf")).triu(1)
        x = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        x = self.ln_final(self.transformer(x, causal))[torch.arange(len(ids)), ids.argmax(dim=1)]
        return normalize(x @ self.text_projection, dim=-1)
