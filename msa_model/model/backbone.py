"""Any timm backbone as feature stages.

Fold batch norms into the convolutions before them: the same function, fewer passes over memory.
Let timm and transformers import torchvision where its C++ operators are missing.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from msa_model.model.config import ImageConfig
from msa_model.protocol.errors import MsaError


def fuse_batch_norms(net: nn.Module) -> None:
    """Fuse, in place, every batch norm in evaluation mode that stands right after a convolution.

    timm's norm layers carry the activation that follows; it takes their place.
    """
    for prefix, conv_name, norm_name, norm in list(foldable_norms(net)):
        parent = net.get_submodule(prefix.rstrip("."))
        conv = parent.get_submodule(conv_name)
        setattr(parent, conv_name, fuse_conv_bn_eval(cast(nn.Conv2d, conv), norm))
        setattr(parent, norm_name, getattr(norm, "act", nn.Identity()))


def foldable_norms(net: nn.Module) -> Iterator[tuple[str, str, str, nn.BatchNorm2d]]:
    """What `fuse_batch_norms` fuses: the parent's prefix ("" or "a.b."), both layers' names, and the norm."""
    for path, parent in net.named_modules():
        for (conv_name, conv), (norm_name, norm) in pairwise(parent.named_children()):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and _fit(conv, norm):
                yield f"{path}." if path else "", conv_name, norm_name, norm


def _fit(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> bool:
    return conv.out_channels == norm.num_features and not norm.training


_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]  # owns the schemas


def declare_vision_operators() -> None:
    """Import torchvision; only if that fails for want of `nms`, declare the schemas that it asks for.

    A CPU torch beside torchvision's default build lacks the operators, and torchvision dies registering fake
    kernels for them. Nothing here calls an operator.
    """
    try:
        import torchvision  # type: ignore[import-untyped]  # noqa: F401, PLC0415
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in ("nms", "qnms"):
            schema = f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            _OPERATORS.define(schema)  # type: ignore[no-untyped-call]


_FUSION_TOLERANCE = 1e-3  # of a map's largest value; what is fused wrongly is off by about 1
_LOCAL = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Identity, nn.MaxPool2d)


class FeatureStages(nn.Module):
    """Images [n, 3, s, s] to one map [n, c_k, h_k, w_k] per stage of the config, fine to coarse.

    Raises:
        checkpoint_of_other_architecture: timm does not know the backbone, or cannot build it so.
    """

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self._name, self._size = config.backbone, config.size
        self.net = _create(config)
        info: Any = self.net.feature_info
        self.channels: tuple[int, ...] = tuple(info.channels())
        self.strides: tuple[int, ...] = tuple(info.reduction())  # pixels per cell of each map
        self._channels_last = str(getattr(self.net, "output_fmt", "NCHW")).endswith("NHWC")
        for path in config.linear_layers:
            _make_linear(self.net, path)
        self._check_size()

    @property
    def is_local(self) -> bool:
        """Whether only convolutions make the maps, of pictures of any size: each cell sees what is near."""
        leaves = [module for module in self.net.modules() if not any(module.children())]
        fits = all(self.strides[-1] % stride == 0 for stride in self.strides)
        return fits and all(isinstance(leaf, _LOCAL) for leaf in leaves)

    def forward(self, images: Tensor) -> list[Tensor]:
        """The stages, fine to coarse."""
        maps = list(self.net(images))
        return [stage.permute(0, 3, 1, 2) for stage in maps] if self._channels_last else maps

    @torch.no_grad()
    def fuse_norms(self) -> None:
        """Fuse batch norms into the convolutions before them, unless a map then differs.

        It does where a stage is read between the two.
        """
        fused = copy.deepcopy(self.net)
        fuse_batch_norms(fused)
        pairs = zip(self.net(self._noise()), fused(self._noise()), strict=True)
        if all((a - b).abs().max() <= _FUSION_TOLERANCE * a.abs().max() for a, b in pairs):
            self.net = fused

    @torch.no_grad()
    def _check_size(self) -> None:
        try:
            self.net.eval()(self._noise())
        except (RuntimeError, AssertionError) as error:
            raise MsaError.of(
                "checkpoint_of_other_architecture",
                f"'{self._name}' does not take images of {self._size} px: {error}.",
            ) from error
        self.net.train()

    def _noise(self) -> Tensor:
        """One image [1, 3, s, s], always the same."""
        return torch.rand(1, 3, self._size, self._size, generator=torch.Generator().manual_seed(0))

    def train(self, mode: bool = True) -> FeatureStages:
        """Training mode, except that batch norms keep their statistics (folded in the initial weights)."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def _create(config: ImageConfig) -> nn.Module:
    declare_vision_operators()
    from timm.models import create_model  # noqa: PLC0415  (after the operators are declared)

    _check_stages(config)
    padding = {"pad_type": config.pad_type} if config.pad_type else {}
    options = size_option(config.backbone, config.size) | padding
    try:
        net: nn.Module = create_model(
            config.backbone, pretrained=False, features_only=True, out_indices=config.stages, **options
        )
    except (RuntimeError, TypeError, ValueError, AssertionError, IndexError, AttributeError) as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"timm cannot build '{config.backbone}' with stages {list(config.stages)}"
            f"{''.join(f', {name} {value}' for name, value in options.items())}: {error}.",
        ) from error
    return net


def _check_stages(config: ImageConfig) -> None:
    stages = config.stages
    if not stages or list(stages) != sorted(set(stages)) or stages[0] < 0:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The stages of '{config.backbone}' should be ascending numbers from 0, not {list(stages)}.",
        )


def size_option(name: str, size: int) -> dict[str, Any]:
    """`img_size` for a net that is built for one input size, such as a ViT.

    Raises:
        checkpoint_of_other_architecture: timm knows no such backbone.
    """
    from timm.models import get_pretrained_cfg, is_model, list_models  # noqa: PLC0415

    if not is_model(name.partition(".")[0]):
        near = difflib.get_close_matches(name, list_models(), n=1, cutoff=0.0)
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"timm has no backbone '{name}'; did you mean '{near[0]}'?"
        )
    published = get_pretrained_cfg(name, allow_unregistered=True)
    fixed = published is not None and published.fixed_input_size
    return {"img_size": size} if fixed else {}


def _make_linear(net: nn.Module, path: str) -> None:
    parent, _, name = path.rpartition(".")
    try:
        owner = net.get_submodule(parent)
        owner.get_submodule(name)
    except AttributeError as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"The backbone has no layer '{path}'."
        ) from error
    setattr(owner, name, nn.Identity())
