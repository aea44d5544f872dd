"""What a batch works through: a raster with its queries, or two dates with the questions about them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from msa_model.index.batch_changes import ChangesFile, PairRow
from msa_model.index.batch_file import BatchHit, PairSummary, RasterRow
from msa_model.protocol.batch import BatchRaster, BatchRequest, DatedPair, WatchedQuery
from msa_model.protocol.change_forms import LIKE
from msa_model.protocol.changing import PairReply
from msa_model.protocol.errors import BadArgument, MsaError, QueryNotUnderstood, RasterMissing
from msa_model.protocol.messages import RasterRef, ScanRequest, ScanSummary, Source
from msa_model.protocol.pixels import Draw
from msa_model.protocol.query import FORMS, is_about_dates, parse_change
from msa_model.raster.dates import checked_date

_log = logging.getLogger(__name__)


@dataclass
class BatchTask:
    """A raster of the batch: what it lacks, and in the end what became of it."""

    ref: Source
    draw: Draw
    queries: tuple[WatchedQuery, ...]
    crs: str = ""
    fingerprint: str = ""
    missing: int = 0
    outcome: BatchRaster | None = None

    @property
    def name(self) -> str:
        """For people."""
        return self.ref.name

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is read."""
        return (self.ref,)

    def scans(self, request: BatchRequest) -> list[ScanRequest]:
        """What has to be indexed."""
        return [ScanRequest(self.ref, request.aoi, request.settings)]

    def failed(self, error: Exception) -> BatchRaster:
        """The outcome of a raster that cannot be worked on; an unforeseen error is logged."""
        if not isinstance(error, MsaError):
            _log.error("%s failed in a batch", self.ref.address, exc_info=error)
            error = MsaError(f"{self.ref.address} failed unexpectedly ({type(error).__name__}: {error}).")
        return BatchRaster(self.ref.address, "", 0, 0, 0, 0, error.kind, error.sentence)

    def ended(self, row: RasterRow, hits: int) -> BatchRaster:
        """The outcome of one whose queries have their answers."""
        return BatchRaster(self.ref.address, row.index, row.tiles, row.encoded, row.reused, hits)

    def row(self, scans: Sequence[ScanSummary]) -> RasterRow:
        """What the results file says of it, once it is scanned."""
        (scan,) = scans
        return RasterRow(self.ref.address, scan.index, scan.tiles, scan.encoded, scan.reused)

    def known_row(self, out: ChangesFile) -> RasterRow | None:
        """What the results file says of it."""
        return out.raster(self.ref.address)

    def write(self, out: ChangesFile, row: RasterRow) -> None:
        """Have the results file say so."""
        out.write_raster(row)

    def done(self, out: ChangesFile, watched: WatchedQuery) -> PairSummary | None:
        """What the results file says of a query on it."""
        return out.done(watched.query, self.ref.address)

    def check_replaceable(self, out: ChangesFile, watched: WatchedQuery) -> None:
        """Whether another answer may take the place of that one: FileNotOurs where somebody changed it."""
        out.check_pair(watched.query, self.ref.address)

    def hits(self, out: ChangesFile, watched: WatchedQuery) -> tuple[BatchHit, ...]:
        """What that query found on it, best first."""
        return out.hits(watched.query, self.ref.address)

    def signature(self, request: BatchRequest, watched: WatchedQuery, model_sha256: str) -> str:
        """What an answer depends on, as one word."""
        parts = self._answered_by(request, watched) | {"model": model_sha256}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def _answered_by(self, request: BatchRequest, watched: WatchedQuery) -> dict[str, object]:
        return {
            "query": watched.query,
            "name": watched.name,
            "least": watched.min_score,
            "bands": _bands(self.ref),
            "raster": self.fingerprint,
            "aoi": asdict(request.aoi) if request.aoi else None,
            "settings": asdict(request.settings),
            "k": request.k,
            "merge": request.merge,
        }


