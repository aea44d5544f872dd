"""Failures as a user reads them: a heading and a remedy by kind, in the language of QGIS.

The sentence itself names the file or value at fault and comes from where the error was raised.
"""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import Qgis
from qgis.gui import QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtWidgets import QPushButton

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.plain_text import message, message_box, tip
from qgis_msa_plugin.translate import tr

_ITEM = "msaError"


@dataclass(frozen=True)
class ErrorText:
    """One failure in words; `details` is for the log and the Details window, and may be empty."""

    heading: str
    sentence: str
    remedy: str
    details: str


def error_text(error: MsaError) -> ErrorText:
    """The words for an error; an unknown kind reads like a fault of the plugin."""
    texts = texts_by_kind()
    heading, remedy = texts.get(error.kind, texts["internal"])
    return ErrorText(heading, error.sentence, remedy, getattr(error, "tail", ""))


def error_line(error: MsaError) -> str:
    """Sentence and remedy in one line."""
    text = error_text(error)
    return f"{text.sentence} {text.remedy}"


def message_level(error: MsaError) -> Qgis.MessageLevel:
    """How loudly to say it: what the user did on purpose is no failure."""
    if error.kind == "cancelled":
        return Qgis.MessageLevel.Info
    loud = error.kind in ("internal", "protocol", "worker_died")
    return Qgis.MessageLevel.Critical if loud else Qgis.MessageLevel.Warning


def show_error(bar: QgsMessageBar, error: MsaError) -> QgsMessageBarItem:
    """Say it in the message bar, with a Details button where there is more to see; and log it.

    The bar cuts what does not fit in one line: the remedy stands in the dock. The error shown before is over.
    """
    text = error_text(error)
    log_warning("\n".join(filter(None, (text.heading, text.sentence, text.details))))
    for older in bar.items():
        if older.objectName() == _ITEM:
            bar.popWidget(older)
    item = message(bar, text.heading, text.sentence)
    item.setObjectName(_ITEM)
    if text.details:
        item.layout().addWidget(DetailsButton(text, bar))
    bar.pushWidget(item, message_level(error))
    return item


def withdraw(bar: QgsMessageBar, item: QgsMessageBarItem) -> None:
    """Take a message off the bar, unless the user has."""
    if item in bar.items():
        bar.popWidget(item)


class DetailsButton(QPushButton):
    """Shows all there is to know of an error in a box that outlives the message, should that go meanwhile."""

    def __init__(self, text: ErrorText, bar: QgsMessageBar) -> None:
        super().__init__(tr("Details"))
        self._text, self._bar = text, bar
        self.clicked.connect(self._show)

    def _show(self) -> None:
        box = message_box(self._bar.window(), self._text.heading, self._text.sentence)
        box.setInformativeText(tip(self._text.remedy))
        box.setDetailedText(self._text.details)
        box.open()


def texts_by_kind() -> dict[str, tuple[str, str]]:
    """Heading and remedy of every kind of error."""
    return {**_raster_texts(), **_request_texts(), **_index_texts(), **_worker_texts(), **_setup_texts()}


