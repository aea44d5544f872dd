"""The towers of an open_clip model under its own names: a ViT or a net of timm's, and a text transformer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from msa_model.model.backbone import declare_vision_operators, size_option
from msa_model.model.foreign_files import (
    ImageTowerConfig,
    OpenClipModelConfig,
    TextTowerConfig,
)
from msa_model.protocol.errors import MsaError

_UNUSED = ("logit_scale", "logit_bias", "attn_mask", "text.attn_mask")
_EPS = 1e-5
_IMAGE, _TEXT = "visual.", "text."


class OpenClip(nn.Module):
    """Both towers, their vectors not yet of unit length."""

    def __init__(self, config: OpenClipModelConfig) -> None:
        super().__init__()
        with torch.device("meta"):  # the weights are assigned: no memory goes to sizes that they have not
            self.text = OpenClipTextTower(config)
            own = None if config.vision_cfg.timm_model_name else VisionTower(config)
        self.visual = own or TimmTower(config)  # timm's nets hold more than weights

    @property
    def vocabulary(self) -> int:
        """How many tokens the text tower knows."""
        return self.text.token_embedding.num_embeddings

    def images(self, pixels: Tensor) -> Tensor:
        """[n, 3, s, s] to [n, d]."""
        vectors: Tensor = self.visual(pixels)
        return vectors

    def texts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Tokens [n, T], as long as the tower reads, to [n, d]."""
        vectors: Tensor = self.text(ids)
        return vectors


class QuickGelu(nn.Module):
    """OpenAI's approximation, `quick_gelu` in a config."""

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        return x * torch.sigmoid(1.702 * x)


