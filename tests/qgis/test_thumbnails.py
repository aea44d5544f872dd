from __future__ import annotations

from pytestqt.qtbot import QtBot

from qgis_msa_plugin.search.thumbnails import Thumbnails
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.conftest import MakeClient
from tests.qgis.dock.tables import table_of


def test_pictures_are_asked_for_only_where_they_are_wanted(qtbot: QtBot, client_of: MakeClient) -> None:
    client, wanted = client_of(), [False]
    thumbnails = Thumbnails(client, None, lambda: wanted[0])
    hit = table_of(1).hit(0)
    assert thumbnails.image(hit) is None
    qtbot.wait(50)
    assert client.state is WorkerState.STOPPED
    wanted[0] = True
    with qtbot.waitSignal(thumbnails.arrived, timeout=10_000):
        assert thumbnails.image(hit) is None
    assert thumbnails.image(hit) is not None
