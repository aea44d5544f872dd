from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch

from msa_model.model.backbone import FeatureStages, fuse_batch_norms
from msa_model.model.config import FineConfig, ImageConfig, ModelConfig
from msa_model.model.network import ImageTower, MsaNetwork
from msa_model.model.text import TextStates
from tests.present import as_a, present
from tests.refusals import raises_kind


@pytest.fixture
def tower(tiny_config: ModelConfig) -> ImageTower:
    torch.manual_seed(0)
    tower = ImageTower(tiny_config.image, width=6, dimension=5).eval()
    for mean, deviation in zip(tower.means, tower.deviations, strict=True):
        mean.data.normal_()
        deviation.data.uniform_(0.5, 2)
    return tower


def test_stages_halve_in_size_from_a_quarter_to_a_thirty_second(tower: ImageTower) -> None:
    stages = tower.backbone(torch.zeros(2, 3, 64, 64))
    assert [tuple(stage.shape) for stage in stages] == [
        (2, 32, 16, 16),
        (2, 48, 8, 8),
        (2, 96, 4, 4),
        (2, 192, 2, 2),
    ]


def test_embeddings_have_the_configured_dimension_and_unit_length(tower: ImageTower) -> None:
    z = tower(torch.randn(3, 3, 64, 64))
    assert z.shape == (3, 5)
    assert torch.allclose(z.norm(dim=1), torch.ones(3), atol=1e-5)


def test_pools_are_three_maxima_and_an_average(tower: ImageTower) -> None:
    stages = [
        torch.randn(2, c, side, side) for c, side in zip(tower.backbone.channels, (9, 5, 4, 3), strict=True)
    ]
    pooled = tower.pool(stages)
    for k, (stage, scale) in enumerate(zip(stages, pooled, strict=True)):
        for n in range(2):
            for c in range(stage.shape[1]):
                values = stage[n, c].flatten().tolist()
                expected = sum(values) / len(values) if k == 3 else max(values)
                assert scale[n, c].item() == pytest.approx(expected, abs=1e-5)


def test_embedding_agrees_with_loops_over_the_equations(tower: ImageTower) -> None:
    scales = [torch.randn(2, c) for c in tower.backbone.channels]
    with torch.inference_mode():
        found = tower.embed(scales).numpy()
    for n in range(2):
        assert found[n] == pytest.approx(_embed_by_loops(tower, [scale[n] for scale in scales]), abs=1e-5)


def _embed_by_loops(tower: ImageTower, scales: list[torch.Tensor]) -> list[float]:
    v = [0.0] * 6
    for k, scale in enumerate(scales):
        steady = [
            (scale[c].item() - tower.means[k][c].item()) / tower.deviations[k][c].item()
            for c in range(len(scale))
        ]
        v = [a + b for a, b in zip(v, _linear(tower.scales[k], steady), strict=True)]
    h = _linear(tower.feature_map, v)
    gate = [1 / (1 + math.exp(-x)) for x in _linear(tower.gate, h)]
    z = _linear(tower.output, [a * g for a, g in zip(h, gate, strict=True)])
    length = math.sqrt(sum(x * x for x in z))
    return [x / length for x in z]


def _linear(layer: object, x: list[float]) -> list[float]:
    layer = as_a(torch.nn.Linear, layer)
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    return [float(bias[i] + sum(weight[i, j] * x[j] for j in range(len(x)))) for i in range(len(bias))]


def test_a_closed_gate_lets_only_the_output_bias_through(tower: ImageTower) -> None:
    tower.gate.weight.data.zero_()
    tower.gate.bias.data.fill_(-1e4)
    z = tower.embed([torch.randn(1, c) for c in tower.backbone.channels])
    bias = tower.output.bias
    assert torch.allclose(z[0], bias / bias.norm(), atol=1e-6)


def test_text_head_agrees_with_numpy(tiny_config: ModelConfig) -> None:
    torch.manual_seed(1)
    head = MsaNetwork(tiny_config).text.eval()
    t = torch.randn(4, tiny_config.text.width)
    w = {name: tensor.numpy() for name, tensor in head.state_dict().items()}
    x = t.numpy() @ w["hidden.weight"].T + w["hidden.bias"]
    gelu = x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
    expected = gelu @ w["output.weight"].T + w["output.bias"] + t.numpy() @ w["skip.weight"].T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert head(t).detach().numpy() == pytest.approx(expected, abs=1e-5)


