"""A batch as the worker can do it, which may share no files with QGIS, and what comes back from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer

from msa_model.protocol.batch import BatchRequest, BatchSummary, WatchedQuery, read_watch_list
from msa_model.protocol.errors import BadArgument, FileNotOurs, MsaError
from msa_model.protocol.messages import RasterRef, Source
from msa_model.protocol.redaction import without_secrets
from qgis_msa_plugin.gis.raster_source import as_in_project, raster_ref
from qgis_msa_plugin.render.source import bulk_source_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import write_new
from qgis_msa_plugin.worker.sharing import paths_in, with_sources


def by_paths(request: BatchRequest, project: QgsProject) -> BatchRequest:
    """The batch for a worker that is thought to see the files: it does nothing where it does not.

    Raises:
        watch_list_unreadable: the watch-list.
    """
    # A job that was read from disk has its rasters without secrets.
    request = with_sources(request, lambda raster: as_in_project(raster, project))
    return replace(request, here=tuple(filter(os.path.exists, _paths(request))))


def with_results_sent(request: BatchRequest) -> BatchRequest:
    """The batch for a worker that sees the rasters, but not where the results are to be written.

    Raises:
        FileNotOurs: a file lies where the results are to be written.
        watch_list_unreadable: the watch-list.
    """
    check_free(request)
    queries = tuple(dict.fromkeys((*request.queries, *_listed(request))))
    return replace(request, queries=queries, watch_list=None, sent=True, here=())


def for_worker_elsewhere(request: BatchRequest, project: QgsProject) -> BatchRequest:
    """The batch without paths: drawn layers for rasters, queries for the watch-list, results to be sent.

    Raises:
        BadArgument: a raster is no layer of the project, or one that the watch-list names.
        MsaError: as `with_results_sent` and `bulk_source_of`.
    """
    asked = with_results_sent(request)
    named = next((path for watched in asked.queries for path in _rasters_of(watched)), "")
    if named:
        text = tr("The worker runs on another machine and cannot read {path}: compare two layers instead.")
        raise BadArgument(text.format(path=named))
    return with_sources(asked, lambda raster: _drawn(raster, request, project))


def sendable(request: BatchRequest, project: QgsProject, shares_files: bool) -> BatchRequest:
    """The one or the other; errors as of both."""
    return by_paths(request, project) if shares_files else for_worker_elsewhere(request, project)


def check_free(request: BatchRequest) -> None:
    """Whether results that are sent can be written: only where there is no file.

    Raises:
        FileNotOurs: there is one.
    """
    for path in _files(request):
        if path.exists():
            text = tr("{path} exists: results from a worker on another machine go to a file of their own.")
            raise FileNotOurs(text.format(path=path))


def keep_results(request: BatchRequest, summary: BatchSummary, sent: bytes) -> None:
    """Write what was sent where the request says, each file whole or not at all.

    Raises:
        FileNotOurs: a file lies there by now; nothing was written.
        folder_read_only: a file cannot be written.
    """
    check_free(request)
    contents = sent[: summary.results_bytes], sent[summary.results_bytes :]
    for path, content in zip(_files(request), contents):
        try:
            write_new(path, content)
        except OSError as error:
            text = tr("The results cannot be written to {path}: {reason}")
            raise MsaError.of("folder_read_only", text.format(path=path, reason=error.strerror)) from error


def is_written(request: BatchRequest) -> bool:
    """Whether the results that a worker has written itself lie on this machine.

    They do not where its folder of that name is another one.

    Raises:
        folder_read_only: the results do, the report does not.
    """
    if not os.path.isfile(request.out):
        return False
    if request.report and not os.path.isfile(request.report):
        text = tr("The worker has written {path} where this machine does not see it.")
        raise MsaError.of("folder_read_only", text.format(path=request.report))
    return True


def _files(request: BatchRequest) -> list[Path]:
    return [Path(path) for path in (request.out, request.report) if path]


def _paths(request: BatchRequest) -> list[str]:
    """What the worker is to read, and where it is to write."""
    written = [str(path) for file in _files(request) for path in (file, file.parent)]
    lists = [request.watch_list] if request.watch_list else []
    named = (path for watched in (*request.queries, *_listed(request)) for path in _rasters_of(watched))
    return [*paths_in((request.rasters, request.pairs)), *named, *lists, *written]


def _listed(request: BatchRequest) -> tuple[WatchedQuery, ...]:
    return read_watch_list(request.watch_list) if request.watch_list else ()


def _rasters_of(watched: WatchedQuery) -> list[str]:
    """The files of two dates that a query is asked of; what has an address can be read from anywhere."""
    return [path for path in (watched.before, watched.after) if path and "://" not in path]


def _drawn(raster: RasterRef, request: BatchRequest, project: QgsProject) -> Source:
    layer = next(_layers_of(raster, project), None)
    if layer is None:
        text = tr("The worker runs on another machine and cannot read {path}: add it to the project.")
        raise BadArgument(text.format(path=raster.address))
    return bulk_source_of(layer, request.aoi, shares_files=False)


def _layers_of(raster: RasterRef, project: QgsProject) -> Iterator[QgsMapLayer]:
    """Layers that show this file, those that show these bands first."""
    layers = [layer for layer in project.mapLayers().values() if isinstance(layer, QgsRasterLayer)]
    shown: list[tuple[bool, QgsMapLayer]] = []
    for layer in layers:
        try:
            ref = raster_ref(layer)
        except MsaError:
            continue
        if without_secrets(ref.path) == raster.address:
            shown.append((ref.bands != raster.bands, layer))
    yield from (layer for _, layer in sorted(shown, key=lambda pair: pair[0]))