@dataclass(kw_only=True)
class PairTask(BatchTask):
    """Two dates: `ref` is the raster of `pair` before.

    `laid` says how the later one has tiles of the same ground.
    """

    pair: DatedPair
    laid: PairReply | None = None

    @property
    def after(self) -> Source:
        """The later raster."""
        return self.pair.after

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.ref.name} → {self.after.name}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is read."""
        return (self.ref, self.after)

    def scans(self, request: BatchRequest) -> list[ScanRequest]:
        """What has to be indexed of both."""
        first, laid = super().scans(request), self.laid
        if laid is None:
            return first
        return [*first, ScanRequest(laid.after, request.aoi, request.settings, laid.index or None)]

    def failed(self, error: Exception) -> BatchRaster:
        """The outcome of a pair that cannot be compared."""
        return replace(super().failed(error), path_after=self.after.address)

    def ended(self, row: RasterRow, hits: int) -> BatchRaster:
        """The outcome of a pair whose questions have their answers."""
        return replace(super().ended(row, hits), path_after=self.after.address)

    def row(self, scans: Sequence[ScanSummary]) -> RasterRow:
        """Tiles of the date that has fewer; those encoded and known of both."""
        before, after = scans
        return PairRow(
            source=self.ref.address,
            index=before.index,
            tiles=min(before.tiles, after.tiles),
            encoded=before.encoded + after.encoded,
            reused=before.reused + after.reused,
            source_after=self.after.address,
            index_after=after.index,
        )

    def known_row(self, out: ChangesFile) -> RasterRow | None:
        """What the results file says of both."""
        return out.pair(self.ref.address, self.after.address)

    def write(self, out: ChangesFile, row: RasterRow) -> None:
        """Have the results file say so of both."""
        out.write_dates(PairRow(**vars(row) | {"source_after": self.after.address}))

    def done(self, out: ChangesFile, watched: WatchedQuery) -> PairSummary | None:
        """What the results file says of a question on both."""
        return out.change_done(watched.query, self.ref.address, self.after.address)

    def check_replaceable(self, out: ChangesFile, watched: WatchedQuery) -> None:
        """As of a raster, of both dates."""
        out.check_changes(watched.query, self.ref.address, self.after.address)

    def hits(self, out: ChangesFile, watched: WatchedQuery) -> tuple[BatchHit, ...]:
        """What that question found on both, best first."""
        return out.changes(watched.query, self.ref.address, self.after.address)

    def _answered_by(self, request: BatchRequest, watched: WatchedQuery) -> dict[str, object]:
        dates = (self.pair.date_before, self.pair.date_after)
        parts = super()._answered_by(request, watched) | {"bands after": _bands(self.after)}
        return parts | {"dates": dates} if any(dates) else parts


def tasks_of(request: BatchRequest, draw: Draw) -> list[BatchTask]:
    """Rasters with what is asked of them, then pairs; `request.queries` are all of its queries."""
    plain = tuple(watched for watched in request.queries if not is_dated(watched))
    rasters = dict.fromkeys(request.rasters if plain else ())
    pairs = pairs_of(request, request.queries).items()
    return [
        *(BatchTask(ref, draw, plain) for ref in rasters),
        *(PairTask(pair.before, draw, tuple(asked), pair=pair) for pair, asked in pairs),
    ]


def pairs_of(request: BatchRequest, queries: Sequence[WatchedQuery]) -> dict[DatedPair, list[WatchedQuery]]:
    """The pairs of a batch, with what is asked of each."""
    found: dict[DatedPair, list[WatchedQuery]] = {}
    for watched in filter(is_dated, queries):
        named = DatedPair(RasterRef(watched.before), RasterRef(watched.after))
        for pair in (named,) if watched.before else request.pairs:
            found.setdefault(pair, []).append(watched)
    return found


def is_dated(watched: WatchedQuery) -> bool:
    """Whether a query is about two dates: with rasters of its own, or by its form."""
    return bool(watched.before) or is_about_dates(watched.query)


def words_of(watched: WatchedQuery) -> tuple[str, ...]:
    """The texts of a query that are in the query grammar.

    Raises:
        QueryNotUnderstood, QueryEmpty: a question about two dates is of none of the forms, or needs a place.
    """
    if not is_dated(watched):
        return (watched.query,)
    query = parse_change(watched.query)
    if query.kind == LIKE:
        raise QueryNotUnderstood("a batch knows no place of a change like those sought.")
    return tuple(filter(None, (query.before, query.after)))


def check_places(request: BatchRequest, queries: Sequence[WatchedQuery]) -> None:
    """Whether there is something that each query can be asked of.

    Raises:
        BadArgument: there is no raster, or no pair of them.
        date_unclear: a date of a pair that reads like none.
    """
    for pair in request.pairs:
        checked_date(pair.date_before, "The date before")
        checked_date(pair.date_after, "The date after")
    if not (request.rasters or request.pairs or any(watched.before for watched in queries)):
        raise BadArgument("There is no raster to search in.")
    for watched in queries:
        if is_dated(watched) and not (watched.before or request.pairs):
            raise BadArgument(f"'{watched.query}' asks about two dates: name the rasters before and after.")
        if not is_dated(watched) and not request.rasters:
            raise BadArgument(f"'{watched.query}' asks of one date; a question about two reads {FORMS}.")


def check_seen(request: BatchRequest) -> None:
    """Whether what lies on the client's machine is seen from here, too.

    Raises:
        RasterMissing: it is not; the client has other ways to hand it over.
    """
    unseen = next((path for path in request.here if not os.path.exists(path)), None)
    if unseen is not None:
        raise RasterMissing(f"The worker does not see {unseen}.")


def _bands(source: Source) -> tuple[float, ...]:
    return source.bands if isinstance(source, RasterRef) else source.transform
