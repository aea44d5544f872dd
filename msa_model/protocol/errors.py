"""Every failure a user can meet, by name.

`kind` travels on the wire, the plugin translates it; `remedy` is what a person can do about it.
Raise these at depth, translate them once at the edge (worker reply, CLI exit, message bar).
"""

from __future__ import annotations

from typing import ClassVar

from msa_model.protocol.redaction import redacted

_LONGEST = 20_000  # characters of a sentence; what a message may quote has no limit


class MsaError(Exception):
    """A failure with a stable `kind`, a sentence (the message) and a remedy."""

    kind: ClassVar[str] = "internal"
    remedy: ClassVar[str] = "Copy the log and report this as a bug."

    @property
    def sentence(self) -> str:
        """The message as given by whoever raised it, without the secrets of the sources that it names."""
        return redacted(str(self.args[0])[:_LONGEST]) if self.args else self.kind.replace("_", " ")


class RasterMissing(MsaError):
    """The raster's path leads to nothing."""

    kind = "raster_missing"
    remedy = "Check the path, and that the drive or share is connected."


class RasterUnreadable(MsaError):
    """GDAL cannot open the file, or a block of it cannot be decoded."""

    kind = "raster_unreadable"
    remedy = "Open it in QGIS to check it; if it is truncated, copy or export it again."


class RasterWithoutCrs(MsaError):
    """The raster says nothing about its coordinate reference system."""

    kind = "raster_without_crs"
    remedy = "Assign a CRS first, for example with 'gdal_edit.py -a_srs EPSG:n file.tif'."


class RasterWithoutTransform(MsaError):
    """The raster has no usable georeferencing."""

    kind = "raster_without_transform"
    remedy = "Georeference it first (QGIS: Layer > Georeferencer)."


class AoiOutsideRaster(MsaError):
    """The area of interest does not meet the raster."""

    kind = "aoi_outside"
    remedy = "Choose an area that overlaps the raster, and check the area's CRS."


class AoiInvalid(MsaError):
    """The area of interest cannot be read as a polygon."""

    kind = "aoi_invalid"
    remedy = "Give a polygon layer or a WKT polygon with a known CRS."


class PointOutsideRaster(MsaError):
    """The place asked about lies outside the raster or on nodata."""

    kind = "point_outside"
    remedy = "Choose a place that has pixels, and check the CRS of the coordinates."


class LayerUnavailable(MsaError):
    """The layer's server answers errors, or nothing."""

    kind = "layer_unavailable"
    remedy = "Check the layer and the connection in QGIS, then try again: a scan goes on where it stopped."


class LayerSilent(MsaError):
    """The layer draws nothing and asks its server for nothing."""

    kind = "layer_silent"
    remedy = "Check that QGIS shows the layer there, and the address in its properties; then try again."


class TooManyTiles(MsaError):
    """More of a drawn layer is asked for than is fair to fetch from a server, or sensible to draw."""

    kind = "too_many_tiles"
    remedy = "Search what the map shows, or a polygon, or choose a coarser pixel size."


class QueryEmpty(MsaError):
    """There are no words to search for."""

    kind = "query_empty"
    remedy = "Type what you want to see, for example: a bridge over a wide river."


class QueryNotUnderstood(MsaError):
    """The model cannot read the query's language, or the query breaks the grammar."""

    kind = "query_not_understood"
    remedy = 'Type English words; put + or - between terms, as in: "car park" + trees - water.'


class LanguagesMissing(QueryNotUnderstood):
    """The query is not English, and the package that reads other languages is not installed."""

    kind = "languages_missing"
    remedy = "Repair the worker environment, or type English words."


class BadArgument(MsaError):
    """A setting is out of its range."""

    kind = "bad_argument"
    remedy = "Correct the value and try again."


class PartMissing(MsaError):
    """What the job needs is installed only where it is asked for."""

    kind = "part_missing"
    remedy = "Install what the sentence names, then try again."


class FileNotOurs(BadArgument):
    """A file that would be replaced or deleted was made, or changed, by somebody else."""

    kind = "file_not_ours"
    remedy = "Choose another name, or move the file away first."


class IndexMissing(MsaError):
    """There is no index at this path, or none of this raster."""

    kind = "index_missing"
    remedy = "Index the raster first."


class IndexGone(IndexMissing):
    """The file was removed or replaced while it was being written."""

    kind = "index_gone"
    remedy = "Start again, and let the file lie until it is finished."


class IndexUnreadable(MsaError):
    """The file is no tile index, or it is damaged."""

    kind = "index_unreadable"
    remedy = "Delete this index file and index the raster again."


class IndexOfOtherModel(MsaError):
    """The index was made with another checkpoint than the one in use."""

    kind = "index_of_other_model"
    remedy = "Search with the model that made it, or index the raster again."


class IndexStale(MsaError):
    """The raster has changed since it was indexed."""

    kind = "index_stale"
    remedy = "Index the raster again; the old index is replaced."


