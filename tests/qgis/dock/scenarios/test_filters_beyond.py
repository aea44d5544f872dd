"""Filters over an index of more tiles than an answer holds, with the real worker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol.hit_filter import DEPTH, Filters, class_counts, rounded, scales_of
from qgis_msa_plugin.search.controller import SearchController
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.present import present
from tests.qgis.conftest import REAL_WORKER

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]

ROOT = Path(__file__).resolve().parents[4]
LONG_MS = 300_000
SETTINGS = Settings(worker_command=f'"{REAL_WORKER}" worker')
SIDE_PX = 13_312  # 103 x 103 tiles of the finest of four sizes, 13,969 in all
LARGEST = 12 * 12  # tiles of the largest size


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster beside its index."""
    folder = tmp_path_factory.mktemp("large")
    command = [str(REAL_WORKER.with_name("python")), "-m", "tests.benchmarks.large_index", str(folder)]
    subprocess.run([*command, str(SIDE_PX)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder / "large.tif"


@pytest.fixture
def controller(large: Path, qgis_new_project: None) -> Iterator[SearchController]:
    client = WorkerClient(lambda: SETTINGS)
    session = Session(client, lambda: SETTINGS)
    layer = QgsRasterLayer(str(large), "large")
    QgsProject.instance().addMapLayer(layer)
    session.search.choose_layer(layer)
    yield session.search
    session.release()
    client.stop()


def answered(controller: SearchController, qtbot: QtBot, sides: int) -> None:
    """Waits for an answer whose tiles have so many sides."""

    def is_there() -> bool:
        state = controller.state
        idle = state.phase is ScanPhase.IDLE and not state.searching
        return idle and state.results is not None and len(scales_of(state.results.table)) == sides

    qtbot.waitUntil(is_there, timeout=LONG_MS)


def test_a_size_that_is_rare_among_the_best_is_listed_whole(
    controller: SearchController, qtbot: QtBot
) -> None:
    state = controller.state
    controller.search("houses")
    answered(controller, qtbot, 4)
    assert len(present(state.results).table) == DEPTH < present(state.results).tiles
    every = scales_of(present(state.results).table)
    largest = frozenset({every[-1]})
    among = sum(rounded(present(state.results).table.scale_m(row)) in largest for row in range(DEPTH))
    assert 0 < among < LARGEST
    controller.set_filters(Filters(scales_m=largest, merge=False, limit=1000))
    answered(controller, qtbot, 1)
    assert len(state.shown.rows) == LARGEST
    assert present(state.results).sides == every
    controller.set_filters(Filters(merge=False, limit=1000))
    answered(controller, qtbot, 4)
    assert len(present(state.results).table) == DEPTH


def test_a_kind_is_listed_beyond_the_best_and_the_others_are_still_offered(
    controller: SearchController, qtbot: QtBot
) -> None:
    state = controller.state
    controller.search("houses")
    judged(controller, qtbot, frozenset())
    counts, tiles = dict(class_counts(present(state.results).table)), present(state.results).tiles
    kind = list(counts)[len(counts) // 2]
    controller.set_filters(Filters(categories=frozenset({kind}), merge=False, limit=DEPTH))
    judged(controller, qtbot, frozenset({kind}))
    assert dict(class_counts(present(state.results).table)) == {kind: len(present(state.results).table)}
    assert len(state.shown.rows) == len(present(state.results).table) > counts[kind]
    assert present(state.results).tiles == tiles  # as many were searched
    assert set(present(state.results).kinds) >= set(counts)
    scores = list(present(state.results).table.scores)
    assert scores == sorted(scores, reverse=True)
    controller.set_filters(Filters(merge=False, limit=DEPTH))
    judged(controller, qtbot, frozenset())
    assert dict(class_counts(present(state.results).table)) == counts


def judged(controller: SearchController, qtbot: QtBot, kinds: frozenset[str]) -> None:
    """Waits for the verdict on an answer of these kinds."""

    def is_there() -> bool:
        state = controller.state
        results = None if state.searching else state.results
        return results is not None and results.verdict is not None and results.limits.categories == kinds

    qtbot.waitUntil(is_there, timeout=LONG_MS)
