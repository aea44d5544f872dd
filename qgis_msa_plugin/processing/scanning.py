"""A scan as several algorithms run it: what it would cost, then the scan."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from qgis.core import QgsProcessingFeedback

from msa_model.protocol import methods
from msa_model.protocol.errors import IndexMissing, IndexStale
from msa_model.protocol.messages import ScanPlan, ScanRequest, ScanSummary, SearchRequest
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.lending import RunWorker


def plan_scan(worker: RunWorker, request: ScanRequest, feedback: QgsProcessingFeedback) -> ScanPlan:
    """What the scan would cost; told to the user."""
    plan = worker.call(methods.PLAN, request)
    for warning in plan.warnings:
        feedback.pushWarning(warning)
    text = tr("{missing} of {tiles} tiles are not indexed yet: about {seconds:.0f} s and {size:.1f} MB.")
    feedback.pushInfo(
        text.format(missing=plan.missing, tiles=plan.tiles, seconds=plan.seconds, size=plan.bytes / 1e6)
    )
    sides = ", ".join(f"{scale.scale_m:.0f} m" for scale in plan.scales)
    feedback.pushInfo(tr("Tile sides: {sides}").format(sides=sides))
    return plan


def index_of(
    worker: RunWorker,
    scan: ScanRequest,
    feedback: QgsProcessingFeedback,
    question: SearchRequest,
    *,
    may_scan: bool,
    partly: str,
) -> str:
    """The index of the raster; what is missing is scanned if that `may` be, else the user is told `partly`.

    A question that the model refuses costs no scan.

    Raises:
        IndexMissing: nothing is indexed, and nothing may be scanned.
        MsaError: of the scan, and of the question.
    """
    plan = plan_scan(worker, scan, feedback)
    if not plan.missing:
        return plan.index
    if may_scan:
        _check_question(worker, replace(question, indexes=(plan.index,), k=1))
        return run_scan(worker, scan, feedback).index
    if plan.missing == plan.tiles:
        raise IndexMissing(tr("'{path}' has no index yet.").format(path=scan.raster.name))
    feedback.pushWarning(partly)
    return plan.index


def _check_question(worker: RunWorker, request: SearchRequest) -> None:
    """Ask what is indexed so far."""
    with suppress(IndexMissing, IndexStale):
        worker.call_for_bytes(methods.RANK, request)


def run_scan(worker: RunWorker, request: ScanRequest, feedback: QgsProcessingFeedback) -> ScanSummary:
    """Scan what is missing; progress and cancelling go through the feedback."""
    summary = worker.call(methods.BUILD, request)
    text = tr("{encoded} tiles encoded, {reused} known before, {skipped} skipped in {seconds:.1f} s: {index}")
    feedback.pushInfo(
        text.format(
            encoded=summary.encoded,
            reused=summary.reused,
            skipped=summary.skipped,
            seconds=summary.seconds,
            index=summary.index,
        )
    )
    return summary