class Gelu(nn.Module):
    """With the approximation of the config."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self._approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        return gelu(x, approximate=self._approximate)


class TransformerBlock(nn.Module):
    """Attention and two layers, each after its norm; batch first."""

    def __init__(self, width: int, heads: int, ratio: float, activation: nn.Module, eps: float) -> None:
        super().__init__()
        hidden = int(width * ratio)
        self.ln_1, self.ln_2 = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        first, last = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.mlp = nn.Sequential(OrderedDict([("c_fc", first), ("gelu", activation), ("c_proj", last)]))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """[n, T, w] to the same; `mask` [T, T] is added to the attention."""
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        hidden: Tensor = self.mlp(self.ln_2(x))
        return x + hidden


class Transformer(nn.Module):
    """Blocks, one after the other."""

    def __init__(self, blocks: Iterable[TransformerBlock]) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """[n, T, w] to the same."""
        for block in self.resblocks:
            x = block(x, mask)
        return x


class VisionTower(nn.Module):
    """open_clip's ViT, read at its class token."""

    def __init__(self, config: OpenClipModelConfig) -> None:
        super().__init__()
        own = config.vision_cfg
        width, patch = own.width, own.patch_size
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(torch.empty((own.image_size // patch) ** 2 + 1, width))
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        heads, activation = width // own.head_width, _activation(config, "none")
        self.transformer = Transformer(
            TransformerBlock(width, heads, own.mlp_ratio, activation, _EPS) for _ in range(own.layers)
        )
        self.proj = nn.Parameter(torch.empty(width, config.embed_dim))

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, s, s] to [n, d]."""
        patches = self.conv1(images).flatten(2).transpose(1, 2)  # [n, P, w]
        first = self.class_embedding.expand(len(images), 1, -1)
        x = self.ln_pre(torch.cat([first, patches], dim=1) + self.positional_embedding)
        pooled: Tensor = self.ln_post(self.transformer(x)[:, 0])
        return pooled @ self.proj


class TimmTower(nn.Module):
    """A net of timm's, with a projection of its own, of open_clip's, or none."""

    def __init__(self, config: OpenClipModelConfig) -> None:
        super().__init__()
        own = config.vision_cfg
        classes = config.embed_dim if own.timm_proj is None else 0
        self.trunk = _create(own, classes)
        self.head = nn.Sequential()
        if own.timm_proj == "linear":
            width: Any = self.trunk.num_features
            self.head.add_module("proj", nn.Linear(width, config.embed_dim, bias=own.timm_proj_bias))

    def forward(self, images: Tensor) -> Tensor:
        """[n, 3, s, s] to [n, d]."""
        vectors: Tensor = self.head(self.trunk(images))
        return vectors


class OpenClipTextTower(nn.Module):
    """open_clip's text transformer, read at one token."""

    def __init__(self, config: OpenClipModelConfig) -> None:
        super().__init__()
        own: TextTowerConfig = config.text_cfg
        eps = own.norm_kwargs.eps
        self._pool, self._causal = own.pool_type, not own.no_causal_mask
        self.token_embedding = nn.Embedding(own.vocab_size, own.width)
        self.positional_embedding = nn.Parameter(torch.empty(own.context_length, own.width))
        activation = _activation(config, own.act_kwargs.approximate)
        self.transformer = Transformer(
            TransformerBlock(own.width, own.heads, own.mlp_ratio, activation, eps) for _ in range(own.layers)
        )
        self.ln_final = nn.LayerNorm(own.width, eps)
        self.text_projection: nn.Linear | nn.Parameter = (
            nn.Linear(own.width, config.embed_dim)
            if own.proj_bias
            else nn.Parameter(torch.empty(own.width, config.embed_dim))
        )

    def forward(self, ids: Tensor) -> Tensor:
        """Tokens [n, T] to [n, d]."""
        x = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        x = self.ln_final(self.transformer(x, self._mask(ids)))
        pooled: Tensor = x[torch.arange(len(ids), device=ids.device), self._read_at(ids)]
        if isinstance(self.text_projection, nn.Linear):
            projected: Tensor = self.text_projection(pooled)
            return projected
        return pooled @ self.text_projection

    def _mask(self, ids: Tensor) -> Tensor | None:
        if not self._causal:
            return None
        return torch.full((ids.shape[1],) * 2, float("-inf"), device=ids.device).triu(1)

    def _read_at(self, ids: Tensor) -> Tensor:
        if self._pool == "argmax":  # the end marker is the highest token
            return ids.argmax(dim=1)
        return torch.full((len(ids),), 0 if self._pool == "first" else ids.shape[1] - 1, device=ids.device)


def load_open_clip(config: OpenClipModelConfig, weights: Path) -> OpenClip:
    """The towers with the weights of a safetensors file, in evaluation mode and float32.

    Raises:
        checkpoint_corrupt: it cannot be read.
        checkpoint_of_other_architecture: the weights are not the config's, or timm cannot build the net.
    """
    network, tensors = OpenClip(config), _read(weights)
    try:
        network.load_state_dict(_named(tensors), strict=True, assign=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[1:2] or [str(error)]
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The weights in {weights.parent} do not fit its config: {first[0].strip():.300}",
        ) from error
    return network.eval().requires_grad_(requires_grad=False)


def _read(weights: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    try:
        found = load_file(weights)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise MsaError.of(
            "checkpoint_corrupt", f"The weights in {weights.parent} cannot be read: {error}."
        ) from error
    return {name: t.float() if t.is_floating_point() else t for name, t in found.items()}


def _named(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Those of the text tower under `text.`, where a model of the plain kind has them at the top."""
    return {
        name if name.startswith((_IMAGE, _TEXT)) else f"{_TEXT}{name}": tensor
        for name, tensor in tensors.items()
        if name not in _UNUSED
    }


def _activation(config: OpenClipModelConfig, approximate: str) -> nn.Module:
    return QuickGelu() if config.quick_gelu else Gelu(approximate)


def _create(config: ImageTowerConfig, classes: int) -> nn.Module:
    declare_vision_operators()
    from timm.models import create_model  # noqa: PLC0415  (after the operators are declared)

    name = config.timm_model_name or ""
    options = size_option(name, config.image_size)
    pool = {"global_pool": config.timm_pool} if config.timm_pool else {}
    try:
        net: nn.Module = create_model(name, pretrained=False, num_classes=classes, **pool, **options)
    except (RuntimeError, TypeError, ValueError, AssertionError, IndexError, AttributeError) as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"timm cannot build '{name}': {error}."
        ) from error
    return net
