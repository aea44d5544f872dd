"""Failures by name: a `kind`, which travels on the wire, and a sentence; the table has the remedies.

Raise them at depth, translate them once at the edge (worker reply, CLI exit, message bar).
A kind has a class only where it is caught by that; all others are `MsaError.of("index_locked", "…")`.
"""

from __future__ import annotations

from msa_model.protocol.error_table import ERRORS
from msa_model.protocol.redaction import redacted

_LONGEST = 20_000  # characters of a sentence; what a message may quote has no limit


class MsaError(Exception):
    """A failure with a stable `kind` and a sentence (the message); `tail` is what a program printed last."""

    kind: str = "internal"
    tail: str = ""

    @staticmethod
    def of(kind: str, sentence: str, tail: str = "") -> MsaError:
        """The error of that kind, of its class where it has one; peers may name kinds unknown here."""
        error = error_classes().get(kind, MsaError)(sentence)
        error.kind, error.tail = kind, tail
        return error

    @property
    def sentence(self) -> str:
        """The message as given by whoever raised it, without the secrets of the sources that it names."""
        return redacted(str(self.args[0])[:_LONGEST]) if self.args else self.kind.replace("_", " ")

    @property
    def remedy(self) -> str:
        """What a person can do about it, in a terminal."""
        return ERRORS.get(self.kind, ERRORS["internal"]).remedy


class RasterMissing(MsaError):
    """The raster's path leads to nothing."""

    kind = "raster_missing"


class RasterUnreadable(MsaError):
    """GDAL cannot open the file, or a block of it cannot be decoded."""

    kind = "raster_unreadable"


class AddressUnreachable(RasterUnreadable):
    """The server that an address names does not answer, or does not let it be read."""

    kind = "address_unreachable"


class RasterWithoutCrs(MsaError):
    """The raster says nothing about its coordinate reference system."""

    kind = "raster_without_crs"


class RasterWithoutTransform(MsaError):
    """The raster has no usable georeferencing."""

    kind = "raster_without_transform"


class AoiOutsideRaster(MsaError):
    """The area of interest does not meet the raster."""

    kind = "aoi_outside"


class AoiInvalid(MsaError):
    """The area of interest cannot be read as a polygon."""

    kind = "aoi_invalid"


class PointOutsideRaster(MsaError):
    """The place asked about lies outside the raster or on nodata."""

    kind = "point_outside"


class QueryEmpty(MsaError):
    """There are no words to search for."""

    kind = "query_empty"


class QueryNotUnderstood(MsaError):
    """The model cannot read the query's language, or the query breaks the grammar."""

    kind = "query_not_understood"


class LanguagesMissing(QueryNotUnderstood):
    """The query is not English, and the package that reads other languages is not installed."""

    kind = "languages_missing"


class BadArgument(MsaError):
    """A setting is out of its range."""

    kind = "bad_argument"


class TooEarly(BadArgument):
    """Something else comes first; the sentence says what."""

    kind = "too_early"


class FileNotOurs(BadArgument):
    """A file that would be replaced or deleted was made, or changed, by somebody else."""

    kind = "file_not_ours"


class IndexMissing(MsaError):
    """There is no index at this path, or none of this raster."""

    kind = "index_missing"


class PathMissing(IndexMissing):
    """Where an index was named, or what one would belong to, there is nothing."""

    kind = "path_missing"


class IndexUnreadable(MsaError):
    """The file is no tile index, or it is damaged."""

    kind = "index_unreadable"


class IndexOfOtherModel(MsaError):
    """The index was made with another checkpoint than the one in use."""

    kind = "index_of_other_model"


class IndexStale(MsaError):
    """The raster has changed since it was indexed."""

    kind = "index_stale"


class DiskFull(MsaError):
    """The disk has no room for the next batch; what was written stays valid."""

    kind = "disk_full"


class PhrasesUnreadable(MsaError):
    """The phrase bank cannot be read, or holds no phrase."""

    kind = "phrases_unreadable"


class DatasetUnreadable(MsaError):
    """The caption file or one of its images cannot be read."""

    kind = "dataset_unreadable"


class WorkerBusy(MsaError):
    """More requests wait for the worker than it takes on."""

    kind = "worker_busy"


class Cancelled(MsaError):
    """The user called the job off; what was done so far is kept."""

    kind = "cancelled"


class ProtocolError(MsaError):
    """A message broke the protocol."""

    kind = "protocol"


class WorkerMissing(MsaError):
    """There is no worker environment to start."""

    kind = "worker_missing"


class WorkerDied(MsaError):
    """The worker process ended with calls unanswered."""

    kind = "worker_died"


def error_classes() -> dict[str, type[MsaError]]:
    """The classes by the kind that each of them names, not those that derive from it."""
    classes = [MsaError]
    for cls in classes:
        classes += cls.__subclasses__()
    return {cls.kind: cls for cls in classes if "kind" in vars(cls)}
