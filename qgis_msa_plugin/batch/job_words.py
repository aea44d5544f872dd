"""A batch job in words."""

from __future__ import annotations

from qgis_msa_plugin.batch.job import BatchJob, JobState
from qgis_msa_plugin.errors import error_line
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


def state_word(job: BatchJob) -> str:
    """The state in one word or two."""
    if job.elsewhere:
        return tr("in another QGIS")
    if job.interrupted:
        return tr("interrupted")
    words = {
        JobState.WAITING: tr("waiting"),
        JobState.RUNNING: tr("running"),
        JobState.PAUSING: tr("stopping…"),
        JobState.PAUSED: tr("paused"),
        JobState.DONE: tr("done"),
        JobState.FAILED: tr("failed"),
    }
    return words[job.state]


def job_line(job: BatchJob) -> str:
    """How far it is, or how it ended, in one line."""
    if job.summary is not None:
        return _ended(job)
    if job.error is not None:
        return job.error.sentence
    if job.state is JobState.RUNNING and not job.elsewhere:
        line = wording.advance(job.progress)
        return f"{line} · {job.progress.label}" if job.progress and job.progress.label else line
    if job.progress is not None:
        text = (
            tr("stopped at {done} of {total}")
            if job.state is not JobState.WAITING
            else tr("{done} of {total}")
        )
        return text.format(done=wording.count(job.progress.done), total=wording.count(job.progress.total))
    return asked(job)


def asked(job: BatchJob) -> str:
    """How much was asked."""
    queries, rasters = len(job.request.queries), len(job.request.rasters)
    if job.request.watch_list:
        return tr("a watch-list · rasters: {rasters}").format(rasters=wording.count(rasters))
    text = tr("queries: {queries} · rasters: {rasters}")
    return text.format(queries=wording.count(queries), rasters=wording.count(rasters))


def job_details(job: BatchJob) -> str:
    """Everything, for the tooltip."""
    lines = [job.name + " · " + state_word(job), asked(job), job.request.out]
    if job.interrupted:
        lines.append(tr("QGIS ended while this scan ran. Resume goes on where it stopped."))
    if job.error is not None:
        lines.append(error_line(job.error))
    for raster in job.summary.rasters if job.summary is not None else ():
        text = tr("{path}: {tiles} tiles ({encoded} scanned, {reused} from the index), {hits} hits")
        line = text.format(
            path=raster.path,
            tiles=wording.count(raster.tiles),
            encoded=wording.count(raster.encoded),
            reused=wording.count(raster.reused),
            hits=wording.count(raster.hits),
        )
        lines.append(f"{raster.path}: {raster.sentence}" if raster.error else line)
    return "\n".join(lines)


def _ended(job: BatchJob) -> str:
    summary = job.summary
    if summary is None:
        return ""
    failed = sum(1 for raster in summary.rasters if raster.error)
    text = tr("{hits} hits · {tiles} tiles · {time}")
    line = text.format(
        hits=wording.count(summary.hits),
        tiles=wording.count(sum(raster.tiles for raster in summary.rasters)),
        time=wording.duration(summary.seconds),
    )
    if failed:
        line += " · " + tr("failed rasters: {n}").format(n=wording.count(failed))
    return line
