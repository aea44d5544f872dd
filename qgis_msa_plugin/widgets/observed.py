"""Attributes of a QObject that tell when they change."""

from __future__ import annotations

from typing import Generic, Optional, TypeVar, Union, overload

from qgis.PyQt.QtCore import QObject

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
