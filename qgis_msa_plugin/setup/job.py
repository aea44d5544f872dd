"""One set-up at a time: builds, repairs, verifies and removes the environment; tells all by signals."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Generator, Mapping
from typing import Callable, Optional

from qgis.PyQt.QtCore import QLockFile, QObject, QTimer, pyqtSignal

from msa_model.protocol.errors import Cancelled, MsaError
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.setup.commands import FileWork, Outcome, SetupChoice, SetupStep, Task, build
from qgis_msa_plugin.setup.environment import Built, Environment, EnvironmentState, SetupFiles, size_of
from qgis_msa_plugin.setup.errors import redact
from qgis_msa_plugin.setup.inspection import FileWorkThread
from qgis_msa_plugin.setup.progress import SetupProgress, Sizes, check_room
from qgis_msa_plugin.setup.runner import Runner
from qgis_msa_plugin.setup.verify import Proof, Verifier
from qgis_msa_plugin.translate import tr

_TICK_MS = 1000


class SetupJob(QObject):
    """Each of `start`, `check` and `remove` ends with exactly one of `finished`, `removed` and `failed`."""

    stepped = pyqtSignal(object)  # SetupStep
    line = pyqtSignal(str)
    progressed = pyqtSignal(int)  # thousandths
    finished = pyqtSignal(object)  # Proof
    removed = pyqtSignal()
    failed = pyqtSignal(object)  # MsaError
    busy_changed = pyqtSignal(bool)

    def __init__(
        self, environment: Environment, setup_files: SetupFiles, parent: Optional[QObject] = None
    ) -> None:
        super().__init__(parent)
        self.environment, self.setup_files = environment, setup_files
        self.fingerprint = setup_files.fingerprint()
        self.busy = False
        self.step: Optional[SetupStep] = None  # that is under way
        self._lock = QLockFile(str(environment.lock))
        self._lock.setStaleLockTime(0)  # that of a dead process is found by its id
        self._runner: Optional[Runner] = None
        self._chore: Optional[FileWorkThread] = None
        self._verifier: Optional[Verifier] = None
        self._recipe: Optional[Generator[Task, Outcome, str]] = None
        self._progress = SetupProgress(environment.folder, Sizes(0, 0))
        self._settings = Settings()
        self._torch = ""
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._tell_progress)

    @property
    def state(self) -> EnvironmentState:
        """What is in the environment's folder now."""
        return self.environment.state(self.fingerprint)

    @property
    def thousandths(self) -> int:
        """How much of it is done."""
        return self._progress.thousandths()

    def start(self, choice: SetupChoice, sizes: Sizes, settings: Settings, proxy: Mapping[str, str]) -> None:
        """Build, or go on building, and verify with a worker of these settings."""
        if not self._begin():
            return
        try:
            check_room(self.environment.folder, sizes)
        except MsaError as error:
            self._fail(error)
            return
        self._settings = dataclasses.replace(settings, worker_command=str(self.environment.program))
        self._progress = SetupProgress(self.environment.folder, sizes)
        self._start_log()
        self._runner = Runner(proxy, self)
        self._runner.line.connect(self._on_line)
        self._recipe = build(self.environment, self.setup_files, choice)
        self._clock.start()
        self._advance(None)

    def check(self, settings: Settings) -> None:
        """Verify a worker that the user has already, and change nothing."""
        if self._begin():
            self._torch = ""
            self._verify(settings, self._succeed)

    def remove(self) -> None:
        """Delete the environment."""
        if self._begin():
            self._do(self.environment.remove, self._on_removed)

    def cancel(self) -> None:
        """Stop; what is done is kept, and the environment counts as unfinished."""
        if self.busy and self._chore is None:
            self._fail(Cancelled(tr("The set-up was stopped; it can go on from here.")))

    def release(self) -> None:
        """The plugin goes: stop without a word."""
        self.blockSignals(True)
        if self._chore is not None:
            self._chore.forget()
            self._chore.wait()
        self._end()

    def _begin(self) -> bool:
        if self.busy:
            return False
        self.environment.lock.parent.mkdir(parents=True, exist_ok=True)
        if not self._lock.tryLock(0):
            folder = self.environment.folder
            self.failed.emit(MsaError.of("setup_busy", f"Another QGIS is working on {folder}."))
            return False
        self.busy = True
        self.busy_changed.emit(True)
        return True

    def _advance(self, outcome: Optional[Outcome]) -> None:
        """Send the outcome of the last task to the recipe, and start the next."""
        if self._recipe is None:
            return
        try:
            task = next(self._recipe) if outcome is None else self._recipe.send(outcome)
        except StopIteration as end:
            self._torch = str(end.value)
            self._verify(self._settings, self._keep)
        except MsaError as error:
            self._fail(error)
        else:
            self._run(task)

    def _run(self, task: Task) -> None:
        self._enter(task.step)
        if isinstance(task, FileWork):
            self._do(task.work, self._advance)
        elif self._runner is not None:
            self._runner.run(task, self._advance)

    def _do(self, work: Callable[[], None], ended: Callable[[Outcome], None]) -> None:
        def told(outcome: Outcome) -> None:
            self._chore = None
            ended(outcome)

        self._chore = FileWorkThread(work, told)
        self._chore.start()

    def _verify(self, settings: Settings, done: Callable[[Proof], None]) -> None:
        self._enter(SetupStep.VERIFY)
        self._verifier = Verifier(settings, done, self._fail, self)
        self._verifier.start()

    def _keep(self, proof: Proof) -> None:
        environment, setup_files = self.environment, self.setup_files
        python, device = proof.initialized.python, proof.ready.device

        def finish() -> None:
            megabytes = size_of(environment.folder) // 10**6
            environment.finish(
                Built(setup_files.version, self.fingerprint, python, self._torch, device, megabytes)
            )

        self._do(finish, lambda outcome: self._on_kept(outcome, proof))

    def _on_kept(self, outcome: Outcome, proof: Proof) -> None:
        if outcome.code != 0:
            self._fail(MsaError.of("setup_failed", tr("The environment cannot be finished."), outcome.output))
        else:
            self._succeed(proof)

    def _succeed(self, proof: Proof) -> None:
        self._end()
        self.finished.emit(proof)

    def _on_removed(self, outcome: Outcome) -> None:
        self._end()
        if outcome.code == 0:
            self.removed.emit()
        else:
            sentence = tr("The environment cannot be deleted: {reason}").format(reason=outcome.output[:300])
            self.failed.emit(MsaError.of("setup_failed", sentence, outcome.output))

    def _fail(self, error: MsaError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._clock.stop()
        self._recipe = None
        for part in (self._runner, self._verifier):
            if part is not None:
                part.stop()
                part.deleteLater()
        self._runner = self._verifier = None
        if self.busy:
            self.busy = False
            self._lock.unlock()
            self.busy_changed.emit(False)

    def _enter(self, step: SetupStep) -> None:
        self.step = step
        self._progress.enter(step)
        self.stepped.emit(step)
        self._tell_progress()

    def _tell_progress(self) -> None:
        self.progressed.emit(self.thousandths)

    def _on_line(self, text: str) -> None:
        shown = redact(text)
        self.line.emit(shown)
        try:
            with self.environment.log.open("a", encoding="utf-8") as log:
                log.write(f"{time.strftime('%H:%M:%S')} {shown}\n")
        except OSError:
            pass  # the log is for diagnostics only

    def _start_log(self) -> None:
        try:
            self.environment.log.unlink(missing_ok=True)
        except OSError:
            return
        self._on_line(f"MSA Search {self.setup_files.version}, {time.strftime('%Y-%m-%d')}")
