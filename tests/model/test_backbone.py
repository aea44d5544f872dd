from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from msa_model.model.backbone import FeatureStages
from msa_model.model.config import ImageConfig
from tests.refusals import raises_kind

GREY = (127.5, 127.5, 127.5)
RESNET = ImageConfig("resnet18", GREY, GREY, size=64)
OTHERS: list[tuple[dict[str, Any], tuple[int, ...], tuple[int, ...]]] = [
    ({"backbone": "resnet18"}, (64, 128, 256, 512), (4, 8, 16, 32)),
    ({"backbone": "mobilenetv2_100"}, (24, 32, 96, 320), (4, 8, 16, 32)),
    ({"backbone": "convnext_atto", "stages": (0, 1, 2, 3)}, (40, 80, 160, 320), (4, 8, 16, 32)),
    (
        {"backbone": "swin_tiny_patch4_window7_224", "stages": (0, 1, 2, 3)},
        (96, 192, 384, 768),
        (4, 8, 16, 32),
    ),
    ({"backbone": "vit_tiny_patch16_224", "stages": (5, 11)}, (192, 192), (16, 16)),
    ({"backbone": "resnet18", "stages": (0, 1, 2, 3, 4)}, (64, 64, 128, 256, 512), (2, 4, 8, 16, 32)),
    ({"backbone": "resnet18", "stages": (4,)}, (512,), (32,)),
]


@pytest.mark.parametrize(("changes", "channels", "strides"), OTHERS)
@torch.inference_mode()
def test_any_backbone_gives_its_stages_as_maps_with_channels_first(
    changes: dict[str, Any], channels: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    stages = FeatureStages(replace(RESNET, **changes)).eval()
    assert (stages.channels, stages.strides) == (channels, strides)
    maps = stages(torch.rand(2, 3, 64, 64))
    assert [tuple(found.shape) for found in maps] == [
        (2, c, 64 // s, 64 // s) for c, s in zip(channels, strides, strict=True)
    ]


@torch.no_grad()
def test_fused_norms_change_speed_and_nothing_else() -> None:
    torch.manual_seed(0)
    stages = FeatureStages(RESNET).eval()
    _make_norms_matter(stages)
    image = torch.rand(1, 3, 64, 64)
    before = stages(image)
    stages.fuse_norms()
    assert not any(isinstance(module, nn.BatchNorm2d) for module in stages.modules())
    for found, expected in zip(stages(image), before, strict=True):
        assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-4)


@torch.no_grad()
def test_a_net_that_is_read_between_convolution_and_norm_is_left_alone() -> None:
    torch.manual_seed(0)
    stages = FeatureStages(replace(RESNET, backbone="ghostnet_050", stages=(0, 1))).eval()
    _make_norms_matter(stages)
    image = torch.rand(1, 3, 64, 64)
    before = stages(image)
    stages.fuse_norms()
    for found, expected in zip(stages(image), before, strict=True):
        assert found.equal(expected)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"backbone": "resnet118"}, "no backbone 'resnet118'; did you mean 'resnet18'"),
        ({"stages": (0, 9)}, r"cannot build 'resnet18' with stages \[0, 9\]"),
        ({"stages": ()}, r"ascending numbers from 0, not \[\]"),
        ({"stages": (3, 1)}, r"ascending numbers from 0, not \[3, 1\]"),
        ({"stages": (-1,)}, r"ascending numbers from 0, not \[-1\]"),
        ({"pad_type": "same"}, "pad_type same: .*unexpected keyword argument 'pad_type'"),
        ({"linear_layers": ("layer1.9.act",)}, r"no layer 'layer1\.9\.act'"),
        (
            {"backbone": "efficientformer_l1", "stages": (0, 1, 2, 3)},
            "'efficientformer_l1' does not take images of 64 px",
        ),
    ],
)
def test_what_timm_cannot_build_is_named(changes: dict[str, Any], complaint: str) -> None:
    with raises_kind("checkpoint_of_other_architecture", match=complaint):
        FeatureStages(replace(RESNET, **changes))


def _make_norms_matter(stages: FeatureStages) -> None:
    for module in stages.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.weight, module.running_var):
                assert values is not None
                values.uniform_(0.5, 1.5)
            for values in (module.bias, module.running_mean):
                assert values is not None
                values.normal_(0, 0.2)
