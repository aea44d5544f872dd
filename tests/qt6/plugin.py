"""pytest plugin (-p tests.qt6.plugin): the QGIS-side tests of widgets, under PyQt6 and without QGIS."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qt6.stand_ins import install

install()
sys.excepthook = traceback.print_exception  # as in QGIS, an error in a slot ends nothing

from qgis.core import QgsProject  # noqa: E402
from qgis.PyQt.QtCore import QEvent, QLocale, QObject, pyqtSignal  # noqa: E402
from qgis.PyQt.QtWidgets import QApplication  # noqa: E402

PAINTED: set[str] = set()  # the classes of widgets that Qt has painted
# They work on features, on coordinates or on QGIS's own files.
NEEDS_QGIS = Path(__file__).with_name("needs_qgis.txt").read_text(encoding="utf-8").split()


class Painting(QObject):
    """Notes which classes of the plugin are painted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            PAINTED.add(_name(type(watched)))
        return False


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if item.nodeid.split("[")[0] in NEEDS_QGIS]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Paint what the test made and Qt has not painted so far, whatever tab it is on."""
    yield
    for widget in QApplication.allWidgets():
        if _name(type(widget)) not in PAINTED and type(widget).__module__.startswith("qgis_msa_plugin"):
            widget.grab()


class NoLayers(QObject):
    """Stands for what lies on the map and in the project: that needs QGIS."""

    rank_picked = pyqtSignal(int)
    removed = pyqtSignal()
    layer = None

    def __init__(self, *around: object, **options: object) -> None:
        super().__init__()

    def show(self, *answer: object) -> None:
        pass

    hide = zoom = zoom_to_rows = select = release = hide_others = show

    def adopt(self) -> None:
        return None


@pytest.fixture(autouse=True, scope="session")
def _no_layers() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    for name in ("ResultLayers", "HeatLayers", "TileHighlight"):
        patch.setattr(f"qgis_msa_plugin.map.map_link.{name}", NoLayers)
    patch.setattr("qgis_msa_plugin.map.map_link.refill", lambda *_: None)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def qgis_app(qapp: QApplication) -> QApplication:
    QLocale.setDefault(QLocale("en_US"))
    qapp.installEventFilter(Painting(qapp))
    return qapp


@pytest.fixture
def qgis_new_project(qgis_app: QApplication) -> Iterator[None]:
    QgsProject.instance().clear()
    yield
    QgsProject.instance().clear()


@pytest.fixture
def qgis_processing() -> None:
    pytest.skip("there is no Processing without QGIS")
