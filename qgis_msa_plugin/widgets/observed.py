"""Attributes of a QObject that tell when they change.

What the user is told: the last sentence, and the error behind it where something went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, Optional, TypeVar, Union, overload

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.errors import MsaError

T = TypeVar("T")


class Observed(Generic[T]):
    """An attribute `x` that emits its owner's signal `x_changed` when it is set to another value."""

    def __init__(self, default: T) -> None:
        self._default = default
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, cls: Optional[type] = None) -> Observed[T]: ...

    @overload
    def __get__(self, owner: QObject, cls: Optional[type] = None) -> T: ...

    def __get__(self, owner: Optional[QObject], cls: Optional[type] = None) -> Union[T, Observed[T]]:
        if owner is None:
            return self
        value: T = owner.__dict__.get(self._name, self._default)
        return value

    def __set__(self, owner: QObject, value: T) -> None:
        if value == self.__get__(owner):
            return
        owner.__dict__[self._name] = value
        getattr(owner, f"{self._name}_changed").emit(value)


class NoticeLevel(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """A sentence to the user; `error` is what went wrong, with its remedy, where something did."""

    level: NoticeLevel
    sentence: str
    error: Optional[MsaError] = None


class Notices(QObject):
    """The one way that a sentence takes to the screen, whichever panel it comes from."""

    notice_changed = pyqtSignal(object)

    notice: Observed[Optional[Notice]] = Observed(None)

    def say(self, level: NoticeLevel, sentence: str) -> None:
        """Tell the user something that is no failure."""
        self.notice = Notice(level, sentence)

    def fail(self, error: MsaError) -> None:
        """Tell the user what went wrong."""
        self.notice = Notice(NoticeLevel.ERROR, error.sentence, error)
