"""The newest call counts: what older ones bring is not listened to any more."""

from __future__ import annotations

from typing import Callable, Optional, TypeVar

from msa_model.protocol.errors import MsaError, WorkerDied
from msa_model.protocol.messages import Progress
from msa_model.protocol.methods import Method
from qgis_msa_plugin.worker.calls import Draw
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.sharing import is_unseen
from qgis_msa_plugin.worker.state import WorkerState

P = TypeVar("P")
R = TypeVar("R")


class NewestCall:
    """Room for one call to the worker; `open` while its outcome is awaited."""

    def __init__(self, client: WorkerClient) -> None:
        self._client = client
        self._turn = 0
        self._params: object = None
        self._id: Optional[int] = None

    @property
    def open(self) -> bool:
        """Whether an outcome is awaited."""
        return self._id is not None

    def ask(  # noqa: PLR0917  (the parts of one request)
        self,
        method: Method[P, R],
        params: P,
        done: Callable[[R, bytes], None],
        failed: Callable[[MsaError], None],
        progress: Optional[Callable[[Progress], None]] = None,
        draw: Optional[Draw] = None,
    ) -> None:
        """Ask the worker; the call before goes on, but its outcome is ignored."""
        turn = self._turn = self._turn + 1
        self._params = params

        def take(reply: R, attachment: bytes) -> None:
            if self._close(turn):
                done(reply, attachment)

        def refuse(error: MsaError) -> None:
            if self._close(turn):
                failed(error)

        def advance(state: Progress) -> None:
            if progress is not None and turn == self._turn:
                progress(state)

        self._id = self._client.call(method, params, take, refuse, advance, draw=draw)

    def may_go_on(self, error: MsaError) -> bool:
        """Whether a call that failed can be made again: the worker died, and another is there or starts."""
        return isinstance(error, WorkerDied) and self._client.state in (
            WorkerState.STARTING,
            WorkerState.READY,
        )

    def named_unseen(self, error: MsaError) -> bool:
        """Whether the call failed as it named files that the worker does not see: ask without them."""
        return not self._client.shares_files and is_unseen(error, self._params)

    def ignore(self) -> None:
        """Await nothing any more; the worker goes on with the call."""
        self._turn += 1
        self._id = None

    def drop(self) -> None:
        """Await nothing any more, and spare the worker the call."""
        call = self._id
        self.ignore()
        if call is not None:
            self._client.cancel(call)

    def cancel(self) -> None:
        """Ask for the end of the call; its outcome is still awaited."""
        if self._id is not None:
            self._client.cancel(self._id)

    def _close(self, turn: int) -> bool:
        if turn != self._turn:
            return False
        self._id = None
        return True
