"""The worker's methods: what each takes, and what it replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from msa_model.protocol import rpc
from msa_model.protocol.batch import BatchPlan, BatchRequest, BatchSummary
from msa_model.protocol.changing import (
    ChangeHereReply,
    ChangeHereRequest,
    ChangeReply,
    ChangeRequest,
    DatesReply,
    DatesRequest,
    PairReply,
    PairRequest,
    SeriesReply,
    SeriesRequest,
)
from msa_model.protocol.describing import (
    DescribeManyReply,
    DescribeManyRequest,
    DescribeReply,
    DescribeRequest,
)
from msa_model.protocol.hit_table import HeatmapReply, RankReply, VerdictReply
from msa_model.protocol.indexes import (
    CoverageReply,
    CoverageRequest,
    IndexChanged,
    IndexDeleteRequest,
    IndexExportReply,
    IndexExportRequest,
    IndexListReply,
    IndexListRequest,
    IndexMoveRequest,
)
from msa_model.protocol.messages import (
    ScanPlan,
    ScanRequest,
    ScanSummary,
    SearchRequest,
    ThumbnailReply,
    ThumbnailRequest,
)
from msa_model.protocol.models import (
    CalibrateModel,
    CheckModel,
    EnginesMeasured,
    MeasureEngines,
    ModelCalibrated,
    ModelChecked,
)
from msa_model.protocol.query import WordsReply, WordsRequest
from msa_model.protocol.tile_groups import ExploreReply, ExploreRequest

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Method(Generic[P, R]):
    """A method by its name on the wire, with the messages of a call."""

    name: str
    params: type[P]
    reply: type[R]


PLAN = Method(rpc.PLAN, ScanRequest, ScanPlan)
BUILD = Method(rpc.BUILD, ScanRequest, ScanSummary)
COVERAGE = Method(rpc.COVERAGE, CoverageRequest, CoverageReply)
LIST = Method(rpc.LIST, IndexListRequest, IndexListReply)
DELETE = Method(rpc.DELETE, IndexDeleteRequest, IndexChanged)
MOVE = Method(rpc.MOVE, IndexMoveRequest, IndexChanged)
EXPORT = Method(rpc.EXPORT, IndexExportRequest, IndexExportReply)
EXPLORE = Method(rpc.EXPLORE, ExploreRequest, ExploreReply)
BATCH = Method(rpc.BATCH, BatchRequest, BatchSummary)
BATCH_PLAN = Method(rpc.BATCH_PLAN, BatchRequest, BatchPlan)
RANK = Method(rpc.RANK, SearchRequest, RankReply)
VERDICT = Method(rpc.VERDICT, SearchRequest, VerdictReply)
HEATMAP = Method(rpc.HEATMAP, SearchRequest, HeatmapReply)
CHANGE = Method(rpc.CHANGE, ChangeRequest, ChangeReply)
CHANGE_HERE = Method(rpc.CHANGE_HERE, ChangeHereRequest, ChangeHereReply)
CHANGE_HEATMAP = Method(rpc.CHANGE_HEATMAP, ChangeRequest, HeatmapReply)
CHANGE_DATES = Method(rpc.CHANGE_DATES, DatesRequest, DatesReply)
CHANGE_PAIR = Method(rpc.CHANGE_PAIR, PairRequest, PairReply)
SERIES = Method(rpc.SERIES, SeriesRequest, SeriesReply)
WORDS = Method(rpc.WORDS, WordsRequest, WordsReply)
DESCRIBE = Method(rpc.DESCRIBE, DescribeRequest, DescribeReply)
DESCRIBE_MANY = Method(rpc.DESCRIBE_MANY, DescribeManyRequest, DescribeManyReply)
MEASURE = Method(rpc.MEASURE, MeasureEngines, EnginesMeasured)
CHECK_MODEL = Method(rpc.CHECK_MODEL, CheckModel, ModelChecked)
CALIBRATE_MODEL = Method(rpc.CALIBRATE_MODEL, CalibrateModel, ModelCalibrated)
THUMBNAILS = Method(rpc.THUMBNAILS, ThumbnailRequest, ThumbnailReply)