def test_plain_text_is_the_sentence_vector_at_unit_length(tiny_config: ModelConfig) -> None:
    width = tiny_config.text.width
    network = MsaNetwork(replace(tiny_config, text_head="none", dimension=width)).eval()
    t = torch.randn(2, width)
    assert torch.allclose(network.text(t), t / t.norm(dim=1, keepdim=True), atol=1e-6)
    assert not list(network.text.parameters())


def test_plain_text_of_another_dimension_is_named(tiny_config: ModelConfig) -> None:
    with raises_kind("checkpoint_of_other_architecture", match="384, not 16"):
        MsaNetwork(replace(tiny_config, text_head="none"))


def fine_network(config: ModelConfig, mode: Literal["corrected", "released"]) -> MsaNetwork:
    return MsaNetwork(replace(config, mode=mode, fine=FineConfig(12, 3))).eval()


def some_states(config: ModelConfig) -> TextStates:
    mask = torch.arange(4)[None] < torch.tensor([2, 4])[:, None]
    return TextStates(torch.randn(2, 4, config.text.width), mask, torch.randn(2, config.text.width))


def test_corrected_matching_trains_what_is_searched_with(tiny_config: ModelConfig) -> None:
    network = fine_network(tiny_config, "corrected")
    scales = [torch.randn(3, c) for c in network.image.backbone.channels]
    scores = network.match(scales, some_states(tiny_config))
    assert scores.shape == (4, 3, 2)
    weights = [as_a(torch.nn.Linear, layer).weight for layer in network.image.scales]
    for k, score in enumerate(scores):
        gradients = torch.autograd.grad(score.sum(), weights, retain_graph=True)
        assert [bool(gradient.any()) for gradient in gradients] == [k == i for i in range(4)]


def test_released_matching_reads_the_pooled_scales_themselves(tiny_config: ModelConfig) -> None:
    network = fine_network(tiny_config, "released")
    scales = [torch.randn(3, c) for c in network.image.backbone.channels]
    states = some_states(tiny_config)
    assert torch.equal(network.match(scales, states), present(network.fine)(scales, states))


def test_a_network_without_a_fine_stage_says_so(tiny_config: ModelConfig) -> None:
    network = MsaNetwork(tiny_config)
    scales = [torch.randn(3, c) for c in network.image.backbone.channels]
    with raises_kind("checkpoint_of_other_architecture", match="no matching heads"):
        network.match(scales, some_states(tiny_config))


def test_fused_batch_norms_compute_the_same(tower: ImageTower) -> None:
    for module in tower.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            present(module.running_mean).normal_(0, 0.1)
            present(module.running_var).uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
    images = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = tower.backbone(images)
        fuse_batch_norms(tower.backbone)
        after = tower.backbone(images)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in tower.modules())
    for a, b in zip(before, after, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-4 * a.abs().max().item())


def test_batch_norms_keep_their_statistics_in_training(tower: ImageTower) -> None:
    tower.train()
    norm = as_a(torch.nn.BatchNorm2d, tower.backbone.net.bn1)
    before = present(norm.running_mean).clone()
    tower(torch.randn(2, 3, 64, 64))
    assert torch.equal(before, present(norm.running_mean))


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenetv2_100"])
def test_other_timm_backbones_work_by_config(backbone: str) -> None:
    config = ImageConfig(backbone, (123.7, 116.3, 103.5), (58.4, 57.1, 57.4), size=64)
    tower = ImageTower(config, width=8, dimension=4).eval()
    with torch.inference_mode():
        assert tower(torch.randn(1, 3, 64, 64)).shape == (1, 4)


def test_an_unknown_backbone_is_named() -> None:
    config = ImageConfig("resnet5000", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    with raises_kind("checkpoint_of_other_architecture", match="resnet5000"):
        FeatureStages(config)


def test_a_wrong_linear_layer_is_named() -> None:
    config = ImageConfig("resnet18", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), linear_layers=("layer1.nothing",))
    with raises_kind("checkpoint_of_other_architecture", match=r"layer1\.nothing"):
        FeatureStages(config)
