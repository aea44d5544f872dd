"""Every failure that a user can meet, by its name: a row for message bar, terminal and docs/errors.md.

The sentence comes from whoever raises it (`protocol/errors.py`); the plugin translates heading and remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorRow:
    """What the message bar puts over a failure's sentence, and what a person can do about it."""

    heading: str
    remedy: str
    in_qgis: str = ""

    @property
    def remedy_in_qgis(self) -> str:
        """The remedy where there are menus and options."""
        return self.in_qgis or self.remedy


ERRORS: Mapping[str, ErrorRow] = {
    # The raster
    "raster_missing": ErrorRow(
        "Raster not found", "Check the path, and that the drive or share is connected."
    ),
    "raster_unreadable": ErrorRow(
        "Raster not readable", "Open it in QGIS to check it; if it is truncated, copy or export it again."
    ),
    "address_unreachable": ErrorRow(
        "Address not reachable",
        "Check the address, the connection and the credentials (AWS_… for /vsis3/).",
        in_qgis="Check the address, the connection and the credentials.",
    ),
    "raster_without_crs": ErrorRow(
        "Raster without CRS",
        "Assign a CRS first, for example with 'gdal_edit.py -a_srs EPSG:n file.tif'.",
        in_qgis="Assign a CRS to the file first (Raster > Projections > Assign Projection).",
    ),
    "raster_without_transform": ErrorRow(
        "Raster without georeferencing", "Georeference it first (Layer > Georeferencer)."
    ),
    "layer_not_a_file": ErrorRow(
        "Layer is no raster file", "Save the layer as a GeoTIFF first (Export > Save As…), and use that."
    ),
    "layer_unavailable": ErrorRow(
        "Layer not drawn",
        "Check the layer and the connection in QGIS, then try again: a scan goes on where it stopped.",
    ),
    "layer_silent": ErrorRow(
        "Layer draws nothing",
        "Check that QGIS shows the layer there, and the address in its properties; then try again.",
    ),
    "layer_changed": ErrorRow("Layer has changed", "Try again: the layer is then read as it looks now."),
    "layer_gone": ErrorRow(
        "Layer removed", "Add the layer again, then try again: tiles that are indexed are kept."
    ),
    "bulk_forbidden": ErrorRow(
        "Tiles must not be fetched in bulk", "Choose a layer of imagery whose provider allows it, or a file."
    ),
    "not_of_project": ErrorRow(
        "Not of this project", "Add the raster to the project and search it, or mark the example anew."
    ),
    # The area and the place
    "aoi_outside": ErrorRow(
        "Area outside the raster", "Choose an area that overlaps the raster, and check the area's CRS."
    ),
    "aoi_invalid": ErrorRow(
        "Area not usable",
        "Check the path, or give a polygon layer or a WKT polygon with a known CRS.",
        in_qgis="Choose polygons with a known CRS.",
    ),
    "point_outside": ErrorRow(
        "No pixels here",
        "Choose a place that has pixels, and check the CRS of the coordinates.",
        in_qgis="Choose a place inside the raster that has pixels.",
    ),
    "too_many_tiles": ErrorRow(
        "Too many tiles",
        "Zoom in and search what the map shows, or a polygon, or choose larger pixels or tiles.",
    ),
    # The question
    "query_empty": ErrorRow(
        "Nothing to search for", "Type what you want to see, for example: a bridge over a wide river."
    ),
    "query_not_understood": ErrorRow(
        "Query not understood",
        "Type English words, or another language that is read; put + or - between terms, as in: "
        '"car park" + trees - water. Of two dates ask: appeared: houses.',
    ),
    "languages_missing": ErrorRow(
        "Other languages not installed", "Repair the worker environment, or type English words."
    ),
    "bad_argument": ErrorRow("Setting out of range", "Correct the value and try again."),
    "too_early": ErrorRow("Not possible yet", "Then try again."),
    "not_comparable": ErrorRow(
        "Dates not comparable",
        "Choose rasters of one place and of different dates, indexed at the same scales.",
    ),
    "date_unclear": ErrorRow(
        "Date not clear", "Give each raster its own date, as 2020, 2020-08 or 2020-08-31."
    ),
    "part_missing": ErrorRow("Part not installed", "Run the command that the message gives, then try again."),
    "scheduler_unreachable": ErrorRow(
        "Cluster not reachable",
        "Check the address and that 'dask scheduler' runs there; the same command again goes on.",
        in_qgis="Check the scheduler's address, and start the job again: what is done is kept.",
    ),
    "cluster_worker_differs": ErrorRow(
        "Machines differ",
        "Install the same version and model on every machine, then start its 'dask worker' again.",
        in_qgis="Install the same version and model on every machine of the cluster.",
    ),
    "not_shared": ErrorRow(
        "File not shared",
        "Let every machine reach the folder under the same path, or use an address such as /vsis3/…",
        in_qgis="Let every machine of the cluster reach the file under the same path.",
    ),
    "cluster_workers_lost": ErrorRow(
        "Machines lost",
        "Look at the workers' logs, start them again, and repeat the command: what is done is kept.",
        in_qgis="Look at the logs of the cluster's workers and start them again.",
    ),
    "file_not_ours": ErrorRow("File of another program", "Choose another name, or move the file away first."),
    "phrases_unreadable": ErrorRow(
        "Phrase bank not readable",
        "Check the path, and that it leads to a CSV file with a 'phrase' column.",
        in_qgis="Choose a CSV file that is there and has a 'phrase' column in the options.",
    ),
    "watch_list_unreadable": ErrorRow(
        "Watch-list not readable",
        "Check the path; choose a CSV file with a 'query' column, or a .txt file with a query a line.",
    ),
    # The index
    "index_missing": ErrorRow("No index yet", "Index the raster first."),
    "path_missing": ErrorRow(
        "Nothing there",
        "Check the path, and that the drive or share is connected.",
        in_qgis="Check that the drive or share is connected; if the index is gone, search the layer again.",
    ),
    "index_gone": ErrorRow("File removed", "Start again, and let the file lie until it is finished."),
    "index_unreadable": ErrorRow(
        "Index damaged",
        "An index: delete it and index the raster again. Something else: choose another file.",
    ),
    "index_of_other_model": ErrorRow(
        "Index of another model", "Search with the model that made it, or index the raster again."
    ),
    "index_stale": ErrorRow("Raster has changed", "Index the raster again; the old index is replaced."),
    "index_locked": ErrorRow("Index in use", "Wait until the other scan has ended, or cancel it."),
    "folder_read_only": ErrorRow(
        "Folder not writable",
        "Choose another place for the file.",
        in_qgis="Choose another place for the file, or a cache folder in the options.",
    ),
    "file_unusable": ErrorRow("File not usable", "Check the file's name, its place and your rights there."),
    "disk_full": ErrorRow(
        "Disk full", "Free some space and start again: nothing is lost, and a scan goes on where it stopped."
    ),
    "storage_failed": ErrorRow(
        "Disk failing",
        "Check the disk or share, and limits on file sizes (ulimit -f); then start again: all is kept.",
    ),
    # The model
    "checkpoint_missing": ErrorRow(
        "Model not found",
        "Give the folder that holds config.json and the .safetensors file.",
        in_qgis="Choose the folder that holds config.json and the .safetensors file, or none.",
    ),
    "checkpoint_corrupt": ErrorRow("Model damaged", "Copy or download the checkpoint again."),
    "checkpoint_of_other_architecture": ErrorRow(
        "Model does not fit", "Use a checkpoint made for this version of MSA Search."
    ),
    "text_encoder_missing": ErrorRow("Text encoder missing", "Repair the worker environment."),
    "device_unavailable": ErrorRow(
        "Device not available", "Choose 'auto' or 'cpu'.", in_qgis="Choose 'auto' or 'cpu' in the options."
    ),
    "out_of_memory": ErrorRow(
        "Out of memory",
        "Close other programs that use the device, or choose 'cpu'.",
        in_qgis="Close other programs that use the device, or choose 'cpu' in the options.",
    ),
    "not_enough_memory": ErrorRow(
        "More than fits into memory", "Do as the sentence says, or close other programs and try again."
    ),
    "dataset_unreadable": ErrorRow(
        "Data set not readable", "Check the path, correct the data set, and try again."
    ),
    "training_diverged": ErrorRow(
        "Training diverged",
        "Look at the images named, or lower the learning rates; checkpoint and state before are kept.",
    ),
    "too_few_pairs": ErrorRow(
        "Too few captioned images", "Add captioned images; from about a hundred on, adapting begins to help."
    ),
    "layer_not_editable": ErrorRow(
        "Layer not editable",
        "Save the layer in a format that can be edited (Export > Save Features As…), and use that.",
    ),
    "layer_unusable": ErrorRow(
        "Layer not usable", "Check the layer's text field and CRS, and that it lies over the raster."
    ),
    # The worker
    "worker_missing": ErrorRow(
        "Worker not set up",
        "Set it up with the button in the dock, or choose the worker's program in the options.",
    ),
    "worker_unfinished": ErrorRow("Worker half set up", "Set up the worker again: what is done is kept."),
    "python_missing": ErrorRow(
        "No Python for the worker",
        "Install Python 3.11 or newer (on Debian and Ubuntu also python3-venv), or name one.",
    ),
    "setup_failed": ErrorRow("Set-up failed", "Read the details; then go on: what is done is kept."),
    "setup_unreachable": ErrorRow(
        "Packages out of reach",
        "Check the proxy in QGIS's options (Network), or give a package index or a folder of wheels.",
    ),
    "setup_other_file": ErrorRow(
        "Package not as published",
        "Use an index or wheels with the files as published; what is done is kept.",
    ),
    "setup_no_room": ErrorRow("Not enough room", "Free some space; then go on: what is done is kept."),
    "setup_busy": ErrorRow("Set-up in another QGIS", "Wait until the other QGIS is done with it."),
    "worker_died": ErrorRow("Worker ended", "Start again: finished parts of a scan are kept."),
    "worker_busy": ErrorRow("Too much asked at once", "Wait until some of it is answered, or cancel it."),
    "reply_too_large": ErrorRow("Answer too large", "Ask for less at once: fewer hits, phrases or areas."),
    "protocol": ErrorRow("Worker not understood", "Use the same version of the plugin and of the worker."),
    "cancelled": ErrorRow("Cancelled", "Start again to go on where it stopped."),
    "internal": ErrorRow("Unexpected failure", "Copy the log and report this as a bug."),
}
