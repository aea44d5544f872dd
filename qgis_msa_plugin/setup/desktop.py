"""What the plugin adds to QGIS for setting up: a menu entry, and the buttons of the dock's worker line.

The window of the set-up with its job and inspection, made when first wanted.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QAction, QApplication, QWidget

from qgis_msa_plugin.plain_text import say
from qgis_msa_plugin.raster_menu import MENU, add_to_menu, remove_from_menu
from qgis_msa_plugin.settings import PREFIX, current_settings, keep_settings
from qgis_msa_plugin.setup.dialog import SetupDialog
from qgis_msa_plugin.setup.environment import Environment, shipped_setup_files
from qgis_msa_plugin.setup.inspection import Inspection, interpreter_search
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.launch import COMMAND_VARIABLE
from qgis_msa_plugin.worker.state import WorkerState

if TYPE_CHECKING:
    from qgis_msa_plugin.dock.worker_strip import WorkerStrip
    from qgis_msa_plugin.setup.commands import SetupChoice
    from qgis_msa_plugin.setup.verify import Proof

FindClient = Callable[[], Optional[WorkerClient]]

_OFFERED = f"{PREFIX}/setup_offered"
_SAID_S = 8


class SetupEntry:
    """`attach` after the dock was made, `remove` at the end; between them it looks after itself."""

    def __init__(self, iface: QgisInterface, client: FindClient) -> None:
        self._iface, self._client = iface, client
        self._parts: Optional[SetupParts] = None
        self._strip: Optional[WorkerStrip] = None
        self._action = QAction(tr("Set Up the Worker…"), iface.mainWindow())
        self._action.setObjectName("mActionMsaSetUp")
        self._action.setToolTip(tr("Build, repair or remove the environment that MSA Search computes in"))
        self._action.triggered.connect(self.show)
        add_to_menu(iface, self._action)

    def attach(self, dock: QWidget) -> None:
        """Listen to the dock's worker line; the first time without a worker, offer to set one up."""
        from qgis_msa_plugin.dock.worker_strip import WorkerStrip  # noqa: PLC0415  (loading stays instant)

        strip = dock.findChild(WorkerStrip)
        if strip is not None:
            self._strip = strip
            strip.set_up.connect(self.show)
            strip.diagnose.connect(self.copy_diagnostics)
        QTimer.singleShot(0, self._offer)

    def show(self) -> None:
        """Open the window that builds, repairs and removes the worker's environment."""
        parts = self._open()
        # Above a modal window, such as the options, only another modal one can be used.
        modal = QApplication.activeModalWidget() not in (None, parts.dialog)
        modality = Qt.WindowModality
        if not parts.dialog.isVisible():
            parts.dialog.setWindowModality(modality.ApplicationModal if modal else modality.NonModal)
        parts.dialog.look()
        parts.dialog.show()
        parts.dialog.raise_()

    def copy_diagnostics(self) -> None:
        """Put the report on the clipboard."""
        from qgis_msa_plugin.setup.diagnostics import DiagnosedParts, diagnostics_text  # noqa: PLC0415

        parts = self._open()
        subject = DiagnosedParts(
            current_settings(), parts.job.environment, parts.job.state, self._client(), parts.gpu
        )
        QApplication.clipboard().setText(diagnostics_text(subject))
        self._say(tr("The diagnostics are on the clipboard. Look them over before you send them."))

    def remove(self) -> None:
        """Take away what was added; a set-up under way is stopped, and can go on later."""
        remove_from_menu(self._iface, self._action)
        self._action.deleteLater()
        if self._parts is not None:
            self._parts.close()
        self._parts = self._strip = None
        self._client = _no_client

    def _offer(self) -> None:
        """Once per profile, where there is nothing yet and nothing else is named."""
        named = current_settings().worker_command or os.environ.get(COMMAND_VARIABLE)
        client = self._client()
        missing = client is not None and client.state is WorkerState.MISSING
        if missing and not named and not QgsSettings().value(_OFFERED, False, type=bool):
            QgsSettings().setValue(_OFFERED, True)
            self.show()

    def _open(self) -> SetupParts:
        if self._parts is None:
            from qgis_msa_plugin.setup.desktop import SetupParts  # noqa: PLC0415

            self._parts = SetupParts(self._iface.mainWindow())
            dialog, job = self._parts.dialog, self._parts.job
            dialog.wanted.connect(self._build)
            dialog.program_chosen.connect(self._check)
            dialog.remove_wanted.connect(self._remove)
            dialog.diagnostics_wanted.connect(self.copy_diagnostics)
            job.finished.connect(self._on_finished)
            job.removed.connect(self._look_again)
            job.failed.connect(lambda error: self._look_again())
            for signal in (job.stepped, job.progressed, job.busy_changed):
                signal.connect(self._tell_dock)
        return self._parts

    def _tell_dock(self, _: object) -> None:
        """The dock's foot tells how far it is, window or no window."""
        from qgis_msa_plugin.setup.wording import foot_text  # noqa: PLC0415

        if self._strip is not None and self._parts is not None:
            job = self._parts.job
            self._strip.tell_set_up(foot_text(job.step, job.thousandths) if job.busy else "")

    def _build(self, choice: SetupChoice) -> None:
        parts = self._open()
        parts.program = ""
        self._rest()
        from qgis_msa_plugin.setup.runner import proxy_variables  # noqa: PLC0415

        parts.job.start(choice, parts.dialog.sizes(), current_settings(), proxy_variables())

    def _check(self, program: str) -> None:
        parts = self._open()
        parts.program = program
        parts.job.check(dataclasses.replace(current_settings(), worker_command=program))

    def _remove(self) -> None:
        self._rest()
        self._open().job.remove()

    def _on_finished(self, proof: Proof) -> None:
        parts = self._open()
        keep_settings(dataclasses.replace(current_settings(), worker_command=parts.program))
        self._rest()
        client = self._client()
        if client is not None:
            client.look()
            client.start()
        if not parts.dialog.isVisible():
            self._say(tr("The worker is set up."))

    def _rest(self) -> None:
        """The environment's files are about to change, or another worker is to be used."""
        client = self._client()
        if client is not None:
            client.stop()

    def _look_again(self) -> None:
        client = self._client()
        if client is not None:
            client.look()

    def _say(self, text: str) -> None:
        say(self._iface.messageBar(), MENU, text, seconds=_SAID_S)


def _no_client() -> Optional[WorkerClient]:
    """There is none any more."""
    return None


def add_setup(iface: QgisInterface, client: FindClient) -> SetupEntry:
    """Add setting up to QGIS; `client` gives the dock's worker client once there is one."""
    return SetupEntry(iface, client)


class SetupParts:
    """Window, job and inspection, made when first wanted; `program` is another worker under trial."""

    def __init__(self, window: QWidget) -> None:
        environment = Environment(Path(QgsApplication.qgisSettingsDirPath()))
        self.job = SetupJob(environment, shipped_setup_files(), window)
        self.inspection = Inspection(interpreter_search(), window)
        self.dialog = SetupDialog(self.job, self.inspection, window)
        self.program = ""

    @property
    def gpu(self) -> str:
        """The graphics card, if one was found."""
        return self.dialog.gpu

    def close(self) -> None:
        """End what runs, and let everything go."""
        self.inspection.stop()
        self.job.release()
        for part in (self.dialog, self.inspection, self.job):
            part.deleteLater()
