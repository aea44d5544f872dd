"""The window that sets up the worker: says what it would do, does it, and shows how it goes."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.plain_text import message_box
from qgis_msa_plugin.setup.commands import SetupStep
from qgis_msa_plugin.setup.environment import EnvironmentState
from qgis_msa_plugin.setup.form import SetupForm
from qgis_msa_plugin.setup.inspection import Inspection, Inventory
from qgis_msa_plugin.setup.interpreters import Interpreter, flaw_of
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.setup.progress import Sizes, free_bytes
from qgis_msa_plugin.setup.verify import Proof
from qgis_msa_plugin.setup.wording import (
    flaw_text,
    proof_text,
    sizes_text,
    start_text,
    state_text,
    step_text,
)
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.keyboard import KeyboardDialog
from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel

_LOG_LINES = 2000
_WIDTH, _LOG_HEIGHT = 560, 160


class SetupDialog(KeyboardDialog):
    """Emits what the user wants; the entry that owns it starts the job."""

    wanted = pyqtSignal(object)  # Choice
    program_chosen = pyqtSignal(str)
    remove_wanted = pyqtSignal()
    diagnostics_wanted = pyqtSignal()

    def __init__(self, job: SetupJob, inspection: Inspection, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("msaSetupDialog")
        self.setWindowTitle(tr("Set up MSA Search"))
        self._job, self._inspection = job, inspection
        self._make_parts()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def gpu(self) -> str:
        """The graphics card, if one was found."""
        return self._form.gpu

    def sizes(self) -> Sizes:
        """What the choice costs."""
        return self._form.sizes()

    def look(self) -> None:
        """Look anew at what there is; shows the window's contents as they are now."""
        if not self._job.busy:
            self._outcome.setText("")
            self._form.show_found(None)
            self._inspection.start(self._show_found)
        self.refresh()

    def refresh(self) -> None:
        """Show the state of environment and job."""
        state, busy = self._job.state, self._job.busy
        self._state.setText(state_text(state, self._job.environment.built()))
        self._start.setText(start_text(state) if self._new.isChecked() else tr("&Use it"))
        folder = self._job.environment.folder
        offline = self._form.offline
        self._sizes.setText(sizes_text(self._form.sizes(), free_bytes(folder), str(folder), offline))
        self._start.setEnabled(self._is_chosen() and not busy)
        self._start.setDefault(not self._repairs())
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(self._repairs())
        self._remove.setEnabled(state is not EnvironmentState.ABSENT and not busy)
        self._cancel.setVisible(busy)
        for part in (self._bar, self._step):
            part.setVisible(busy)
        for part in (self._state, self._new, self._existing, self._choices):
            part.setVisible(not busy)
        QTimer.singleShot(0, self._make_room)

    def _show_found(self, found: Inventory) -> None:
        self._form.show_found(found)
        if not found.interpreters:
            flaws = [(python, flaw_of(python)) for python in found.flawed]
            self._outcome.setText("\n".join(flaw_text(python, flaw) for python, flaw in flaws if flaw))

    def _repairs(self) -> bool:
        """Whether the button would build anew what works."""
        return self._new.isChecked() and self._job.state is EnvironmentState.READY

    def _is_chosen(self) -> bool:
        if self._new.isChecked():
            return self._form.choice(reinstall=False) is not None
        return bool(self._program.filePath().strip())

    def _make_parts(self) -> None:
        self._intro = WrappedLabel(
            "msaSetupIntro",
            self,
            tr(
                "Searching needs a worker: a Python environment of its own that holds PyTorch and the model. "
                "Nothing is installed into QGIS, and nothing you search leaves this computer."
            ),
        )
        self._state = WrappedLabel("msaSetupState", self)
        self._new = QRadioButton(tr("&Build an environment for MSA Search"), self)
        self._new.setObjectName("msaSetupNew")
        self._new.setChecked(True)
        self._existing = QRadioButton(tr("Use a worker that is installed &already"), self)
        self._existing.setObjectName("msaSetupExisting")
        self._form, self._sizes = SetupForm(self), WrappedLabel("msaSetupSizes", self)
        self._program = QgsFileWidget(self)
        self._program.setObjectName("msaSetupProgram")
        self._program.setToolTip(tr("The program “msa” of that environment"))
        self._program.setAccessibleName(tr("The worker's program (msa)"))
        self._make_progress()

    def _make_progress(self) -> None:
        self._step, self._bar = WrappedLabel("msaSetupStep", self), QProgressBar(self)
        self._bar.setObjectName("msaSetupProgress")
        self._bar.setRange(0, 1000)
        self._bar.setFormat("%p %")
        self._outcome = WrappedLabel("msaSetupOutcome", self)
        self._log = QPlainTextEdit(self)
        self._log.setObjectName("msaSetupLog")
        self._log.setReadOnly(True)
        self._log.setMaximumBlockCount(_LOG_LINES)
        self._log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._log.setMinimumHeight(_LOG_HEIGHT)
        self._log.setVisible(False)

    def _make_buttons(self) -> None:
        self._details = QToolButton(self)
        self._details.setObjectName("msaSetupDetails")
        self._details.setText(tr("&Details"))
        self._details.setCheckable(True)
        self._details.setToolTip(tr("What the installers print"))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        role = QDialogButtonBox.ButtonRole
        self._start = self._button("msaSetupStart", tr("&Set up"), role.AcceptRole)
        self._cancel = self._button("msaSetupCancel", tr("S&top"), role.ActionRole)
        self._cancel.setToolTip(tr("What is done is kept; the set-up can go on later"))
        self._remove = self._button("msaSetupRemove", tr("R&emove…"), role.DestructiveRole)
        self._copy = self._button("msaSetupDiagnostics", tr("&Copy diagnostics"), role.ActionRole)
        self._start.setDefault(True)

    def _button(self, name: str, text: str, role: QDialogButtonBox.ButtonRole) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        self._buttons.addButton(button, role)
        return button

    def _lay_out(self) -> None:
        self._choices = QStackedWidget(self)
        build = QWidget(self)
        rows = QVBoxLayout(build)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._form)
        rows.addWidget(self._sizes)
        rows.addStretch()
        existing = QWidget(self)
        row = QVBoxLayout(existing)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._program)
        row.addStretch()
        self._choices.addWidget(build)
        self._choices.addWidget(existing)
        column = QVBoxLayout(self)
        above = (self._intro, self._state, self._new, self._existing, self._choices)
        for part in (*above, self._step, self._bar, self._outcome):
            column.addWidget(part)
        line = QHBoxLayout()
        line.addWidget(self._details)
        line.addStretch()
        column.addLayout(line)
        column.addWidget(self._log, 1)
        column.addWidget(self._buttons)
        self.setMinimumWidth(_WIDTH)

    def _connect(self) -> None:
        job = self._job
        job.stepped.connect(self._on_step)
        job.line.connect(self._log.appendPlainText)
        job.progressed.connect(self._bar.setValue)
        job.finished.connect(self._on_finished)
        job.failed.connect(self._on_failed)
        job.removed.connect(lambda: self._outcome.setText(tr("The environment is deleted.")))
        job.busy_changed.connect(lambda busy: self.refresh())
        self._new.toggled.connect(self._on_way)
        self._form.changed.connect(self.refresh)
        self._form.named.connect(self._look_at)
        self._program.fileChanged.connect(lambda path: self.refresh())
        self._details.toggled.connect(self._show_log)
        self._start.clicked.connect(self._on_start)
        self._cancel.clicked.connect(job.cancel)
        self._remove.clicked.connect(self._ask_removal)
        self._copy.clicked.connect(self.diagnostics_wanted)
        self._buttons.rejected.connect(self.close)

    def _show_log(self, shown: bool) -> None:
        self._log.setVisible(shown)
        self._make_room()

    def _make_room(self) -> None:
        """Grow to what the parts need: their texts wrap, and a window does not ask them again."""
        layout = self.layout()
        layout.activate()
        wanted = max(layout.minimumSize().height(), layout.totalHeightForWidth(self.width()))
        if wanted > self.height():
            self.resize(self.width(), wanted)

    def _on_way(self, build: bool) -> None:
        self._choices.setCurrentIndex(0 if build else 1)
        self.refresh()

    def _on_start(self) -> None:
        self._outcome.setText("")
        if not self._new.isChecked():
            self.program_chosen.emit(self._program.filePath().strip())
            return
        if self._repairs():
            self._ask_repair()
        else:
            self._build(reinstall=False)

    def _build(self, reinstall: bool) -> None:
        choice = self._form.choice(reinstall=reinstall)
        if choice is not None:
            self._form.keep()
            self._log.clear()
            self._inspection.stop()
            self.wanted.emit(choice)

    def _on_step(self, step: SetupStep) -> None:
        self._step.setText(step_text(step) + "…")

    def _on_finished(self, proof: Proof) -> None:
        text = proof_text(proof)
        if proof.ready.gpu_unused:
            unused = tr("This computer has a graphics card that is not used: choose NVIDIA above and repair.")
            text = f"{text} {unused}"
        self._outcome.setText(text)
        self._details.setChecked(False)
        self.refresh()

    def _on_failed(self, error: MsaError) -> None:
        text = error_text(error)
        self._outcome.setText(f"{text.heading}. {text.sentence}\n{text.remedy}")
        if text.details and error.kind != "cancelled":
            self._details.setChecked(True)
        self.refresh()

    def _look_at(self, program: str) -> None:
        def told(interpreter: Optional[Interpreter]) -> None:
            if interpreter is None:
                self._outcome.setText(tr("{program} is no Python that answers.").format(program=program))
                return
            flaw = flaw_of(interpreter)
            if flaw is None:
                self._form.use(interpreter)
            else:
                self._outcome.setText(flaw_text(interpreter, flaw))

        self._inspection.ask(program, told)

    def _ask_repair(self) -> None:
        text = tr("Install the worker's environment anew?\n{folder}\n\nUntil then nothing is searched.")
        self._ask(tr("Repair the worker"), text, tr("&Repair"), lambda: self._build(reinstall=True))

    def _ask_removal(self) -> None:
        text = tr("Delete the worker's environment?\n{folder}\n\nIndexes and settings stay.")
        self._ask(tr("Remove the worker"), text, tr("&Delete"), self.remove_wanted.emit)

    def _ask(self, title: str, text: str, answer: str, act: Callable[[], None]) -> None:
        """Act once the user agrees; what is not agreed to by name is declined."""
        box = message_box(self, title, text.format(folder=self._job.environment.folder))
        box.setObjectName("msaSetupConfirm")
        box.setIcon(QMessageBox.Icon.Question)
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        button = box.addButton(answer, QMessageBox.ButtonRole.AcceptRole)
        button.setObjectName("msaSetupConfirmed")
        box.buttonClicked.connect(lambda chosen: act() if chosen is button else None)
        box.open()
