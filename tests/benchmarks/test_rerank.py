"""What re-ranking the best N of a list costs, and what it leaves out of memory."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msa_model.index.store import TileIndex
from msa_model.jobs.open_indexes import OpenIndexes
from msa_model.jobs.questions import Questions
from msa_model.jobs.search import search
from msa_model.jobs.sources import OpenSources
from msa_model.model.checkpoint import read_checkpoint, write_checkpoint
from msa_model.model.config import FineConfig
from msa_model.model.encoder import Encoder
from msa_model.model.network import MsaNetwork
from msa_model.protocol.messages import SearchRequest
from tests.benchmarks.conftest import Figures
from tests.benchmarks.test_index import manifest

pytestmark = pytest.mark.slow

TILES, BLOCK = 100_000, 8  # a scan on two cores writes about so many tiles at once
HEADS = (10, 50, 100, 200, 500, 1000)
QUERIES = ("a river", "white roofs", "a road beside fields", "planes parked at an airport", "dense forest")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The shipped architecture with matching heads, their weights random: the time is the same."""
    shipped = read_checkpoint()
    config = replace(shipped.config, fine=shipped.config.fine or FineConfig(384, 6))
    torch.manual_seed(0)
    tensors = {name: tensor.numpy() for name, tensor in MsaNetwork(config).state_dict().items()}
    folder = tmp_path_factory.mktemp("fine")
    write_checkpoint(folder, config, tensors, shipped.background, shipped.deltas)
    return Encoder.load(folder, "cpu")


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "large.gpkg"
    random = np.random.default_rng(0)
    held = replace(
        manifest(100_000),
        model_sha256=encoder.sha256,
        dimension=encoder.dimension,
        scales=encoder.scales_width,
    )
    with TileIndex.open_for_writing(path, held) as index:
        for start in range(0, TILES, BLOCK):
            places = np.arange(start, start + BLOCK, dtype=np.int32)
            keys = np.column_stack((np.ones_like(places), places // 400, places % 400))
            vectors = random.standard_normal((BLOCK, encoder.dimension), np.float32)
            scales = random.standard_normal((BLOCK, encoder.scales_width), np.float32).astype(np.float16)
            index.append(keys, vectors, np.ones(BLOCK, np.float32), None, scales)
    return path


@pytest.fixture
def questions(encoder: Encoder) -> Questions:
    sources = OpenSources()
    return Questions(encoder, OpenIndexes(encoder.sha256, sources), sources)


def test_milliseconds_by_head(figures: Figures, index: Path, questions: Questions) -> None:
    figures.add(f"index of {TILES} tiles with fine codes", f"{index.stat().st_size / TILES:.0f} bytes a tile")
    plain = [search(questions, SearchRequest(query, (str(index),))) for query in QUERIES]
    figures.add("query without re-ranking, encoding", f"{_median(r.timings.encode_ms for r in plain):.1f} ms")
    figures.add("query without re-ranking, ranking", f"{_median(r.timings.rank_ms for r in plain):.1f} ms")
    for head in HEADS:
        replies = [search(questions, SearchRequest(q, (str(index),), rerank=head)) for q in QUERIES]
        figures.add(
            f"re-ranking the best {head}", f"{_median(r.timings.rerank_ms for r in replies[1:]):.1f} ms"
        )
    weighed = [search(questions, SearchRequest(query, (str(index),), words=True)) for query in QUERIES]
    figures.add("weighing the words, 20 hits", f"{_median(r.timings.words_ms for r in weighed):.1f} ms")


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)
