"""Scans and searches on a real Dask cluster: a scheduler and workers of their own, on this machine alone."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.cluster import tasks
from msa_model.cluster.connection import Cluster, connected
from msa_model.cluster.jobs import index_rasters, search_on
from msa_model.cluster.tasks import Expected
from msa_model.index.manifest import Manifest
from msa_model.index.store import TileIndex
from msa_model.jobs.engine import Engine
from msa_model.jobs.scan import scan
from msa_model.jobs.steps import outcome
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import AoiOutsideRaster, IndexUnreadable, MsaError
from msa_model.protocol.messages import Aoi, RasterRef, ScanRequest, ScanSummary, SearchRequest
from msa_model.raster.source import RasterSource
from tests.refusals import raises_kind
from tests.worker.machines import Machines

pytest.importorskip("distributed", reason="Dask is not installed")

PACKAGE = Path(tasks.__file__).parents[1]
QUERY = "green fields"


@pytest.fixture(scope="module")
def expected(encoder: Encoder) -> Expected:
    return Expected.of(encoder, None)


@pytest.fixture(scope="module")
def cluster(machines: Machines, expected: Expected) -> Iterator[Cluster]:
    with connected(machines.address, expected) as cluster:
        yield cluster


@pytest.fixture
def rasters(make_raster: Callable[..., Path], textured: Callable[..., Any]) -> list[Path]:
    return [make_raster(textured(700, 900, seed=number), f"scene{number}.tif") for number in range(2)]


def requests(rasters: list[Path], folder: str) -> list[ScanRequest]:
    for raster in rasters:
        (raster.parent / folder).mkdir(exist_ok=True)
    return [
        ScanRequest(RasterRef(str(path)), index=str(path.parent / folder / f"{path.stem}.gpkg"))
        for path in rasters
    ]


def finished(cluster: Cluster, encoder: Encoder, asked: list[ScanRequest]) -> list[ScanSummary | MsaError]:
    return outcome(index_rasters(cluster, encoder, asked, None))


def table_of(path: str) -> dict[tuple[int, ...], Any]:
    with TileIndex.open_for_reading(path) as index:
        table = index.load()
    return dict(zip(map(tuple, table.keys.tolist()), table.vectors, strict=True))


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def check_same(one: str, other: str) -> None:
    """The same tiles, and of each the same vector."""
    here, there = table_of(one), table_of(other)
    assert set(here) == set(there)
    assert len(here) > 20
    cosines = [
        here[key] @ there[key] / np.linalg.norm(here[key]) / np.linalg.norm(there[key]) for key in here
    ]
    assert min(cosines) >= 0.9999


def test_a_worker_that_is_killed_in_mid_scan_costs_no_tile(
    machines: Machines, expected: Expected, encoder: Encoder, rasters: list[Path]
) -> None:
    doomed = machines.start_worker()
    asked = requests(rasters, "cluster")
    with connected(machines.address, expected) as cluster:
        assert cluster.workers == 2
        steps = index_rasters(cluster, encoder, asked, None)
        while next(steps)[1].done == 0:
            pass
        doomed.send_signal(signal.SIGKILL)
        summaries = outcome(steps)
    for request, summary in zip(asked, summaries, strict=True):
        assert isinstance(summary, ScanSummary)
        assert summary.encoded == summary.tiles
        alone = replace(request, index=f"{request.index}.alone.gpkg")
        outcome(scan(encoder, alone, None))
        check_same(str(request.index), str(alone.index))


def test_a_search_on_the_cluster_finds_what_one_here_finds(
    cluster: Cluster, encoder: Encoder, rasters: list[Path]
) -> None:
    asked = requests(rasters, "search")
    finished(cluster, encoder, asked)
    engine = Engine(encoder)
    indexes = tuple(str(request.index) for request in asked)
    for request in (SearchRequest(QUERY, indexes, 7), SearchRequest(QUERY, indexes[::-1], 500)):
        for merge in (False, True):
            here = engine.search(request, merge).reply
            there = search_on(cluster, engine.questions, request, merge)
            assert there.results == here.results
            assert there.tiles == here.tiles


def test_a_scan_that_is_done_already_encodes_nothing(
    cluster: Cluster, encoder: Encoder, rasters: list[Path]
) -> None:
    asked = requests(rasters[:1], "twice")
    first, again = finished(cluster, encoder, asked)[0], finished(cluster, encoder, asked)[0]
    assert isinstance(first, ScanSummary)
    assert isinstance(again, ScanSummary)
    assert (again.encoded, again.reused) == (0, first.tiles)


def test_a_raster_that_fails_holds_up_no_other(
    cluster: Cluster, encoder: Encoder, rasters: list[Path]
) -> None:
    bad, good = requests(rasters, "half")
    Path(str(bad.index)).write_bytes(b"mine" * 2000)
    failure, summary = finished(cluster, encoder, [bad, good])
    assert isinstance(failure, IndexUnreadable)
    assert isinstance(summary, ScanSummary)
    assert Path(str(bad.index)).read_bytes() == b"mine" * 2000


def test_a_raster_that_a_machine_does_not_see_is_named(
    cluster: Cluster, encoder: Encoder, rasters: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = requests(rasters[:1], "away")
    monkeypatch.chdir(rasters[0].parent)
    hidden = replace(asked[0], raster=RasterRef(rasters[0].name))
    with raises_kind("not_shared", match=r"does not see scene0\.tif"):
        finished(cluster, encoder, [hidden])


def test_another_raster_under_the_same_name_is_refused(
    cluster: Cluster, encoder: Encoder, rasters: list[Path]
) -> None:
    with TileIndex.open_for_writing(
        rasters[0].with_name("i.gpkg"), manifest_of(encoder, rasters[0])
    ) as index:
        manifest = index.manifest
    shutil.copy2(rasters[1], rasters[0])
    keys = np.array([[1, 0, 0]], np.int32)
    part = cluster.client.submit(
        tasks.encode_part, cluster.expected, RasterRef(str(rasters[0])), manifest, keys, 0.5, pure=False
    )
    with raises_kind("not_shared", match="another raster"):
        part.result()


def manifest_of(encoder: Encoder, raster: Path) -> Manifest:
    with RasterSource.open(RasterRef(str(raster))) as source:
        return Manifest.of(
            source, model=encoder.name, model_sha256=encoder.sha256, dimension=encoder.dimension
        )


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"version": "0.0.1"}, "MSA Search"),
        ({"model_sha256": "0" * 64}, "another model"),
        ({"engine": "torch"}, "--engine"),
    ],
)
def test_a_worker_of_another_version_or_model_is_refused(
    machines: Machines, expected: Expected, other: dict[str, str], told: str
) -> None:
    with (
        raises_kind("cluster_worker_differs", match=told),
        connected(machines.address, replace(expected, **other)),
    ):
        pass


def other_version(folder: Path) -> None:
    """The product as it is, but for the number of its version."""
    shutil.copytree(PACKAGE, folder / "msa_model", ignore=shutil.ignore_patterns("__pycache__"))
    shipped = folder / "msa_model" / "shipped" / "__init__.py"
    shipped.write_text(f'{shipped.read_text()}\n\ndef version() -> str:\n    return "0.0.9"\n')


def without_errors(folder: Path) -> None:
    """A product of another time: its failures have names that are not known here."""
    other_version(folder)
    errors = folder / "msa_model" / "protocol" / "errors.py"
    errors.write_text(errors.read_text() + "\n\nclass OfOldTimes(MsaError):\n    pass\n")
    tasks_there = folder / "msa_model" / "cluster" / "tasks.py"
    raising = "from msa_model.protocol.errors import OfOldTimes\n\n\ndef check(_):\n    raise OfOldTimes(1)\n"
    tasks_there.write_text(tasks_there.read_text() + "\n\n" + raising)


def no_product(folder: Path) -> None:
    (folder / "msa_model").mkdir()
    (folder / "msa_model" / "__init__.py").write_text("raise ModuleNotFoundError('No module of that name')\n")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (other_version, r"The machine tcp://127\.0\.0\.1:\d+ has MSA Search 0\.0\.9, this one \d"),
        (without_errors, r"The machine tcp://127\.0\.0\.1:\d+ has another MSA Search than this one"),
        (no_product, r"The machine tcp://127\.0\.0\.1:\d+ has another MSA Search than this one"),
    ],
)
def test_a_machine_with_another_product_is_named(
    make: Callable[[Path], None], told: str, tmp_path: Path, machines: Machines, expected: Expected
) -> None:
    make(tmp_path)
    odd = machines.start_worker(PYTHONPATH=str(tmp_path))
    try:
        with (
            raises_kind("cluster_worker_differs", match=told) as refused,
            connected(machines.address, expected),
        ):
            pass
        assert len(refused.value.sentence) < 200
    finally:
        odd.kill()
        odd.wait()


def test_a_machine_that_cannot_load_the_model_is_named(
    tmp_path: Path, machines: Machines, encoder: Encoder, expected: Expected
) -> None:
    gone = replace(expected, model=str(tmp_path / "model"))
    with (
        raises_kind("cluster_worker_differs", match=r"The machine tcp://\S+ cannot load the model: .*model"),
        connected(machines.address, gone),
    ):
        pass


def test_a_model_s_folder_is_the_same_one_wherever_a_machine_was_started(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Expected.of(encoder, "own").model == str(tmp_path / "own")
    assert Expected.of(encoder, "msa-small").model == "msa-small"


def test_an_index_that_a_machine_does_not_see_is_named(cluster: Cluster, encoder: Encoder) -> None:
    request = SearchRequest(QUERY, ("/nowhere/at/all.gpkg",))
    with raises_kind("not_shared", match=r"all\.gpkg"):
        search_on(cluster, Engine(encoder).questions, request)


def test_an_area_that_meets_no_raster_is_told(
    cluster: Cluster, encoder: Encoder, rasters: list[Path]
) -> None:
    asked = requests(rasters[:1], "outside")
    finished(cluster, encoder, asked)
    away = Aoi("POLYGON ((0 0, 1 0, 1 1, 0 0))", "EPSG:32633")
    with pytest.raises(AoiOutsideRaster):
        search_on(cluster, Engine(encoder).questions, SearchRequest(QUERY, (str(asked[0].index),), aoi=away))


def test_a_worker_s_address_is_not_taken_for_the_scheduler_s(
    cluster: Cluster, expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.cluster.connection._SECONDS", 2)
    address = next(iter(cluster.client.nthreads()))
    with raises_kind("scheduler_unreachable", match=address), connected(address, expected):
        pass


def test_a_scheduler_without_workers_is_named(
    tmp_path: Path, expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.cluster.connection._SECONDS", 1)
    alone = Machines(tmp_path)
    alone.start_scheduler()
    try:
        with (
            raises_kind("cluster_workers_lost", match="no 'dask worker'"),
            connected(alone.address, expected),
        ):
            pass
    finally:
        alone.end()
