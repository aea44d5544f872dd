from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from msa_model.model.config import ModelConfig
from msa_model.model.text import SentenceEncoder
from msa_model.protocol.errors import BadArgument
from msa_model.raster.tiles import prefetched
from msa_model.research.train.optimiser import MovingAverage, rate_factor
from msa_model.research.train.plan import Plan, TextNumbers, evenly
from msa_model.research.train.ranks import ProcessRank
from msa_model.research.train.recipe import Training
from msa_model.research.train.state import Log, RunKey, State, StepRecord, read_state, write_state
from msa_model.research.train.trained_network import TextTower, make_text_bank

pytestmark = pytest.mark.usefixtures("one_thread")

TRAINING = Training(batch=8, head_rate=1e-3, epochs=2, mosaic=0.5, phrase=0.5)


def texts() -> TextNumbers:
    captions = tuple((2 * i, 2 * i + 1) for i in range(20))
    phrases = tuple(() if i % 2 else (40, 41) for i in range(20))
    own = torch.tensor([[*c, *(p or c)] for c, p in zip(captions, phrases, strict=True)])
    return TextNumbers(captions, phrases, own)


def test_an_epoch_shows_every_image_once_and_steps_depend_on_seed_and_number_alone() -> None:
    plan = Plan(TRAINING, texts(), 3, seed=1)
    assert (plan.steps_per_epoch, plan.steps) == (2, 4)
    steps = [plan.step(number) for number in range(4)]
    for one, other in (steps[:2], steps[2:]):
        assert len({*one.rows, *other.rows}) == 16
    again = Plan(TRAINING, texts(), 3, seed=1).step(2)
    assert (again.rows, again.views, again.side) == (steps[2].rows, steps[2].views, steps[2].side)
    assert torch.equal(again.texts, steps[2].texts)
    assert Plan(TRAINING, texts(), 3, seed=2).step(2).rows != again.rows


def test_texts_are_an_image_s_own_and_a_shared_phrase_is_no_negative() -> None:
    drawn = [Plan(TRAINING, texts(), 3, seed).step(0) for seed in range(30)]
    found = {number for step in drawn for number in step.texts.tolist()}
    assert {40, 41} <= found
    for step in drawn:
        for i, row in enumerate(step.rows):
            own = set(texts().own[row].tolist())
            assert int(step.texts[i]) in own
            assert step.same[i].tolist() == [int(text) in own for text in step.texts]
    assert {step.side for step in drawn} == {1, 2}
    assert {view for step in drawn for view in step.views} == {0, 1, 2}


