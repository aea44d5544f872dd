"""The methods that index what QGIS draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msa_model.jobs.pixels import PixelScans
from msa_model.protocol.codec import from_wire
from msa_model.protocol.pixels import PixelEncodeRequest, PixelPlan, PixelPlanRequest
from msa_model.protocol.rpc import PIXELS_ENCODE, PIXELS_PLAN, Request
from msa_model.worker.long_jobs import Steps

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder


class PixelHandlers:
    """`methods` answer at once, `long` take steps: encoding a block lets a search in between."""

    def __init__(self, encoder: DualEncoder, cache_folder: str | None) -> None:
        self._scans = PixelScans(encoder, cache_folder)
        self.methods: dict[str, Callable[[Request], tuple[Any, bytes]]] = {PIXELS_PLAN: self._plan}
        self.long: dict[str, Callable[[Request], Steps]] = {PIXELS_ENCODE: self._encode}

    def _plan(self, request: Request) -> tuple[PixelPlan, bytes]:
        return self._scans.plan(from_wire(PixelPlanRequest, request.params)), b""

    def _encode(self, request: Request) -> Steps:
        return self._scans.encode(from_wire(PixelEncodeRequest, request.params), request.attachment)
