from __future__ import annotations

from qgis.core import Qgis
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtWidgets import QPushButton

from msa_model.protocol.error_table import ERRORS
from msa_model.protocol.errors import Cancelled, IndexStale, MsaError, WorkerDied
from qgis_msa_plugin.errors import error_line, error_text, message_level, show_error
from qgis_msa_plugin.worker.launch import crash_of


def test_the_sentence_is_the_raisers_and_the_remedy_ours() -> None:
    text = error_text(IndexStale("'/x.tif' has changed since it was indexed."))
    assert text.heading == "Raster has changed"
    assert error_line(IndexStale("Changed.")) == "Changed. Index the raster again; the old index is replaced."


def test_a_kind_from_a_newer_worker_reads_like_a_fault() -> None:
    newer = MsaError.of("newer", "Something new.")
    assert error_text(newer).heading == ERRORS["internal"].heading
    assert error_text(newer).sentence == "Something new."


def test_what_the_user_did_is_no_failure() -> None:
    assert message_level(Cancelled("")) == Qgis.MessageLevel.Info
    assert message_level(IndexStale("")) == Qgis.MessageLevel.Warning
    assert message_level(WorkerDied("")) == Qgis.MessageLevel.Critical
    assert message_level(MsaError("")) == Qgis.MessageLevel.Critical


def test_the_message_bar_offers_details_only_where_there_are_some(qgis_app: object) -> None:
    bar = QgsMessageBar()
    show_error(bar, IndexStale("Changed."))
    assert not [button for button in bar.findChildren(QPushButton) if button.text() == "Details"]
    show_error(bar, crash_of(3, False, "Traceback\nImportError: torch"))
    assert [button for button in bar.findChildren(QPushButton) if button.text() == "Details"]
    assert "exit code 3" in bar.currentItem().text()


def test_an_error_takes_the_place_of_the_one_before(qgis_app: object) -> None:
    bar = QgsMessageBar()
    bar.pushMessage("QGIS", "Something of its own.")
    show_error(bar, IndexStale("First."))
    show_error(bar, IndexStale("Second."))
    texts = sorted(item.text() for item in bar.items())
    assert texts == ["Second.", "Something of its own."]
