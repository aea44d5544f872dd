"""The choices of a set-up: which Python, which PyTorch, from where."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsSettings
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qgis_msa_plugin.plain_text import add_row
from qgis_msa_plugin.settings import PREFIX
from qgis_msa_plugin.setup.commands import Backend, SetupChoice
from qgis_msa_plugin.setup.inspection import Inventory
from qgis_msa_plugin.setup.interpreters import MANAGED, Interpreter
from qgis_msa_plugin.setup.progress import CPU, CUDA, Sizes
from qgis_msa_plugin.setup.wording import interpreter_text
from qgis_msa_plugin.translate import tr

_BY_UV, _BROWSE = "", "?"
_INDEX_KEY, _WHEELS_KEY = f"{PREFIX}/setup_index", f"{PREFIX}/setup_wheels"


class SetupForm(QWidget):
    """`changed` when the choice is another; `named` when the user picked a program that wants a look."""

    changed = pyqtSignal()
    named = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._found = Inventory(())
        self._python, self._backend = QComboBox(self), QComboBox(self)
        self._index, self._wheels = QLineEdit(self), QgsFileWidget(self)
        self._name_parts()
        self._lay_out()
        self._remember()
        self._python.activated.connect(self._on_python)
        self._backend.currentIndexChanged.connect(self.changed)
        self._index.textChanged.connect(self.changed)
        self._wheels.fileChanged.connect(self.changed)
        self.show_found(None)

    @property
    def gpu(self) -> str:
        """The graphics card, if one was found."""
        return self._found.gpu

    @property
    def offline(self) -> bool:
        """Whether everything comes from a folder."""
        return bool(self._wheels.filePath().strip())

    def show_found(self, found: Optional[Inventory]) -> None:
        """Offer what the inspection found; nothing while it looks."""
        self._found = found or Inventory(())
        self._python.clear()
        if found is None:
            self._python.addItem(tr("Looking…"), None)
        for interpreter in self._found.interpreters:
            self._add(interpreter)
        if self._found.uv:
            text = tr("Python {version}, fetched and managed by uv").format(version=MANAGED)
            self._python.addItem(text, _BY_UV)
        if found is not None and not self._python.count():
            self._python.addItem(tr("None found: install Python 3.11 or newer, or name one"), None)
        self._python.addItem(tr("Another one…"), _BROWSE)
        self._show_backends()
        self.changed.emit()

    def use(self, interpreter: Interpreter) -> None:
        """Offer and choose a Python that the user named."""
        self._python.insertItem(0, interpreter_text(interpreter), interpreter.program)
        self._python.setCurrentIndex(0)
        self.changed.emit()

    def choice(self, reinstall: bool) -> Optional[SetupChoice]:
        """What is chosen; nothing while no Python is."""
        python = self._python.currentData()
        if python is None or python == _BROWSE:
            return None
        wheels = self._wheels.filePath().strip()
        return SetupChoice(
            python=python,
            uv=self._found.uv,
            backend=Backend(self._backend.currentData()),
            index=self._index.text().strip(),
            wheels=Path(wheels) if wheels else None,
            reinstall=reinstall,
        )

    def sizes(self) -> Sizes:
        """What the choice costs."""
        backend = Backend(self._backend.currentData() or "cpu")
        cuda = backend is Backend.CUDA or (backend is Backend.AUTO and bool(self._found.gpu))
        return CUDA if cuda else CPU

    def keep(self) -> None:
        """Remember where packages come from; an address with a password is not written down."""
        index, wheels = self._index.text().strip(), self._wheels.filePath().strip()
        for key, value in ((_INDEX_KEY, "" if "@" in index else index), (_WHEELS_KEY, wheels)):
            if value:
                QgsSettings().setValue(key, value)
            else:
                QgsSettings().remove(key)

    def _remember(self) -> None:
        self._index.setText(str(QgsSettings().value(_INDEX_KEY, "") or ""))
        self._wheels.setFilePath(str(QgsSettings().value(_WHEELS_KEY, "") or ""))

    def _name_parts(self) -> None:
        self._python.setObjectName("msaSetupPython")
        self._python.setToolTip(tr("The environment is made with it; QGIS's own Python stays untouched"))
        self._backend.setObjectName("msaSetupBackend")
        self._backend.setToolTip(tr("PyTorch for a graphics card of NVIDIA is several times larger"))
        self._index.setObjectName("msaSetupIndex")
        self._index.setPlaceholderText(tr("as this computer is configured"))
        self._index.setToolTip(tr("Address of another package index; more of them behind it, with spaces"))
        self._wheels.setObjectName("msaSetupWheels")
        self._wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self._wheels.lineEdit().setPlaceholderText(tr("none: packages are fetched"))
        self._wheels.setToolTip(tr("A folder that holds every package as a wheel: then nothing is fetched"))

    def _lay_out(self) -> None:
        form = QFormLayout()
        add_row(form, tr("&Python"), self._python)
        add_row(form, tr("&Graphics card"), self._backend)
        network = QgsCollapsibleGroupBox(tr("Without the usual internet"), self)
        network.setObjectName("msaSetupNetwork")
        for arrow in network.findChildren(QToolButton):
            arrow.setAccessibleName(network.title())
        rows = QFormLayout(network)
        add_row(rows, tr("Package &index"), self._index)
        add_row(rows, tr("Folder of &wheels"), self._wheels)
        hint = QLabel(tr("The proxy is the one of QGIS's options (Network)."), network)
        hint.setWordWrap(True)
        rows.addRow(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(network)
        network.setCollapsed(True)

    def _add(self, interpreter: Interpreter) -> None:
        self._python.addItem(interpreter_text(interpreter), interpreter.program)

    def _show_backends(self) -> None:
        chosen = self._backend.currentData()
        self._backend.blockSignals(True)  # an empty list is no choice
        self._backend.clear()
        gpu = self._found.gpu.partition(": ")[2] or self._found.gpu
        card = gpu or tr("none found, processor only")
        self._backend.addItem(tr("automatic: {card}").format(card=card), Backend.AUTO.value)
        self._backend.addItem(tr("processor only"), Backend.CPU.value)
        self._backend.addItem(tr("NVIDIA (CUDA)"), Backend.CUDA.value)
        self._backend.setCurrentIndex(max(0, self._backend.findData(chosen)))
        self._backend.blockSignals(False)

    def _on_python(self) -> None:
        if self._python.currentData() == _BROWSE:
            path, _ = QFileDialog.getOpenFileName(self, tr("Choose a Python 3.11 or newer"))
            self._python.setCurrentIndex(0)
            if path:
                self.named.emit(path)
        self.changed.emit()
