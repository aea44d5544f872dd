"""A timm backbone as four feature stages."""

from __future__ import annotations

from torch import Tensor, nn

from msa_model.model.config import ImageConfig
from msa_model.model.operators import declare_vision_operators
from msa_model.protocol.errors import CheckpointOfOtherArchitecture


class FeatureStages(nn.Module):
    """Images [n, 3, s, s] to four maps [n, c_k, s_k, s_k], fine to coarse (56, 28, 14, 7 for 224 px).

    Raises:
        CheckpointOfOtherArchitecture: timm does not know the backbone, or it has no such stages.
    """

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.net, self.channels = _create(config)
        for path in config.linear_layers:
            _make_linear(self.net, path)

    def forward(self, images: Tensor) -> list[Tensor]:
        """The four stages, fine to coarse."""
        return list(self.net(images))

    def last_stage(self) -> nn.Sequential:
        """The layers that make the fourth stage out of the third."""
        path = self.net.feature_info.module_name()[2]  # type: ignore[union-attr, operator]
        parent, _, name = path.rpartition(".")
        children = list(self.net.get_submodule(parent).named_children())
        names = [child for child, _ in children]
        return nn.Sequential(*(module for _, module in children[names.index(name) + 1 :]))

    def train(self, mode: bool = True) -> FeatureStages:
        """Training mode, except that batch norms keep their statistics (folded in the initial weights)."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def _create(config: ImageConfig) -> tuple[nn.Module, tuple[int, ...]]:
    declare_vision_operators()
    from timm.models import create_model  # noqa: PLC0415  (after the operators are declared)

    options = {"pad_type": config.pad_type} if config.pad_type else {}
    try:
        net = create_model(
            config.backbone, pretrained=False, features_only=True, out_indices=config.stages, **options
        )
    except (RuntimeError, TypeError, AssertionError, IndexError) as error:
        raise CheckpointOfOtherArchitecture(
            f"timm cannot build '{config.backbone}' with stages {config.stages}: {error}."
        ) from error
    return net, tuple(net.feature_info.channels())


def _make_linear(net: nn.Module, path: str) -> None:
    parent, _, name = path.rpartition(".")
    try:
        owner = net.get_submodule(parent)
        owner.get_submodule(name)
    except AttributeError as error:
        raise CheckpointOfOtherArchitecture(f"The backbone has no layer '{path}'.") from error
    setattr(owner, name, nn.Identity())
