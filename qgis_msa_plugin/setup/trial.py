"""Whether a worker starts with the settings that an options page shows."""

from __future__ import annotations

from contextlib import suppress
from typing import Callable, Optional

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QWidget

from msa_model.protocol import methods
from msa_model.protocol.errors import MsaError
from msa_model.protocol.messages import Initialized, Progress, Ready
from msa_model.protocol.models import (
    CalibrateModel,
    CheckModel,
    EnginesMeasured,
    MeasureEngines,
    ModelCalibrated,
    ModelChecked,
)
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.state import WorkerState


class WorkerTrial(QWidget):
    """A button that starts a worker with the settings shown, and what became of it.

    Another model that is sound can have its verdicts fitted to the project's rasters.
    """

    def __init__(self, settings: Callable[[], Settings], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._client = WorkerClient(settings, self)
        self._client.state_changed.connect(self._on_state)
        self._next: Callable[[], None] = self._check_model  # once the worker is ready
        self._make_buttons()
        self._make_outcome()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        layout.addWidget(self._measure)
        layout.addWidget(self._fit)
        layout.addWidget(self._outcome, 1)

    def _make_buttons(self) -> None:
        self._button = QPushButton(tr("&Test"))
        self._button.setToolTip(tr("Start the worker and show its device and versions"))
        self._button.clicked.connect(self._start)
        self._measure = QPushButton(tr("Meas&ure engines"))
        self._measure.setObjectName("msaMeasureEngines")
        self._measure.setToolTip(
            tr("Find out again which engine is the fastest on this machine; best while it does nothing else")
        )
        self._measure.clicked.connect(self._start_measuring)
        self._fit = QPushButton(tr("&Fit verdicts"))
        self._fit.setObjectName("msaFitVerdicts")
        self._fit.setToolTip(
            tr("To the raster files of this project, by what the shipped model is sure of in them")
        )
        self._fit.clicked.connect(self._fit_verdicts)
        self._fit.hide()

    def _make_outcome(self) -> None:
        self._outcome = WrappedLabel("")
        self._outcome.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    @property
    def outcome(self) -> str:
        """What the label says."""
        return str(self._outcome.text())

    def stop(self) -> None:
        """Let the worker go."""
        self._client.stop()

    def _start(self) -> None:
        self._fit.hide()
        self._begin(self._check_model)

    def _start_measuring(self) -> None:
        self._begin(self._measure_engines)

    def _begin(self, job: Callable[[], None]) -> None:
        self._next = job
        self._client.stop()
        self._client.look()
        self._client.start()
        self._on_state(self._client.state)

    def _on_state(self, state: WorkerState) -> None:
        self._enable(state is not WorkerState.STARTING)
        if state is WorkerState.STARTING:
            self._outcome.setText(tr("Starting…"))
        elif state is WorkerState.READY:
            self._outcome.setText(_versions(self._client.ready, self._client.initialized))
            self._next()
        elif self._client.error is not None:
            self._tell(self._client.error)

    def _check_model(self) -> None:
        """Of another model than the shipped one: whether it is sound, and what it costs."""
        if not self._settings().model_folder:
            self._client.stop()
            return
        versions = self._await(tr("Trying the model on drawn pictures…"))
        self._client.call(
            methods.CHECK_MODEL,
            CheckModel(),
            lambda checked, attachment: self._told(versions, checked),
            self._fail,
        )

    def _measure_engines(self) -> None:
        versions = self._await(tr("Measuring the engines…"))
        self._client.call(
            methods.MEASURE,
            MeasureEngines(),
            lambda measured, attachment: self._end(f"{versions}\n{engines_text(measured)}"),
            self._fail,
        )

    def _await(self, text: str) -> str:
        """Say what is waited for; what was said before."""
        self._enable(False)
        before = self.outcome
        self._outcome.setText(f"{before}\n{text}")
        return before

    def _enable(self, enabled: bool) -> None:
        for button in (self._button, self._measure, self._fit):
            button.setEnabled(enabled)

    def _told(self, versions: str, checked: ModelChecked) -> None:
        self._fit.setVisible(checked.sound)
        self._end(f"{versions}\n{model_text(checked)}")

    def _fit_verdicts(self) -> None:
        if project_rasters(QgsProject.instance()):
            self._begin(self._calibrate)
        else:
            self._outcome.setText(tr("Add raster files such as you will search to the project first."))

    def _calibrate(self) -> None:
        self._enable(False)
        rasters = project_rasters(QgsProject.instance())
        self._client.call(
            methods.CALIBRATE_MODEL,
            CalibrateModel(rasters),
            lambda fitted, attachment: self._end(fitted_text(fitted)),
            self._fail,
            self._show_progress,
        )

    def _show_progress(self, progress: Progress) -> None:
        text = tr("{raster}: {done} of {total} tiles…")
        self._outcome.setText(text.format(raster=progress.label, done=progress.done, total=progress.total))

    def _end(self, outcome: str) -> None:
        self._client.stop()
        self._enable(True)
        self._outcome.setText(outcome)

    def _fail(self, error: MsaError) -> None:
        self._client.stop()
        self._tell(error)

    def _tell(self, error: MsaError) -> None:
        text = error_text(error)
        tail = "\n".join(text.details.splitlines()[-5:])
        self._enable(True)
        self._outcome.setText("\n".join(filter(None, (text.sentence, text.remedy, tail))))


def engines_text(measured: EnginesMeasured) -> str:
    """Which engine is the fastest, and how fast those are that run."""
    name = wording.engine_in_full
    if not measured.trials:
        return tr("Only {engine} runs here.").format(engine=name(measured.fastest))
    usable = [trial for trial in measured.trials if trial.is_usable]
    rates = "; ".join(f"{name(trial.name)} {trial.tiles_per_second:.0f}" for trial in usable)
    fastest = tr("The fastest engine is {engine}; it is used from the worker's next start.")
    return "\n".join(
        (fastest.format(engine=name(measured.fastest)), tr("Tiles a second: {rates}").format(rates=rates))
    )


def model_text(checked: ModelChecked) -> str:
    """What a model is worth trying for, in plain words."""
    cost = tr(
        "{own:.1f} tiles a second (shipped model: {shipped:.1f}), "
        "{bytes} bytes a tile in an index ({shipped_bytes})."
    ).format(
        own=checked.tiles_per_second,
        shipped=checked.shipped_tiles_per_second,
        bytes=checked.bytes_per_tile,
        shipped_bytes=checked.shipped_bytes_per_tile,
    )
    if not checked.sound:
        wrong = tr(
            "What the model sees and what it reads do not belong together: it was converted wrongly, "
            "or some of its files are of another model. Do not use it."
        )
        return f"{wrong}\n{cost}"
    sound = tr("The model sees and reads alike.")
    if checked.calibrated:
        return f"{sound} {cost}"
    verdicts = tr(
        "Its verdicts are not fitted yet: press Fit verdicts, or run msa calibrate --model FOLDER RASTERS."
    )
    return f"{sound} {cost}\n{verdicts}"


def fitted_text(fitted: ModelCalibrated) -> str:
    """What the verdicts were fitted to, and how well they hold there."""
    return tr(
        "Verdicts fitted to {cases} phrases on {rasters} rasters: what is there stands above what is not in "
        "{percent:.0f} % of pairs, each raster by constants of the others. They count from the next start of "
        "the worker."
    ).format(cases=fitted.cases, rasters=fitted.rasters, percent=100 * fitted.auroc)


def project_rasters(project: QgsProject) -> tuple[str, ...]:
    """The files of a project's raster layers, each once."""
    files: dict[str, None] = {}
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer):
            with suppress(MsaError):
                files[raster_ref(layer).path] = None
    return tuple(files)


def _versions(ready: Optional[Ready], versions: Optional[Initialized]) -> str:
    if ready is None or versions is None:
        return ""
    text = tr(
        "Ready in {seconds:.1f} s on {device} ({name}). Worker {version}, Python {python}, model {model}."
    ).format(
        seconds=ready.load_seconds,
        device=ready.device,
        name=ready.device_name,
        version=versions.version,
        python=versions.python,
        model=ready.model,
    )
    return f"{text} {tr('There is a graphics card that is not used.')}" if ready.gpu_unused else text