def _raster_texts() -> dict[str, tuple[str, str]]:
    return {
        "raster_missing": (
            tr("Raster not found"),
            tr("Check the path, and that the drive or share is connected."),
        ),
        "raster_unreadable": (
            tr("Raster not readable"),
            tr("Open it in QGIS to check it; if it is truncated, copy or export it again."),
        ),
        "raster_without_crs": (
            tr("Raster without CRS"),
            tr("Assign a CRS to the file first (Raster > Projections > Assign Projection)."),
        ),
        "raster_without_transform": (
            tr("Raster without georeferencing"),
            tr("Georeference it first (Layer > Georeferencer)."),
        ),
        "layer_not_a_file": (
            tr("Layer is no raster file"),
            tr("Save the layer as a GeoTIFF first (Export > Save As…), and use that."),
        ),
        **_drawing_texts(),
        "aoi_outside": (
            tr("Area outside the raster"),
            tr("Choose an area that overlaps the raster, and check the area's CRS."),
        ),
        "aoi_invalid": (tr("Area not usable"), tr("Choose polygons with a known CRS.")),
        "point_outside": (
            tr("No pixels here"),
            tr("Choose a place inside the raster that has pixels."),
        ),
        "dataset_unreadable": (tr("Data set not readable"), tr("Correct the data set and try again.")),
        "training_diverged": (
            tr("Training diverged"),
            tr("Look at the images named, or lower the learning rates."),
        ),
        "too_few_pairs": (tr("Too few captioned images"), tr("Add captioned images and try again.")),
        "layer_not_editable": (
            tr("Layer not editable"),
            tr("Save the layer in a format that can be edited (Export > Save Features As…), and use that."),
        ),
        "layer_unusable": (
            tr("Layer not usable"),
            tr("Check the layer's text field and CRS, and that it lies over the raster."),
        ),
    }


def _drawing_texts() -> dict[str, tuple[str, str]]:
    return {
        "layer_unavailable": (
            tr("Layer not drawn"),
            tr("Check layer and connection in QGIS, then search again: the scan goes on where it stopped."),
        ),
        "layer_silent": (
            tr("Layer draws nothing"),
            tr(
                "Check that QGIS shows the layer there, and the address in its properties; then search again."
            ),
        ),
        "layer_changed": (
            tr("Layer has changed"),
            tr("Search again: the layer is then indexed as it looks now."),
        ),
        "layer_gone": (
            tr("Layer removed"),
            tr("Add the layer again, then search again: tiles that are indexed are kept."),
        ),
        "not_of_project": (
            tr("Not of this project"),
            tr("Add the raster to the project and search it, or mark the example anew."),
        ),
        "bulk_forbidden": (
            tr("Tiles must not be fetched in bulk"),
            tr("Choose a layer of imagery whose provider allows it, or a file."),
        ),
        "too_many_tiles": (
            tr("Too many tiles"),
            tr("Search what the map shows, or a polygon, or choose a coarser pixel size."),
        ),
    }


def _request_texts() -> dict[str, tuple[str, str]]:
    return {
        "query_empty": (
            tr("Nothing to search for"),
            tr("Type what you want to see, for example: a bridge over a wide river."),
        ),
        "query_not_understood": (
            tr("Query not understood"),
            tr('Type English words; put + or - between terms, as in: "car park" + trees - water.'),
        ),
        "languages_missing": (
            tr("Other languages not installed"),
            tr("Repair the worker environment, or type English words."),
        ),
        "bad_argument": (tr("Setting out of range"), tr("Correct the value and try again.")),
        "not_comparable": (
            tr("Dates not comparable"),
            tr("Choose rasters of one place and of different dates, indexed at the same scales."),
        ),
        "date_unclear": (
            tr("Date not clear"),
            tr("Give each raster its own date, as 2020, 2020-08 or 2020-08-31."),
        ),
        "phrases_unreadable": (
            tr("Phrase bank not readable"),
            tr("Choose a CSV file with a 'phrase' column in the options."),
        ),
        "watch_list_unreadable": (
            tr("Watch-list not readable"),
            tr("Choose a CSV file with a 'query' column, or a .txt file with a query a line."),
        ),
        "cancelled": (tr("Cancelled"), tr("Start again to go on where it stopped.")),
    }


def _index_texts() -> dict[str, tuple[str, str]]:
    return {
        "index_missing": (tr("No index yet"), tr("Index the raster first.")),
        "index_gone": (
            tr("File removed"),
            tr("Start again, and let the file lie until it is finished."),
        ),
        "file_not_ours": (
            tr("File of another program"),
            tr("Choose another name, or move the file away first."),
        ),
        "index_unreadable": (
            tr("Index damaged"),
            tr("Delete this index file and index the raster again."),
        ),
        "index_of_other_model": (
            tr("Index of another model"),
            tr("Search with the model that made it, or index the raster again."),
        ),
        "index_stale": (
            tr("Raster has changed"),
            tr("Index the raster again; the old index is replaced."),
        ),
        "index_locked": (
            tr("Index in use"),
            tr("Wait until the other scan has ended, or cancel it."),
        ),
        "folder_read_only": (
            tr("Folder not writable"),
            tr("Choose another place for the file, or a cache folder in the options."),
        ),
        "disk_full": (
            tr("Disk full"),
            tr("Free some space and start again: the scan goes on where it stopped."),
        ),
        "storage_failed": (
            tr("Disk failing"),
            tr("Check the disk and limits on file sizes, then start again: what was written is kept."),
        ),
    }


