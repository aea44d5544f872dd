# ruff: noqa: N802  (names of QGIS's interfaces)
"""Small stand-ins for what the plugin's widgets use of `qgis.core`, but for layers."""

from __future__ import annotations

import tempfile
from typing import ClassVar

from PyQt6 import QtGui, QtNetwork
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication


class QgsApplication:
    """Icons, the profile's folder and the log."""

    profile: ClassVar[str] = tempfile.mkdtemp(prefix="msa_qt6_")

    @staticmethod
    def instance() -> QApplication:
        return QApplication.instance()

    @staticmethod
    def getThemeIcon(name: str) -> QtGui.QIcon:
        picture = QtGui.QPixmap(16, 16)
        picture.fill(QtGui.QColor("#808080"))
        return QtGui.QIcon(picture)

    @classmethod
    def qgisSettingsDirPath(cls) -> str:
        return cls.profile

    @staticmethod
    def locale() -> str:
        return "en_US"

    @staticmethod
    def translate(context: str, text: str) -> str:
        return text


class QgsMessageLog:
    """Keeps what is logged."""

    lines: ClassVar[list[str]] = []

    @classmethod
    def logMessage(cls, message: str, *rest: object, **named: object) -> None:
        cls.lines.append(message)


class QgsNetworkAccessManager:
    """No proxy."""

    @classmethod
    def instance(cls) -> QgsNetworkAccessManager:
        return cls()

    def fallbackProxy(self) -> QtNetwork.QNetworkProxy:
        return QtNetwork.QNetworkProxy()


class QgsSettings(QSettings):
    """An INI file of the test run."""

    def __init__(self) -> None:
        super().__init__(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "msa", "qt6")


class QgsCsException(Exception):
    """A place that a coordinate system does not reach."""


class QgsCoordinateReferenceSystem:
    """A coordinate system by its code."""

    def __init__(self, code: str = "") -> None:
        self._code = code

    def authid(self) -> str:
        return self._code

    def isValid(self) -> bool:
        return bool(self._code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QgsCoordinateReferenceSystem) and self._code == other._code

    def __hash__(self) -> int:
        return hash(self._code)


class QgsPointXY:
    """A place in map units."""

    def __init__(self, x: float, y: float) -> None:
        self._x, self._y = x, y

    def x(self) -> float:
        return self._x

    def y(self) -> float:
        return self._y

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QgsPointXY) and (self._x, self._y) == (other._x, other._y)

    def __hash__(self) -> int:
        return hash((self._x, self._y))


class QgsRectangle:
    """A box in map units, from two corners or four numbers."""

    def __init__(self, *corners: QgsPointXY | float) -> None:
        flat = [
            value for at in corners for value in ((at.x(), at.y()) if isinstance(at, QgsPointXY) else (at,))
        ]
        self._x, self._y = sorted(flat[0::2]), sorted(flat[1::2])

    def center(self) -> QgsPointXY:
        return QgsPointXY(sum(self._x) / 2, sum(self._y) / 2)

    def xMinimum(self) -> float:
        return self._x[0]

    def yMinimum(self) -> float:
        return self._y[0]

    def xMaximum(self) -> float:
        return self._x[1]

    def yMaximum(self) -> float:
        return self._y[1]

    def width(self) -> float:
        return self._x[1] - self._x[0]

    def height(self) -> float:
        return self._y[1] - self._y[0]


class QgsGeometry:
    """The shape of a box, as text; of nothing, without one."""

    def __init__(self, box: QgsRectangle | None = None) -> None:
        self._box = box

    @classmethod
    def fromRect(cls, box: QgsRectangle) -> QgsGeometry:
        return cls(box)

    def asWkt(self) -> str:
        box = self._box
        if box is None:
            return ""
        west, south, east, north = box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()
        return f"Polygon (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
