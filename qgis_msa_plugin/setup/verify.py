"""The proof that a worker works: it loads its model and says what it sees in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject

from msa_model.protocol import rpc
from msa_model.protocol.describing import DescribePixels, DescribeReply
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Initialized, Ready
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState

SIDE = 256
_SQUARE_M = 100.0


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
        request = DescribePixels(
            width=SIDE,
            height=SIDE,
            bounds=(0.0, 0.0, _SQUARE_M, _SQUARE_M),
            crs="EPSG:32633",
            scale_m=_SQUARE_M,
            k=1,
        )
        if self._client.state is WorkerState.MISSING:
            self._refuse(self._client.error or MsaError())
            return
        self._client.start()
        self._client.call(
            rpc.DESCRIBE_PIXELS, request, DescribeReply, self._answer, self._refuse, None, picture()
        )

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


def picture() -> bytes:
    """Fields, a road and a pond as RGB888: enough for the whole way from pixels to words."""
    light, dark = (bytes((tone, 120, 70)) * 32 for tone in (109, 95))
    fields = ((dark + light) * 4, (light + dark) * 4)
    rows = []
    for y in range(SIDE):
        row = bytearray(fields[y // 64 % 2])
        row[3 * (y // 2 + 24) : 3 * (y // 2 + 36)] = bytes((150, 145, 140)) * 12
        half = int(max(0, 45**2 - (y - 90) ** 2) ** 0.5)
        row[3 * (180 - half) : 3 * (180 + half)] = bytes((60, 90, 120)) * 2 * half
        rows.append(bytes(row))
    return b"".join(rows)


def _nothing(value: object) -> None:
    """Nobody waits any more."""
