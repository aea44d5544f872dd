"""What stands for `qgis` where only PyQt6 can be had: Qt is real, QGIS's own classes are small stand-ins.

`qgis.PyQt` offers PyQt6 as QGIS's does. A name of `qgis.core` or `qgis.gui` that has no stand-in is a class
without methods, made when it is asked for, so that modules can be imported; using its objects fails.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from PyQt6 import QtGui, QtWidgets

from tests.qt6 import core, gui, project


class _Named(type):
    """Names below an unknown class, such as the members of an enumeration, are made when asked for."""

    def __getattr__(cls, name: str) -> Any:  # noqa: ANN401
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Named(name, (Unknown,), {})
        setattr(cls, name, made)
        return made

    def __or__(cls, other: object) -> Any:  # noqa: ANN401
        return cls


class Unknown(metaclass=_Named):
    """A class of QGIS that can be named and derived from, and does nothing."""


# As QGIS's own qgis.PyQt offers them under Qt 6.
MOVED = {"QtWidgets": {"QAction": QtGui.QAction, "QShortcut": QtGui.QShortcut}}


def install() -> None:
    """Make `qgis` importable; the one that may be installed, built for Qt 5, is not looked at."""
    parts = {
        "core": _module("qgis.core", {**_classes(core), **_classes(project), "NULL": None}, Unknown),
        "gui": _module("qgis.gui", {**_classes(gui), "QgsDockWidget": QtWidgets.QDockWidget}, Unknown),
        "utils": _module("qgis.utils", {"iface": None, "plugins": {}}),
    }
    names = ("QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtXml", "QtTest", "QtSvg", "sip")
    reals = {name: vars(importlib.import_module(f"PyQt6.{name}")) for name in names}
    shims = {name: _module(f"qgis.PyQt.{name}", {**reals[name], **MOVED.get(name, {})}) for name in names}
    _module("qgis", {**parts, "PyQt": _module("qgis.PyQt", shims)})


def _classes(module: ModuleType) -> dict[str, type]:
    return {name: kind for name, kind in vars(module).items() if name.startswith("Qgs")}


def _module(name: str, holds: dict[str, Any], fallback: type | None = None) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update({key: value for key, value in holds.items() if not key.startswith("__")})
    if fallback is not None:
        module.__getattr__ = _maker(module, fallback)  # type: ignore[method-assign]
    module.__path__ = []
    sys.modules[name] = module
    return module


def _maker(module: ModuleType, fallback: type) -> Callable[[str], type]:
    def make(name: str) -> type:
        if not name.startswith("Qg"):
            raise AttributeError(name)
        made = type(fallback)(name, (fallback,), {})
        setattr(module, name, made)
        return made

    return make
