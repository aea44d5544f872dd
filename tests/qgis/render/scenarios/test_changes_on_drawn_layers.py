"""What changed between two dates of which QGIS draws one or both: in the toolbox and in the dock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsHillshadeRenderer,
    QgsProcessingException,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.changing import ChangeHit
from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.gis.geometry import aoi_of, polygon_of
from qgis_msa_plugin.search.question import Dates
from qgis_msa_plugin.search.state import ScanPhase
from qgis_msa_plugin.session import Session
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from tests.map_server import map_server
from tests.present import as_a, present
from tests.qgis.conftest import REAL_WORKER
from tests.qgis.dock.dates import BUILT, ten_years_later
from tests.qgis.render.conftest import added, drawing_of
from tests.qgis.scene import CRS, LEFT, TOP
from tests.qgis.toolbox import corner, polygon_layer, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_WORKER.exists(), reason="the worker's environment is not set up"),
]

LONG_MS = 240_000
AT, SIDE = (length / 2 for length in BUILT)  # metres
METRES = 500.0  # of the area that is searched


@pytest.fixture(scope="module")
def later(raster: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ten_years_later(raster, tmp_path_factory.mktemp("later") / "scene_2020.tif")


@pytest.fixture
def later_wms(later: Path, qgis_app: QObject, qgis_new_project: None) -> Iterator[QgsRasterLayer]:
    with map_server(drawing_of(later)) as server:
        yield added(QgsRasterLayer(server.wms, "later 2020-08", "wms"))


def found(before: object, after: object, **parameters: object) -> tuple[list[dict[str, Any]], QgsVectorLayer]:
    asked = {"AOI": polygon_layer(corner(METRES)), "GSD": 0.5, "K": 3, "OUTPUT": "memory:"} | parameters
    layer = run("changesearch", BEFORE=before, AFTER=after, QUERY="appeared: a lake", **asked)["OUTPUT"]
    assert isinstance(layer, QgsVectorLayer)
    return [row.attributeMap() for row in layer.getFeatures()], layer


def is_the_lake(ring: QgsGeometry) -> bool:
    """Whether the middle of a place lies on what was built."""
    middle = ring.centroid().asPoint()
    return all(abs(place - (AT + SIDE / 2)) < SIDE for place in (middle.x() - LEFT, TOP - middle.y()))


def test_a_served_layer_is_drawn_on_a_files_pixels(
    real: None, raster: Path, later_wms: QgsRasterLayer
) -> None:
    rows, layer = found(str(raster), later_wms)
    assert is_the_lake(next(layer.getFeatures()).geometry())
    assert rows[0]["source_after"].startswith("qgis:wms:")
    assert rows[0]["date_after"] == "2020-08"
    assert rows[0]["score_after"] > rows[0]["score_before"]


def test_a_file_is_laid_over_the_pixels_of_a_served_layer(
    real: None, tiles: QgsRasterLayer, later: Path
) -> None:
    rows, layer = found(tiles, str(later))
    assert is_the_lake(next(layer.getFeatures()).geometry())
    assert rows[0]["source"].startswith("qgis:wms:")
    assert layer.crs().authid() == f"EPSG:{CRS}"


def test_what_cannot_be_compared_is_refused(real: None, raster: Path, tiles: QgsRasterLayer) -> None:
    shaded = added(QgsRasterLayer(str(raster), "shaded"))
    shaded.setRenderer(QgsHillshadeRenderer(shaded.dataProvider(), 1, 315, 45))
    with pytest.raises(QgsProcessingException, match="same raster"):
        found(str(raster), shaded)
    with pytest.raises(QgsProcessingException, match="same raster"):
        found(tiles, tiles)
    with pytest.raises(QgsProcessingException, match="too large"):
        found(tiles, str(raster), AOI=None)


@pytest.fixture
def session(qgis_app: QObject, tmp_path: Path) -> Iterator[Session]:
    settings = Settings(
        worker_command=f'"{REAL_WORKER}" worker', cache_folder=str(tmp_path), device="cpu", scales_m=(128.0,)
    )
    client = WorkerClient(lambda: settings)
    session = Session(client, lambda: settings)
    yield session
    session.release()
    client.stop()


def asked_in_the_dock(
    session: Session, layers: list[QgsRasterLayer], query: str, dates: Dates, qtbot: QtBot
) -> None:
    """Ask of a corner of layers that are drawn, and agree to every scan."""
    area = aoi_of(QgsGeometry.fromRect(corner(METRES)), QgsCoordinateReferenceSystem(f"EPSG:{CRS}"))
    session.search.choose_area(lambda: area)
    session.search.choose_layers(layers)
    session.search.comparing.tell_dates(layers)
    session.search.compare(query, dates)
    state = session.state

    def failure() -> MsaError | None:
        return state.notice.error if state.notice is not None else None

    def settled() -> bool:
        session.search.consent()
        ended = state.phase is ScanPhase.IDLE and not state.searching and state.results is not None
        return ended or failure() is not None

    qtbot.waitUntil(settled, timeout=LONG_MS)
    assert failure() is None


def test_the_dock_compares_two_served_layers(
    session: Session, tiles: QgsRasterLayer, later_wms: QgsRasterLayer, qtbot: QtBot
) -> None:
    asked_in_the_dock(session, [tiles, later_wms], "appeared: a lake", Dates(before="2010"), qtbot)
    best = as_a(ChangeHit, present(session.state.results).row(0))
    assert is_the_lake(polygon_of(best.ring))
    assert (best.date_before, best.date_after) == ("2010", "2020-08")
    assert best.index != best.index_after


def test_the_dock_follows_served_layers_over_their_dates(
    session: Session, tiles: QgsRasterLayer, later_wms: QgsRasterLayer, qtbot: QtBot
) -> None:
    asked_in_the_dock(session, [later_wms, tiles], "a lake", Dates(many=("", "2010")), qtbot)
    reply = present(session.state.results).series
    assert present(reply).dates == ("2010", "2020-08")
    assert all(source.startswith("qgis:wms:") for source in present(reply).sources)
    gained = max(present(reply).results, key=lambda hit: hit.trend)
    assert is_the_lake(polygon_of(gained.ring))
    assert present(gained.scores[0]) < present(gained.scores[1])


def test_a_date_that_no_served_layer_tells_is_asked_for_before_anything_is_drawn(
    session: Session, tiles: QgsRasterLayer, later_wms: QgsRasterLayer, qtbot: QtBot
) -> None:
    with pytest.raises(AssertionError, match="Nothing tells the date"):
        asked_in_the_dock(session, [later_wms, tiles], "a lake", Dates(many=("", "")), qtbot)
    assert not session.state.indexes
