"""Work on files beside the GUI thread."""

from __future__ import annotations

import traceback
from typing import Callable, Optional

from qgis.PyQt.QtCore import QCoreApplication, QObject, QThread

from qgis_msa_plugin.setup.recipe import Outcome


class FileWorkThread(QThread):
    """Runs `work` once; `told` gets its outcome in the GUI thread unless `forget` came before."""

    def __init__(self, work: Callable[[], None], told: Callable[[Outcome], None]) -> None:
        super().__init__(QCoreApplication.instance())
        self._work = work
        self._told: Optional[Callable[[Outcome], None]] = told
        self._outcome = Outcome(0)
        # A slot of an object of the GUI thread: it is called there.
        self._receiver = _Receiver(self._tell, self)
        self.finished.connect(self._receiver.call)

    def run(self) -> None:
        """The thread's body."""
        try:
            self._work()
        except OSError as error:
            self._outcome = Outcome(1, str(error))
        except Exception:  # a fault here must not end QGIS
            self._outcome = Outcome(1, traceback.format_exc())

    def forget(self) -> None:
        """Let it end by itself; its outcome is not told any more."""
        self._told = None

    def _tell(self) -> None:
        told, self._told = self._told, None
        if told is not None:
            told(self._outcome)
        self.deleteLater()


class _Receiver(QObject):
    def __init__(self, call: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._call = call

    def call(self) -> None:
        self._call()
