"""One block after the other, drawn in QGIS's threads: asked again where the server fails, never for ever.

What a layer's server answers while QGIS draws: renderers leave a hole and say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Optional
from urllib.parse import urlsplit

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsProject,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QObject, QSize, QTimer
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from msa_model.protocol.pixels import PixelBlock
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.render.style import host_of, is_served
from qgis_msa_plugin.translate import tr

# A tile server's way to say that there is nothing.
_NOTHING_THERE = (204, 404, 410)
_NO_PICTURE = ("xml", "html", "json")
_LONGEST = 120


class ServerWatch(QObject):
    """Notes what goes wrong with requests to one host; lives in the main thread, which hears of all."""

    def __init__(self, host: str, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._host = re.compile(re.sub(r"\\{.*?\\}", ".*", re.escape(host)))
        self.problem = ""
        self.requests = 0
        self._manager = QgsNetworkAccessManager.instance() if host else None
        if self._manager is not None:
            self._manager.finished[QgsNetworkReplyContent].connect(self._on_finished)

    def reset(self) -> None:
        """Forget what was wrong so far."""
        self.problem = ""

    def release(self) -> None:
        """Listen no more."""
        if self._manager is not None:
            self._manager.finished[QgsNetworkReplyContent].disconnect(self._on_finished)
            self._manager = None

    def _on_finished(self, reply: QgsNetworkReplyContent) -> None:
        address = urlsplit(reply.request().url().toString())
        if not self._host.fullmatch(address.hostname or ""):
            return
        self.requests += 1
        self.problem = problem_of(reply) or self.problem


def problem_of(reply: QgsNetworkReplyContent) -> str:
    """What is wrong with an answer to a request for a picture; empty if nothing is."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    if status is not None and int(status) in _NOTHING_THERE:
        return ""
    if reply.error() == QNetworkReply.NetworkError.OperationCanceledError:
        return tr("no answer in time")
    if status is not None and int(status) >= 400:  # noqa: PLR2004  (the errors of HTTP)
        return f"HTTP {int(status)}"
    if reply.error() != QNetworkReply.NetworkError.NoError:
        return reply.errorString()[:_LONGEST]
    kind = bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower()
    if any(word in kind for word in _NO_PICTURE):
        return tr("a message of the type {kind} instead of a picture").format(kind=kind)
    return ""


_CHANNELS = 4
_DPI = 96


@dataclass(frozen=True)
class DrawingLimits:
    """Seconds a block may take, how often it is asked for again, and after how long (doubled each time)."""

    block_s: float = 60.0
    retries: int = 2
    pause_s: float = 2.0


DRAWING_LIMITS = DrawingLimits()


@dataclass(frozen=True)
class Drawn:
    """A block's pixels, RGBA8888, none where nothing was drawn; `problem` says why it is not complete.

    `asked` says that the layer's server has been asked for something by now, or that there is none to ask.
    """

    block: PixelBlock
    rgba: bytes
    problem: str = ""
    asked: bool = True


