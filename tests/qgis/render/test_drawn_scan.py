"""Layers that only QGIS can read, indexed and searched: a real server, a real worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import methods
from msa_model.protocol.errors import MsaError
from msa_model.protocol.hit_table import HitTable
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import (
    Aoi,
    Hit,
    Progress,
    ScanPlan,
    ScanRequest,
    ScanSettings,
    ScanSummary,
    SearchRequest,
    ThumbnailRequest,
    TileRef,
)
from msa_model.protocol.methods import Method
from qgis_msa_plugin.gis.geometry import aoi_of
from qgis_msa_plugin.render.drawer import DrawingLimits
from qgis_msa_plugin.render.feeder import Feeder
from qgis_msa_plugin.search.scan_run import ScanRun
from qgis_msa_plugin.search.target import scan_request
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.map_server import MapServer
from tests.present import as_a, present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.render.conftest import area_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]

LONG_MS = 120_000
HASTY = DrawingLimits(block_s=20.0, retries=1, pause_s=0.01)
COARSE = ScanSettings(scales_m=(256.0,))


@pytest.fixture(scope="module")
def client(qgis_app: QObject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerClient]:
    cache = str(tmp_path_factory.mktemp("cache"))
    client = WorkerClient(
        lambda: Settings(worker_command=f'"{REAL_WORKER}" worker', cache_folder=cache, threads=1)
    )
    yield client
    client.stop()


@dataclass
class Outcome:
    """What a scan told."""

    finished: list[ScanSummary] = field(default_factory=list)
    failed: list[MsaError] = field(default_factory=list)
    resumed: list[MsaError] = field(default_factory=list)
    progressed: list[Progress] = field(default_factory=list)

    def listen(self, scan: ScanRun) -> None:
        for name in ("finished", "failed", "resumed", "progressed"):
            getattr(scan, name).connect(getattr(self, name).append)

    @property
    def ended(self) -> bool:
        return bool(self.finished or self.failed)


def asked(client: WorkerClient, qtbot: QtBot, method: Method[Any, Any], params: object) -> tuple[Any, ...]:
    found: list[tuple[Any, ...]] = []
    client.call(method, params, lambda *answer: found.append(answer), lambda error: found.append((error,)))
    qtbot.waitUntil(lambda: bool(found), timeout=LONG_MS)
    if isinstance(found[0][0], MsaError):
        raise found[0][0]
    return found[0]


def ranked(client: WorkerClient, qtbot: QtBot, request: SearchRequest) -> list[Hit]:
    table = HitTable.of(*asked(client, qtbot, methods.RANK, request))
    return [table.hit(row) for row in range(len(table))]


def planned(client: WorkerClient, qtbot: QtBot, request: ScanRequest) -> ScanPlan:
    return asked(client, qtbot, methods.PLAN, request)[0]


def hasty(client: WorkerClient) -> ScanRun:
    return ScanRun(client, feeder=Feeder(limits=HASTY))


def scanned(client: WorkerClient, qtbot: QtBot, request: ScanRequest) -> Outcome:
    scan, outcome = hasty(client), Outcome()
    outcome.listen(scan)
    scan.start(request, planned(client, qtbot, request))
    qtbot.waitUntil(lambda: outcome.ended, timeout=LONG_MS)
    return outcome


@pytest.fixture
def area(raster: Path, qgis_app: QObject) -> Aoi:
    return area_of(raster)


def aoi_around(box: QgsRectangle, layer: QgsRasterLayer) -> Aoi:
    return aoi_of(QgsGeometry.fromRect(box), layer.crs())


def test_a_layer_of_tiles_is_indexed_searched_and_shown(
    client: WorkerClient, qtbot: QtBot, tiles: QgsRasterLayer, area: Aoi, server: MapServer
) -> None:
    request = scan_request(tiles, area, ScanSettings(), 1.0)
    plan = planned(client, qtbot, request)
    assert plan.tiles == plan.missing > 20
    assert plan.blocks > 1
    assert plan.gsd_m == pytest.approx(1.0, rel=0.001)
    outcome = scanned(client, qtbot, request)
    assert outcome.failed == []
    (summary,) = outcome.finished
    assert (summary.encoded + summary.skipped, summary.reused) == (plan.tiles, 0)
    assert outcome.progressed[-1].done == outcome.progressed[-1].total == plan.missing
    hits = ranked(client, qtbot, SearchRequest("a field", (plan.index,), 5))
    assert len(hits) == 5
    assert {hit.crs for hit in hits} == {"EPSG:32645"}
    assert hits[0].source == as_a(DrawnLayer, request.raster).source
    best = hits[0]
    tile = TileRef(plan.index, best.factor, best.row, best.col)
    _, pictures = asked(client, qtbot, methods.THUMBNAILS, ThumbnailRequest((tile,), 96))
    assert len(pictures) == 96 * 96 * 3
    assert len(set(zip(pictures[::3], pictures[1::3], pictures[2::3], strict=True))) > 20
    before = len(server.pictures())
    assert planned(client, qtbot, request).missing == 0
    assert len(server.pictures()) == before


def test_drawn_tiles_look_as_those_that_the_worker_reads_itself(
    client: WorkerClient, qtbot: QtBot, raster: Path, tmp_path: Path
) -> None:
    """The same pixels by path and as QGIS draws them: the same tiles in the same order."""
    layer = QgsRasterLayer(str(raster), "scene")
    drawn = scan_request(layer, None, ScanSettings(), shares_files=False)
    assert isinstance(drawn.raster, DrawnLayer)
    read = scan_request(layer, None, ScanSettings())
    scan, outcome = ScanRun(client), Outcome()
    outcome.listen(scan)
    QgsProject.instance().addMapLayer(layer)
    plan, _ = asked(client, qtbot, methods.PLAN, read)
    scan.start(read, plan)
    qtbot.waitUntil(lambda: outcome.ended, timeout=LONG_MS)
    other = scanned(client, qtbot, drawn)
    indexes = [outcome.finished[0].index, other.finished[0].index]
    orders = []
    for index in indexes:
        hits = ranked(client, qtbot, SearchRequest("a street", (index,), 1000))
        orders.append({(hit.factor, hit.row, hit.col): hit.score for hit in hits})
    assert orders[0].keys() == orders[1].keys()
    assert [orders[1][key] for key in orders[0]] == pytest.approx(list(orders[0].values()), abs=0.02)


def test_what_lies_beyond_the_layer_is_skipped_and_not_asked_for_again(
    client: WorkerClient, qtbot: QtBot, wms: QgsRasterLayer, raster: Path
) -> None:
    layer = QgsRasterLayer(str(raster), "scene")
    wide = aoi_around(layer.extent().buffered(1500), layer)
    request = scan_request(wms, wide, COARSE, 1.0)
    (summary,) = scanned(client, qtbot, request).finished
    assert 0 < summary.encoded < summary.skipped
    assert planned(client, qtbot, request).missing == 0


def test_a_failing_server_is_left_alone_and_nothing_is_marked_as_done(
    client: WorkerClient, qtbot: QtBot, server: MapServer, tiles: QgsRasterLayer, area: Aoi
) -> None:
    server.fault = lambda path: 503
    request = scan_request(tiles, area, COARSE, 0.5)
    before = planned(client, qtbot, request)
    (error,) = scanned(client, qtbot, request).failed
    assert error.kind == "layer_unavailable"
    assert "127.0.0.1" in error.sentence
    assert "HTTP 503" in error.sentence
    server.fault = lambda path: None
    assert planned(client, qtbot, request).missing == before.missing
    assert scanned(client, qtbot, request).failed == []


def test_a_cancelled_scan_keeps_what_is_encoded_and_goes_on(
    client: WorkerClient, qtbot: QtBot, tiles: QgsRasterLayer, area: Aoi
) -> None:
    request = scan_request(tiles, area, ScanSettings(scales_m=(77.0,), overlap=0.75), 0.3)
    plan = planned(client, qtbot, request)
    scan, outcome = hasty(client), Outcome()
    outcome.listen(scan)
    scan.start(request, plan)
    qtbot.waitUntil(lambda: scan.indexed > 0, timeout=LONG_MS)
    scan.cancel()
    qtbot.waitUntil(lambda: outcome.ended, timeout=LONG_MS)
    assert [error.kind for error in outcome.failed] == ["cancelled"]
    later = planned(client, qtbot, request)
    assert 0 < later.missing < plan.missing
    assert plan.tiles - later.missing >= scan.indexed


def test_a_scan_goes_on_when_the_worker_dies(
    client: WorkerClient, qtbot: QtBot, tiles: QgsRasterLayer, area: Aoi
) -> None:
    request = scan_request(tiles, area, ScanSettings(scales_m=(102.0,)), 0.4)
    scan, outcome = hasty(client), Outcome()
    outcome.listen(scan)
    plan = planned(client, qtbot, request)
    scan.start(request, plan)
    qtbot.waitUntil(lambda: any(0 < told.done < plan.tiles for told in outcome.progressed), timeout=LONG_MS)
    os.kill(present(client.initialized).pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: outcome.ended, timeout=LONG_MS)
    assert len(outcome.resumed) == 1
    assert outcome.failed == []
    assert planned(client, qtbot, request).missing == 0


def test_a_layer_removed_or_changed_in_mid_scan_ends_it(
    client: WorkerClient, qtbot: QtBot, wms: QgsRasterLayer, area: Aoi
) -> None:
    request = scan_request(wms, area, ScanSettings(), 0.2)
    plan = planned(client, qtbot, request)
    scan, outcome = hasty(client), Outcome()
    outcome.listen(scan)
    scan.start(request, plan)
    qtbot.waitUntil(lambda: bool(outcome.progressed), timeout=LONG_MS)
    wms.brightnessFilter().setBrightness(40)
    qtbot.waitUntil(lambda: outcome.ended, timeout=LONG_MS)
    assert [error.kind for error in outcome.failed] == ["layer_changed"]
    changed = scan_request(wms, area, ScanSettings(), 0.2)
    again = planned(client, qtbot, changed)
    assert again.index != plan.index
    scan.start(changed, again)
    qtbot.wait(50)
    QgsProject.instance().removeMapLayer(wms.id())
    qtbot.waitUntil(lambda: len(outcome.failed) == 2, timeout=LONG_MS)
    assert outcome.failed[1].kind == "layer_gone"


def test_more_tiles_than_is_fair_are_refused_before_anything_is_fetched(
    client: WorkerClient, qtbot: QtBot, tiles: QgsRasterLayer, server: MapServer, raster: Path
) -> None:
    layer = QgsRasterLayer(str(raster), "scene")
    request = scan_request(tiles, aoi_around(layer.extent().buffered(20_000), layer), ScanSettings(), 0.5)
    with pytest.raises(MsaError, match="at most 20,000") as refusal:
        planned(client, qtbot, request)
    assert refusal.value.kind == "too_many_tiles"
    assert server.pictures() == []
