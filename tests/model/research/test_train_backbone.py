from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages, declare_vision_operators
from msa_model.model.config import ImageConfig
from msa_model.protocol.errors import BadArgument
from msa_model.research.train.build import fold
from msa_model.research.train.recipe import Training
from msa_model.research.train.stages import SampledDepthwise, cells_of, cut_backbone, ease_depthwise, stitch
from tests.present import present

pytestmark = pytest.mark.usefixtures("one_thread")

TRAINING = Training(batch=8, head_rate=1e-3, epochs=2, mosaic=0.5, phrase=0.5)


def backbone(name: str, size: int = 64, **options: object) -> FeatureStages:
    """A timm backbone with batch norms that do something."""
    config = ImageConfig(name, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), size=size, **options)  # type: ignore[arg-type]
    torch.manual_seed(0)
    net = FeatureStages(config).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(present(module.running_mean), std=0.1)
            nn.init.uniform_(present(module.running_var), 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    return net


def agree(found: list[Tensor], expected: list[Tensor]) -> bool:
    return all(
        torch.allclose(a, b, rtol=1e-3, atol=1e-4 * float(b.abs().max()))
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("size", [(16, 16), (15, 18)])
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [2, 3])
def test_a_sampled_depthwise_convolution_is_the_strided_one(
    size: tuple[int, int], kernel: int, stride: int
) -> None:
    declare_vision_operators()
    from timm.layers import Conv2dSame

    torch.manual_seed(0)
    x = torch.randn(2, 6, *size, requires_grad=True)
    for conv in (
        Conv2dSame(6, 6, kernel, stride, groups=6),
        nn.Conv2d(6, 6, kernel, stride, padding=kernel // 2, groups=6),
    ):
        expected, found = conv(x), SampledDepthwise(conv)(x)
        assert torch.allclose(found, expected, atol=1e-5)
        wanted = torch.autograd.grad(expected.square().sum(), x)[0]
        assert torch.allclose(torch.autograd.grad(found.square().sum(), x)[0], wanted, atol=1e-4)


def test_easing_freezes_depthwise_filters_and_leaves_the_function() -> None:
    net = backbone("mobilenet_edgetpu_100", pad_type="same")
    eased = copy.deepcopy(net)
    ease_depthwise(eased)
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert agree(eased(image), net(image))
    sampled = [module for module in eased.modules() if isinstance(module, SampledDepthwise)]
    assert len(sampled) > 0
    assert not any(module.weight.requires_grad for module in sampled)
    assert [name for name, _ in eased.named_parameters()] == [name for name, _ in net.named_parameters()]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mobilenet_edgetpu_100", {"pad_type": "same"}),
        ("resnet18", {}),
        ("resnetv2_50", {}),
        ("convnext_atto", {"stages": (0, 1, 2, 3)}),
    ],
)
def test_a_cut_and_folded_backbone_gives_the_same_maps_and_unfolds_to_the_same_weights(
    name: str, options: dict[str, Any]
) -> None:
    net, fresh = (backbone(name, **options) for _ in range(2))
    folding = fold(net, net)
    cut = cut_backbone(net, 2, 0, 64)
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = fresh(image)
        maps, start = cut.before(image)
        assert agree([*maps, *cut.after(start)], expected)
        fresh.load_state_dict(folding.unfold(net.state_dict()))
        assert agree(fresh(image), expected)
    assert len(folding.norms) == 0 or len(folding.norms) > 10


def test_a_cut_within_a_stage_changes_nothing() -> None:
    net = backbone("mobilenet_edgetpu_100", pad_type="same")
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        for frozen, blocks in ((0, 0), (0, 2), (2, 1), (3, 4), (4, 0)):
            cut = cut_backbone(net, frozen, blocks, 64)
            maps, start = cut.before(image)
            assert len(maps) == frozen
            assert agree([*maps, *cut.after(start)], net(image))
    for frozen, blocks in ((5, 0), (4, 1), (2, 99)):
        with pytest.raises(BadArgument, match="freeze fewer"):
            cut_backbone(net, frozen, blocks, 64)


def test_a_backbone_whose_stages_do_not_follow_each_other_is_refused() -> None:
    net = backbone("vit_tiny_patch16_224", size=32, stages=(0, 1, 2, 3))
    with pytest.raises(BadArgument, match="one after the other"):
        cut_backbone(net, 0, 0, 32)


def test_scenes_are_put_together_row_by_row_and_taken_apart_again() -> None:
    maps = torch.arange(8 * 3 * 4 * 5.0).reshape(8, 3, 4, 5)
    scenes = stitch(maps, 2)
    assert scenes.shape == (2, 3, 8, 10)
    assert torch.equal(scenes[0, :, :4, 5:], maps[1])
    assert torch.equal(scenes[1, :, 4:, :5], maps[6])
    assert torch.equal(cells_of(scenes, 2), maps)
    assert stitch(maps, 1) is maps
