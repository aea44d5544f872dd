"""The proof that a worker works: it loads its model and says what it sees in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, Union

from qgis.PyQt.QtCore import QObject

from msa_model.protocol import methods
from msa_model.protocol.describing import DescribeReply, DescribeRequest
from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Initialized, Ready
from msa_model.protocol.pixels import DrawRequest, Picture
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

SIDE = 256
_LAYER = DrawnLayer(
    source="msa:proof",
    title="proof",
    version="1",
    crs="EPSG:32633",
    transform=(0.5, 0.0, 500_000.0, 0.0, -0.5, 5_000_000.0),
    width=SIDE,
    height=SIDE,
)
_BOUNDS = (500_000.0, 5_000_000.0 - SIDE / 2, 500_000.0 + SIDE / 2, 5_000_000.0)


@dataclass(frozen=True)
class Proof:
    """What the worker said of itself, and the phrase that it chose."""

    ready: Ready
    initialized: Initialized
    phrase: str


class Verifier(QObject):
    """Starts a worker of its own; exactly one of `done` and `failed` is called, unless `stop` came before."""

    def __init__(
        self,
        settings: Settings,
        done: Callable[[Proof], None],
        failed: Callable[[MsaError], None],
        parent: Optional[QObject] = None,
    ) -> None:
        super().__init__(parent)
        self._done, self._failed = done, failed
        self._client = WorkerClient(lambda: settings, self)
        self._client.state_changed.connect(self._on_state)

    def start(self) -> None:
        """Start the worker and show it a picture."""
        request = DescribeRequest(_LAYER, _LAYER.crs, bounds=_BOUNDS, k=1)
        if self._client.state is WorkerState.MISSING:
            self._refuse(self._client.error or MsaError())
            return
        self._client.start()
        self._client.call(methods.DESCRIBE, request, self._answer, self._refuse, draw=draw)

    def stop(self) -> None:
        """Let the worker go and say nothing more."""
        if self._done is _nothing:
            return
        self._client.state_changed.disconnect(self._on_state)
        self._done, self._failed = _nothing, _nothing
        self._client.stop()

    def _answer(self, reply: DescribeReply, attachment: bytes) -> None:
        ready, initialized, done = self._client.ready, self._client.initialized, self._done
        self.stop()
        if ready is not None and initialized is not None:
            done(Proof(ready, initialized, reply.phrases[0].phrase if reply.phrases else ""))

    def _refuse(self, error: MsaError) -> None:
        failed = self._failed
        self.stop()
        failed(error)

    def _on_state(self, state: WorkerState) -> None:
        if state is WorkerState.FAILED and self._client.error is not None:
            self._refuse(self._client.error)


def draw(request: DrawRequest, answer: Callable[[Union[Picture, MsaError]], None]) -> None:
    """Show the worker the picture, whatever it wants to see."""
    answer(Picture(picture()))


def picture() -> bytes:
    """Fields, a road and a pond as RGBA8888: enough for the whole way from pixels to words."""
    light, dark = (bytes((tone, 120, 70, 255)) * 32 for tone in (109, 95))
    fields = ((dark + light) * 4, (light + dark) * 4)
    rows = []
    for y in range(SIDE):
        row = bytearray(fields[y // 64 % 2])
        row[4 * (y // 2 + 24) : 4 * (y // 2 + 36)] = bytes((150, 145, 140, 255)) * 12
        half = int(max(0, 45**2 - (y - 90) ** 2) ** 0.5)
        row[4 * (180 - half) : 4 * (180 + half)] = bytes((60, 90, 120, 255)) * 2 * half
        rows.append(bytes(row))
    return b"".join(rows)


def _nothing(value: object) -> None:
    """Nobody waits any more."""
