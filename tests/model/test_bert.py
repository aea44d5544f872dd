from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from msa_model.model import text_files
from msa_model.model.bert import Bert, plain_bert
from msa_model.model.text_files import WEIGHTS, load_network
from tests.model.tiny_models import text_encoder

TEXT_ONLY = """
import sys
from msa_model.model.encoder import Encoder
encoder = Encoder.load(None, "cpu", 1, sys.argv[1])
assert encoder.encode_texts(["a river"]).shape == (1, encoder.dimension)
print(sorted({"timm", "torchvision", "transformers", "openvino"} & sys.modules.keys()), encoder.likely_engine)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text_encoder(tmp_path_factory.mktemp("text") / "bert")


@torch.inference_mode()
def test_states_are_those_that_transformers_computes(folder: Path) -> None:
    own = load_network(folder).eval()
    config = text_files.read_json(folder / "config.json")
    theirs = text_files._of_transformers(folder, config).eval()
    assert isinstance(own, Bert)
    assert own.state_dict().keys() == theirs.state_dict().keys()
    ids = torch.arange(12).reshape(2, 6) % config["vocab_size"]
    used = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
    found, expected = (
        network(input_ids=ids, attention_mask=used).last_hidden_state[used.bool()]
        for network in (own, theirs)
    )
    assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"model_type": "roberta"},
        {"num_attention_heads": 3},
        {"num_hidden_layers": 1},
        {"vocab_size": "many"},
    ],
    ids=str,
)
def test_what_is_no_plain_bert_is_left_to_transformers(folder: Path, change: dict[str, object]) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / WEIGHTS)
    assert plain_bert(config, tensors) is not None
    assert plain_bert(config | change, tensors) is None


@pytest.mark.parametrize(("engine", "likely"), [("torch-float32", "torch-float32"), ("auto", "")])
def test_a_text_needs_neither_the_image_tower_nor_a_measured_engine(
    engine: str, likely: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("XDG_CACHE_HOME", str(tmp_path)), ("MSA_SEARCH_ENGINE", "")):
        monkeypatch.setenv(name, value)
    done = subprocess.run(
        [sys.executable, "-c", TEXT_ONLY, engine], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == f"[] {likely}".strip(), done.stderr
    assert not list(tmp_path.iterdir())
