"""A batch whose results the peer writes, since it shares no files: kept here meanwhile, and sent."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from msa_model.files.folders import make_folder, user_cache_folder
from msa_model.jobs.batch import Batch
from msa_model.protocol.batch import BatchRequest, BatchSummary
from msa_model.protocol.codec import for_storage, to_wire
from msa_model.protocol.messages import Progress
from msa_model.protocol.pixels import Draw
from msa_model.raster.drawn import undrawn

_FOLDER = "batches"
_OWN_NAME = re.compile(r"[0-9a-f]{24}")
_KEPT_SECONDS = 30 * 24 * 3600.0  # so long may a batch lie that was paused
_LONGEST_NAME = 100


def batch_for_peer(
    batch: Batch, cache_folder: str | None, request: BatchRequest, draw: Draw = undrawn
) -> Generator[Progress, None, tuple[BatchSummary, bytes]]:
    """The steps of a batch; with `sent`, the results file and the report after it are the reply's attachment.

    What is done is kept in the cache folder under the request, so that the same request goes on with it.

    Raises:
        MsaError: as `Batch.steps`.
    """
    if not request.sent:
        return (yield from batch.steps(request, draw)), b""
    folder = _folder_of(request, cache_folder)
    out = folder / _name(request.out)
    report = folder / f"{out.stem}.html" if request.report else None
    kept = replace(request, out=str(out), report=str(report) if report else None)
    summary = yield from batch.steps(kept, draw)
    results, page = out.read_bytes(), report.read_bytes() if report else b""
    told = replace(summary, out=request.out, report=request.report or "", results_bytes=len(results))
    return told, results + page


def _folder_of(request: BatchRequest, cache_folder: str | None) -> Path:
    """The folder of this request; those of requests that nobody has come back to are gone."""
    above = Path(cache_folder or user_cache_folder()) / _FOLDER
    text = json.dumps(to_wire(for_storage(request)), sort_keys=True)
    folder = above / hashlib.sha256(text.encode()).hexdigest()[:24]
    make_folder(folder)
    folder.touch()
    for other in above.iterdir():
        if _OWN_NAME.fullmatch(other.name) and time.time() - other.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _name(path: str) -> str:
    """The file's name on the other machine, of whichever system, as one that any system allows."""
    name = re.split(r"[/\\]", path)[-1]
    return re.sub(r"[^\w.-]", "_", name)[-_LONGEST_NAME:].lstrip(".")
