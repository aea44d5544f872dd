"""Other models than the shipped one through the commands and the worker: a CLIP folder, another backbone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from msa_model.cli.main import main
from msa_model.model.checkpoint import checkpoint_identity, write_checkpoint
from msa_model.model.config import ImageConfig, ModelConfig, TextConfig
from msa_model.protocol.codec import from_wire
from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.messages import RasterRef, ScanSummary, SearchRequest
from msa_model.protocol.rpc import BUILD, DESCRIBE, RANK
from tests.model.tiny_models import WIDTH, clip, text_encoder
from tests.worker.client import hits_of, started_worker
from tests.worker.conftest import EAST, GSD_M, NORTH, scan_of

CENTRE = (EAST + 384 * GSD_M, NORTH - 384 * GSD_M)
AT = f"{CENTRE[0]},{CENTRE[1]}"


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("clip") / "tiny-clip")


@pytest.fixture(scope="module")
def other_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of three Swin stages and a RoBERTa that lies in a folder, none of it trained."""
    from msa_model.model.network import MsaNetwork

    place = tmp_path_factory.mktemp("other")
    text = TextConfig("", str(text_encoder(place / "roberta", "roberta")), "", "", "", WIDTH)
    grey = (127.5, 127.5, 127.5)
    image = ImageConfig("swin_tiny_patch4_window7_224", grey, grey, size=32, stages=(0, 1, 2))
    config = ModelConfig("swin-roberta", image, text, width=24, dimension=16)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    write_checkpoint(place / "model", config, tensors, np.zeros(config.dimension, np.float32))
    return place / "model"


def printed(line: list[object], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main([str(word) for word in line]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("kind", ["clip_folder", "other_checkpoint"])
def test_another_model_indexes_searches_and_describes_by_the_commands(
    kind: str,
    scene: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder: Path = request.getfixturevalue(kind)
    index, model = tmp_path / "other.gpkg", ["--model", folder, "--device", "cpu", "--json"]
    summary = printed(["index", scene, "--index", index, *model], capsys)
    assert summary["encoded"] == summary["tiles"] > 0
    found = printed(["search", index, "a car park", "-k", 3, "--words", *model], capsys)["results"]
    assert [hit["rank"] for hit in found] == [1, 2, 3]
    assert all(-1 <= hit["score"] <= 1 for hit in found)
    assert [word["word"] for word in found[0]["words"]] == ["a", "car", "park"]
    described = printed(["describe", scene, "--at", AT, "--scale", 100, "-k", 3, *model], capsys)
    assert len(described["phrases"]) == 3
    told = printed(["info", index, "--model", folder, "--json"], capsys)
    assert told["model_sha256"] == told["indexes"][0]["model_sha256"] == checkpoint_identity(folder)[1]
    assert told["model"] == told["indexes"][0]["model"]
    assert told["check"]["bytes_per_tile"] == 2 * told["dimension"]
    assert told["check"]["tiles_per_second"] > 0
    assert not told["check"]["sound"]  # its weights are random
    assert main(["info", "--model", str(folder)]) == 0
    assert "towers do not belong together" in capsys.readouterr().out


def test_the_index_of_a_clip_is_not_searched_with_the_shipped_model(
    clip_folder: Path, scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "clip.gpkg"
    command = [sys.executable, "-m", "msa_model.cli.main", "index", scene, "--index", index]
    subprocess.run([*map(str, command), "--model", str(clip_folder)], check=True, capture_output=True)
    assert main(["search", str(index), "a river"]) == 1
    assert "another model" in capsys.readouterr().err


def test_a_worker_serves_a_clip_folder(clip_folder: Path, scene: Path, tmp_path: Path) -> None:
    with started_worker() as worker:
        worker.initialize(model=str(clip_folder), device="cpu")
        ready = worker.ready()
        assert (ready.model, ready.model_sha256, ready.dimension) == checkpoint_identity(clip_folder)
        build = worker.call(BUILD, scan_of(scene, tmp_path / "clip.gpkg"), seconds=120)
        summary = from_wire(ScanSummary, build.result)
        found = worker.ranked(SearchRequest("a river", (summary.index,), k=4))
        assert [hit.rank for hit in hits_of(found)] == [1, 2, 3, 4]
        asked = DescribeRequest(RasterRef(str(scene)), "EPSG:32633", CENTRE, scale_m=100.0, k=5)
        described = from_wire(DescribeReply, worker.call(DESCRIBE, asked, seconds=60).result)
        assert [phrase.score for phrase in described.phrases] == sorted(
            (phrase.cosine for phrase in described.phrases), reverse=True
        )
        assert worker.refusal(RANK, SearchRequest("река", (summary.index,))).error.kind == (
            "query_not_understood"
        )


def test_a_worker_names_a_folder_that_holds_another_kind_of_model(tmp_path: Path) -> None:
    (tmp_path / "RemoteCLIP-ViT-B-32.pt").write_bytes(b"pickle")
    with started_worker() as worker:
        worker.initialize(model=str(tmp_path))
        refused = worker.refusal(RANK, SearchRequest("river", ()), seconds=60).error
        assert refused.kind == "checkpoint_of_other_architecture"
        assert "convert it" in refused.sentence