def _worker_texts() -> dict[str, tuple[str, str]]:
    return {
        "checkpoint_missing": (
            tr("Model not found"),
            tr("Choose the folder that holds config.json and the .safetensors file, or none."),
        ),
        "checkpoint_corrupt": (tr("Model damaged"), tr("Copy or download the checkpoint again.")),
        "checkpoint_of_other_architecture": (
            tr("Model does not fit"),
            tr("Use a checkpoint made for this version of MSA Search."),
        ),
        "text_encoder_missing": (tr("Text encoder missing"), tr("Repair the worker environment.")),
        "part_missing": (
            tr("Part not installed"),
            tr("Run the command that the message gives, then try again."),
        ),
        "scheduler_unreachable": (
            tr("Cluster not reachable"),
            tr("Check the scheduler's address, and start the job again: what is done is kept."),
        ),
        "cluster_worker_differs": (
            tr("Machines differ"),
            tr("Install the same version and model on every machine of the cluster."),
        ),
        "not_shared": (
            tr("File not shared"),
            tr("Let every machine of the cluster reach the file under the same path."),
        ),
        "cluster_workers_lost": (
            tr("Machines lost"),
            tr("Look at the logs of the cluster's workers and start them again."),
        ),
        "device_unavailable": (
            tr("Device not available"),
            tr("Choose 'auto' or 'cpu' in the options."),
        ),
        "out_of_memory": (
            tr("Out of memory"),
            tr("Close other programs that use the device, or choose 'cpu' in the options."),
        ),
        "protocol": (
            tr("Worker not understood"),
            tr("Use the same version of the plugin and of the worker."),
        ),
        "worker_busy": (
            tr("Too much asked at once"),
            tr("Wait until some of it is answered, or cancel it."),
        ),
        "reply_too_large": (
            tr("Answer too large"),
            tr("Ask for less at once: fewer hits, phrases or areas."),
        ),
        "file_unusable": (
            tr("File not usable"),
            tr("Check the file's name, its place and your rights there."),
        ),
        "worker_missing": (
            tr("Worker not set up"),
            tr("Set it up with the button in the dock, or choose the worker's program in the options."),
        ),
        "worker_died": (tr("Worker ended"), tr("Start again: finished parts of a scan are kept.")),
        "internal": (tr("Unexpected failure"), tr("Copy the log and report this as a bug.")),
    }


def _setup_texts() -> dict[str, tuple[str, str]]:
    again = tr("Set up the worker again: what is done is kept.")
    return {
        "worker_unfinished": (tr("Worker half set up"), again),
        "python_missing": (
            tr("No Python for the worker"),
            tr("Install Python 3.11 or newer (on Debian and Ubuntu also python3-venv), or name one."),
        ),
        "setup_failed": (tr("Set-up failed"), tr("Read the details; then go on: what is done is kept.")),
        "setup_unreachable": (
            tr("Packages out of reach"),
            tr("Check the proxy in QGIS's options (Network), or give a package index or a folder of wheels."),
        ),
        "setup_other_file": (
            tr("Package not as published"),
            tr("Use an index or wheels with the files as published; what is done is kept."),
        ),
        "setup_no_room": (tr("Not enough room"), tr("Free some space; then go on: what is done is kept.")),
        "setup_busy": (tr("Set-up in another QGIS"), tr("Wait until the other QGIS is done with it.")),
    }