class IndexLocked(MsaError):
    """Another process is writing this index."""

    kind = "index_locked"
    remedy = "Wait until the other scan has ended, or cancel it."


class IndexFolderReadOnly(MsaError):
    """The index or result cannot be written where it should go."""

    kind = "folder_read_only"
    remedy = "Choose another place for the file."


class DiskFull(MsaError):
    """The disk has no room for the next batch; what was written stays valid."""

    kind = "disk_full"
    remedy = "Free some space and start again: the scan goes on where it stopped."


class StorageFailed(MsaError):
    """The disk, the share or a limit on file sizes keeps a file from being read or written."""

    kind = "storage_failed"
    remedy = "Check the disk or share, and limits on file sizes (ulimit -f); then start again: all is kept."


class CheckpointMissing(MsaError):
    """The checkpoint folder, or a file of it, is not there."""

    kind = "checkpoint_missing"
    remedy = "Give the folder that holds config.json and the .safetensors file."


class CheckpointCorrupt(MsaError):
    """The checkpoint's bytes are not those that its manifest promises."""

    kind = "checkpoint_corrupt"
    remedy = "Copy or download the checkpoint again."


class CheckpointOfOtherArchitecture(MsaError):
    """The checkpoint's weights do not fit the network its config describes."""

    kind = "checkpoint_of_other_architecture"
    remedy = "Use a checkpoint made for this version of MSA Search."


class TextEncoderMissing(MsaError):
    """The text encoder's files are not installed, or are not those trained with."""

    kind = "text_encoder_missing"
    remedy = "Repair the worker environment."


class DeviceUnavailable(MsaError):
    """The device asked for does not exist here."""

    kind = "device_unavailable"
    remedy = "Choose 'auto' or 'cpu'."


class OutOfMemory(MsaError):
    """The device ran out of memory at the smallest batch."""

    kind = "out_of_memory"
    remedy = "Close other programs that use the device, or choose 'cpu'."


class PhrasesUnreadable(MsaError):
    """The phrase bank cannot be read, or holds no phrase."""

    kind = "phrases_unreadable"
    remedy = "Give a CSV file with a 'phrase' column."


class WatchListUnreadable(MsaError):
    """The watch-list cannot be read, or a line of it is wrong."""

    kind = "watch_list_unreadable"
    remedy = "Give a CSV file with a 'query' column, or a .txt file with a query a line."


class DatasetUnreadable(MsaError):
    """The caption file or one of its images cannot be read."""

    kind = "dataset_unreadable"
    remedy = "Correct the data set and try again."


class TooFewPairs(MsaError):
    """There are too few captioned images to adapt a model to, or all captions are the same."""

    kind = "too_few_pairs"
    remedy = "Add captioned images; from about a hundred on, adapting begins to help."


class LayerUnusable(MsaError):
    """A vector layer cannot be cut into training chips."""

    kind = "layer_unusable"
    remedy = "Check the layer's text field and CRS, and that it lies over the raster."


class TrainingDiverged(MsaError):
    """The loss of a training run is no longer a number."""

    kind = "training_diverged"
    remedy = "Look at the images named, or lower the learning rates; checkpoint and state before are kept."


class FileUnusable(MsaError):
    """The system would not open, read or write a file."""

    kind = "file_unusable"
    remedy = "Check the file's name, its place and your rights there."


class ReplyTooLarge(MsaError):
    """The answer to a request is larger than a message can be."""

    kind = "reply_too_large"
    remedy = "Ask for less at once: fewer hits, phrases or areas."


class WorkerBusy(MsaError):
    """More requests wait for the worker than it takes on."""

    kind = "worker_busy"
    remedy = "Wait until some of them are answered, or cancel them."


class Cancelled(MsaError):
    """The user called the job off; what was done so far is kept."""

    kind = "cancelled"
    remedy = "Start again to go on where it stopped."


class ProtocolError(MsaError):
    """A message broke the protocol."""

    kind = "protocol"
    remedy = "Use the same version of the plugin and of the worker."


class WorkerMissing(MsaError):
    """There is no worker environment to start."""

    kind = "worker_missing"
    remedy = "Set up the worker, or choose its program in the options."


class WorkerDied(MsaError):
    """The worker process ended with calls unanswered."""

    kind = "worker_died"
    remedy = "Search again: finished parts of a scan are kept."


def error_classes() -> dict[str, type[MsaError]]:
    """Every named error by its kind: the class that names it, not those that derive from it."""
    from msa_model.protocol import change_errors, cluster_errors  # noqa: F401, PLC0415  (derived from this)

    classes = [MsaError]
    for cls in classes:
        classes += cls.__subclasses__()
    return {cls.kind: cls for cls in classes if "kind" in vars(cls)}


def error_from_wire(kind: str, sentence: str) -> MsaError:
    """The error a peer reported; one that only the peer knows is handed on under its name."""
    error = error_classes().get(kind, MsaError)(sentence)
    error.kind = kind  # type: ignore[misc]
    return error
