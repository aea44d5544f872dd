from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from msa_model.model import mscmat
from msa_model.model.config import FineConfig
from msa_model.model.mscmat import MatchingHead, Mscmat
from msa_model.model.text import TextStates
from tests.present import as_a
from tests.refusals import raises_kind

CHANNELS = (5, 7)
WIDTH, HEADS, TEXT_WIDTH = 8, 2, 6
LENGTHS = (4, 1, 3)


def a_network(mode: str, text_width: int = TEXT_WIDTH) -> Mscmat:
    torch.manual_seed(0)
    network = Mscmat(CHANNELS, text_width, FineConfig(WIDTH, HEADS), mode).eval()
    for parameter in network.parameters():  # no zero biases and unit gains that hide a missing term
        parameter.data.add_(torch.randn_like(parameter), alpha=0.3)
    return network.requires_grad_(requires_grad=False)


def some_scales(n: int) -> list[Tensor]:
    return [torch.randn(n, c) for c in CHANNELS]


def some_texts(text_width: int = TEXT_WIDTH, padding: int = 0) -> TextStates:
    length = max(LENGTHS) + padding
    mask = torch.arange(length)[None] < torch.tensor(LENGTHS)[:, None]
    sentences = nn.functional.normalize(torch.randn(len(LENGTHS), text_width), dim=1)
    return TextStates(torch.randn(len(LENGTHS), length, text_width), mask, sentences)


@pytest.mark.parametrize("mode", ["released", "corrected"])
@pytest.mark.parametrize("text_width", [TEXT_WIDTH, WIDTH])
def test_scores_agree_with_loops_over_the_equations(mode: str, text_width: int) -> None:
    network, scales, texts = a_network(mode, text_width), some_scales(4), some_texts(text_width)
    found = network(scales, texts)
    assert found.shape == (2, 4, 3)
    for k, scale in enumerate(scales):
        for i in range(4):
            for j in range(3):
                expected = _match_by_loops(network, mode, k, scale[i], _one(texts, j))
                assert found[k, i, j].item() == pytest.approx(expected, abs=2e-5)


def _one(texts: TextStates, j: int) -> TextStates:
    return TextStates(texts.tokens[j], texts.mask[j], texts.sentences[j])


def _match_by_loops(network: Mscmat, mode: str, k: int, s: Tensor, text: TextStates) -> float:
    head = network.heads[k]
    q = _linear(head.project, s.tolist())
    asking = _linear(head.query, _layer_norm(network.query_norm, q))
    words = [
        _layer_norm(network.token_norm, _maybe_linear(network.tokens, word.tolist()))
        for word, real in zip(text.tokens, text.mask.tolist(), strict=True)
        if real
    ]
    keys = [_linear(head.key, word) for word in words]
    values = [_linear(head.value, word) for word in words]
    size, context = WIDTH // HEADS, []
    for h in range(HEADS):
        part = range(h * size, (h + 1) * size)
        weights = [math.exp(sum(asking[d] * key[d] for d in part) / math.sqrt(size)) for key in keys]
        total = sum(weights)
        context += [sum(a / total * value[d] for a, value in zip(weights, values, strict=True)) for d in part]
    c = _linear(head.output, context)
    if mode == "released":
        t = _maybe_linear(network.sentence, text.sentences.tolist())
    else:
        linear, norm = as_a(nn.Sequential, network.sentence)
        t = _layer_norm(norm, _linear(linear, text.sentences.tolist()))
    (m,) = _linear(head.match, [(c[d] + t[d]) * q[d] for d in range(WIDTH)])
    return 1 / (1 + math.exp(-m)) if mode == "released" else m


def _maybe_linear(layer: object, x: list[float]) -> list[float]:
    return x if isinstance(layer, nn.Identity) else _linear(layer, x)