def test_the_rate_rises_to_its_peak_and_falls_to_next_to_nothing() -> None:
    factors = [rate_factor(step, 100, 0.1) for step in range(100)]
    assert factors[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert factors[10] == pytest.approx(1)
    assert factors == [*sorted(factors[:10]), *sorted(factors[10:], reverse=True)]
    assert factors[55] == pytest.approx((1 + math.cos(math.pi / 2)) / 2)
    assert factors[-1] < 0.01
    assert rate_factor(0, 12, 0.0) == 1.0
    assert max(rate_factor(step, 12, 0.1) for step in range(12)) == 1.0


def test_the_average_follows_its_parameters_and_can_be_swapped_in() -> None:
    parameter = nn.Parameter(torch.zeros(3))
    average = MovingAverage({"p": parameter}, 0.5)
    with torch.no_grad():
        parameter.add_(1)
    average.update(1000)
    assert average.values["p"].tolist() == [0.5] * 3
    average.swap()
    assert (parameter.tolist(), average.values["p"].tolist()) == ([0.5] * 3, [1.0] * 3)
    average.swap()
    assert (parameter.tolist(), average.values["p"].tolist()) == ([1.0] * 3, [0.5] * 3)


def test_what_is_read_ahead_comes_in_order_and_fails_where_it_is_due() -> None:
    def make(number: int) -> int:
        time.sleep(0.001 * (5 - number % 5))
        if number == 7:
            raise ValueError("seven")
        return number * number

    assert list(prefetched(range(7), make, threads=1)) == [n * n for n in range(7)]
    made = prefetched(range(9), make, threads=1)
    assert [next(made) for _ in range(7)] == [n * n for n in range(7)]
    with pytest.raises(ValueError, match="seven"):
        next(made)


def test_a_state_is_read_back_only_by_its_own_run(tmp_path: Path) -> None:
    key = RunKey("recipe", 1, "init", "data")
    assert read_state(tmp_path, key) is None
    write_state(tmp_path, State(key, 12, {"a": torch.arange(3.0)}))
    found = read_state(tmp_path, key)
    assert found is not None
    assert (found.steps, found.tensors["a"].tolist()) == (12, [0.0, 1.0, 2.0])
    for other in (RunKey("other", 1, "init", "data"), RunKey("recipe", 2, "init", "data")):
        assert read_state(tmp_path, other) is None
    (tmp_path / "run" / "state.safetensors").write_bytes(b"torn")
    assert read_state(tmp_path, key) is None


def test_a_batch_that_processes_cannot_share_is_refused() -> None:
    assert ProcessRank(1, 2).share(8, 4) == slice(4, 8)
    with pytest.raises(BadArgument, match="cannot be shared by 3 processes"):
        ProcessRank(0, 3).share(8, 1)


def test_few_of_many_are_spread_evenly() -> None:
    assert evenly(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert evenly(101, 3).tolist() == [0, 50, 100]


@pytest.mark.parametrize("tuned", [0, 2])
@pytest.mark.parametrize("mode", ["corrected", "released"])
def test_the_text_tower_reads_cached_states_as_the_encoder_reads_texts(
    tiny_config: ModelConfig, tmp_path: Path, tuned: int, mode: str
) -> None:
    wanted = ["a bridge over a wide river", "trees", "many planes at an airport", "trees"]
    encoder = SentenceEncoder.load(tiny_config.text)
    with torch.no_grad():
        expected = encoder.states(wanted, mode)  # type: ignore[arg-type]
    bank = make_text_bank(wanted, encoder, tuned, padded=mode == "released", cache=tmp_path)
    again = make_text_bank(wanted, encoder, tuned, padded=mode == "released", cache=tmp_path)
    assert bank.number_of == again.number_of
    tower = TextTower(encoder, bank, tuned, mode).eval()
    with torch.no_grad():
        found = tower(torch.tensor(bank.numbers(wanted)))
    assert torch.equal(found.mask, expected.mask)
    assert torch.allclose(found.sentences, expected.sentences, atol=2e-3)
    seen = expected.mask.unsqueeze(-1)
    assert torch.allclose(found.tokens * seen, expected.tokens * seen, atol=2e-2)


def test_only_the_tuned_layers_learn_and_are_kept_under_their_own_names(
    tiny_config: ModelConfig, tmp_path: Path
) -> None:
    encoder = SentenceEncoder.load(tiny_config.text)
    before = {name: tensor.clone() for name, tensor in encoder.network.state_dict().items()}
    bank = make_text_bank(["trees"], encoder, 1, padded=False, cache=tmp_path)
    tower = TextTower(encoder, bank, 1, "corrected")
    names = {name for name, parameter in tower.named_parameters() if parameter.requires_grad}
    assert names
    assert all(name.startswith("network.encoder.layer.0.") for name in names)
    deltas = tower.deltas()
    assert all(name.startswith("encoder.layer.5.") for name in deltas)
    assert all(torch.equal(tensor, before[name]) for name, tensor in deltas.items())


def test_a_log_goes_on_after_the_step_that_was_saved(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for step in (1, 2, 3):
        log.step(StepRecord(step, 1, 2.0, {"contrastive": 2.0}, 0.5, {"heads": 1e-3}, 0.1))
    log.validation(2, {("captions", "mr"): 25.0})
    with (tmp_path / "run" / "log.csv").open("a", encoding="utf-8") as file:
        file.write("4,1")  # the process died here
    log = Log(tmp_path, 2)
    log.step(StepRecord(3, 1, 1.0, {"contrastive": 1.0}, 0.5, {"text": 1e-4}, 0.1))
    header, *rows = (tmp_path / "run" / "log.csv").read_text(encoding="utf-8").splitlines()
    assert header.startswith("step,epoch,loss,contrastive,")
    assert [row.split(",")[:3] for row in rows] == [["1", "1", "2"], ["2", "1", "2"], ["3", "1", "1"]]
    assert (tmp_path / "run" / "validation.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "2,captions,mr,25.0000"
    ]