class BlockDrawer(QObject):
    """Draws one block at a time; each `draw` ends in one call of `done`, unless it is cancelled before."""

    def __init__(
        self,
        layer: QgsMapLayer,
        crs: QgsCoordinateReferenceSystem,
        limits: DrawingLimits = DRAWING_LIMITS,
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._layer, self._crs, self._limits = drawable(layer), crs, limits
        self._watch, self._serves = ServerWatch(host_of(layer), self), is_served(layer)
        self._job: Optional[QgsMapRendererParallelJob] = None
        self._block: Optional[PixelBlock] = None
        self._done: Optional[Callable[[Drawn], None]] = None
        self._attempt = 0
        self._late = False
        self._limit = self._timer(self._on_late)
        self._pause = self._timer(self._try)

    @property
    def busy(self) -> bool:
        """Whether a block is being drawn."""
        return self._block is not None

    def draw(self, block: PixelBlock, done: Callable[[Drawn], None]) -> None:
        """Draw this block next; none may be under way."""
        self._block, self._done, self._attempt = block, done, 0
        self._try()

    def cancel(self) -> None:
        """Drop the block under way."""
        self._block = self._done = None
        self._limit.stop()
        self._pause.stop()
        self._drop_job()

    def release(self) -> None:
        """Draw no more."""
        self.cancel()
        self._watch.release()

    def _try(self) -> None:
        if self._block is None:
            return
        self._watch.reset()
        self._late = False
        job = QgsMapRendererParallelJob(settings_of(self._layer, self._crs, self._block))
        self._job = job
        job.finished.connect(lambda: self._on_finished(job))
        self._limit.start(round(self._limits.block_s * 1000))
        job.start()

    def _on_late(self) -> None:
        self._late = True
        self._drop_job()
        self._judge(b"", tr("no answer within {seconds:g} s").format(seconds=self._limits.block_s))

    def _on_finished(self, job: QgsMapRendererParallelJob) -> None:
        job.deleteLater()
        if self._job is None or job is not self._job:
            return
        self._job = None
        self._limit.stop()
        errors = [error.message for error in job.errors()]
        rgba = rgba_bytes(job.renderedImage())
        alpha = rgba[_CHANNELS - 1 :: _CHANNELS]
        gaps = alpha.count(0)
        problem = (self._watch.problem or next(iter(errors), "")) if gaps else ""
        self._judge(b"" if gaps == len(alpha) else rgba, problem)

    def _judge(self, rgba: bytes, problem: str) -> None:
        if problem and self._attempt < self._limits.retries:
            self._pause.start(round(self._limits.pause_s * 1000 * 2**self._attempt))
            self._attempt += 1
            return
        block, done = self._block, self._done
        self._block = self._done = None
        if block is not None and done is not None:
            done(Drawn(block, rgba, problem, not self._serves or self._watch.requests > 0))

    def _drop_job(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            _LEFT_ALONE.add(job)
            job.finished.connect(lambda: _LEFT_ALONE.discard(job))
            job.cancelWithoutBlocking()

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer


# Destroying a job waits for its thread: those that were cancelled live on until they have noticed.
_LEFT_ALONE: set[QgsMapRendererParallelJob] = set()


def drawable(layer: QgsMapLayer) -> QgsMapLayer:
    """What is drawn: of a file a copy that averages where pixels are merged, and is visible at all scales.

    Layers of a server are drawn as they are: a copy would ask the server for its capabilities, and wait.
    """
    if not _is_copied(layer):
        return layer
    copy = layer.clone()
    copy.setScaleBasedVisibility(False)
    method = QgsRasterDataProvider.ResamplingMethod
    provider = copy.dataProvider()
    able = provider.enableProviderResampling(True)
    if able and not provider.setZoomedOutResamplingMethod(method.Average):
        log_warning(f"{layer.name()} is drawn without averaging.")
    return copy


def _is_copied(layer: QgsMapLayer) -> bool:
    return isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"


def settings_of(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem, block: PixelBlock) -> QgsMapSettings:
    """What QGIS needs to know to draw the block, without labels and selections."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(crs)
    settings.setTransformContext(QgsProject.instance().transformContext())
    settings.setOutputDpi(_DPI)
    settings.setExtent(QgsRectangle(*block.bounds))
    settings.setOutputSize(QSize(block.width, block.height))
    settings.setBackgroundColor(QColor(0, 0, 0, 0))
    for flag in (QgsMapSettings.Flag.DrawLabeling, QgsMapSettings.Flag.DrawSelection):
        settings.setFlag(flag, False)
    return settings


def hidden_at(layer: QgsMapLayer, crs: QgsCoordinateReferenceSystem, block: PixelBlock) -> bool:
    """Whether QGIS would leave the layer out at the block's scale."""
    if _is_copied(layer) or not layer.hasScaleBasedVisibility():
        return False
    return not layer.isInScaleRange(settings_of(layer, crs, block).scale())


def rgba_bytes(image: QImage) -> bytes:
    """The height × width × 4 bytes; lines of four-byte pixels have no padding."""
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return bytes(rgba.constBits().asstring(rgba.bytesPerLine() * rgba.height()))