def _linear(layer: object, x: list[float]) -> list[float]:
    layer = as_a(nn.Linear, layer)
    weight, bias = layer.weight.tolist(), layer.bias.tolist()
    return [b + sum(w * v for w, v in zip(row, x, strict=True)) for row, b in zip(weight, bias, strict=True)]


def _layer_norm(layer: object, x: list[float]) -> list[float]:
    layer = as_a(nn.LayerNorm, layer)
    mean = sum(x) / len(x)
    spread = math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + layer.eps)
    gains, biases = layer.weight.tolist(), layer.bias.tolist()
    return [(v - mean) / spread * g + b for v, g, b in zip(x, gains, biases, strict=True)]


def test_a_head_agrees_with_torchs_attention() -> None:
    head = MatchingHead(5, WIDTH, HEADS).eval().requires_grad_(requires_grad=False)
    attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).eval()
    attention.in_proj_weight.data = torch.cat([head.query.weight, head.key.weight, head.value.weight])
    attention.out_proj.weight.data = head.output.weight
    s, tokens = torch.randn(1, 5), torch.randn(1, 4, WIDTH)
    text = TextStates(tokens, torch.ones(1, 4, dtype=torch.bool), torch.randn(1, WIDTH))
    q = head.project(s)
    c, _ = attention(q[None], tokens, tokens)
    expected = head.match((c[0] + text.sentences) * q)
    assert torch.allclose(head(s, nn.Identity(), text), expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["released", "corrected"])
def test_what_is_masked_never_matters(mode: str) -> None:
    network, scales, texts = a_network(mode), some_scales(3), some_texts(padding=2)
    noise = torch.where(texts.mask[..., None], texts.tokens, 1e3 * torch.randn_like(texts.tokens))
    other = TextStates(noise, texts.mask, texts.sentences)
    assert torch.allclose(network(scales, texts), network(scales, other), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(st.integers(0, 5), min_size=1, max_size=6), columns=st.lists(st.integers(0, 2), min_size=1)
)
def test_a_pairs_score_does_not_depend_on_its_company(rows: list[int], columns: list[int]) -> None:
    network, scales, texts = a_network("corrected"), some_scales(6), some_texts()
    part = TextStates(texts.tokens[columns], texts.mask[columns], texts.sentences[columns])
    whole = network(scales, texts)
    assert torch.allclose(network([s[rows] for s in scales], part), whole[:, rows][..., columns], atol=1e-5)


def test_chunks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    network, scales, texts = a_network("corrected"), some_scales(7), some_texts()
    with torch.no_grad():
        whole = network(scales, texts)
        monkeypatch.setattr(mscmat, "CHUNK", 3 * 4 * HEADS * 2)  # two images at a time
        assert torch.allclose(network(scales, texts), whole, atol=1e-6)


def test_released_scores_are_probabilities_and_corrected_ones_are_not() -> None:
    scales, texts = [20 * s for s in some_scales(8)], some_texts()
    released, corrected = a_network("released")(scales, texts), a_network("corrected")(scales, texts)
    assert released.min() >= 0
    assert released.max() <= 1
    assert corrected.min() < 0
    assert corrected.max() > 1


def test_the_corrected_sentence_vector_has_the_size_of_a_normalised_layer() -> None:
    network = Mscmat(CHANNELS, TEXT_WIDTH, FineConfig(64, 4), "corrected")
    t = network.sentence(some_texts().sentences)
    assert torch.allclose(t.pow(2).mean(dim=1).sqrt(), torch.ones(3), atol=0.01)


def test_widths_that_agree_need_no_projection() -> None:
    network = Mscmat(CHANNELS, WIDTH, FineConfig(WIDTH, HEADS), "released")
    assert not any(name.startswith(("tokens.", "sentence.")) for name in network.state_dict())


def test_heads_that_do_not_divide_the_width_are_named() -> None:
    with raises_kind("checkpoint_of_other_architecture", match="width 8 cannot have 3"):
        Mscmat(CHANNELS, TEXT_WIDTH, FineConfig(8, 3), "corrected")
