"""Runs last (make test-qt6): what the tests before it have had Qt paint."""

from __future__ import annotations

import importlib
import pkgutil

from qgis.PyQt.QtWidgets import QWidget

import qgis_msa_plugin
from tests.qt6.plugin import PAINTED


def widgets_of_the_plugin() -> set[type]:
    """Every class of the plugin that Qt paints; each module is imported for that."""
    names = [module.name for module in pkgutil.walk_packages(qgis_msa_plugin.__path__, "qgis_msa_plugin.")]
    modules = [importlib.import_module(name) for name in names]
    return {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, QWidget) and kind.__module__ == module.__name__
    }


def was_painted(kind: type) -> bool:
    """Whether one of it was, or of a class made of it, as of what dialogs have in common."""
    return any(f"{one.__module__}.{one.__name__}" in PAINTED for one in (kind, *kind.__subclasses__()))


def test_every_widget_of_the_plugin_was_painted() -> None:
    assert [kind for kind in widgets_of_the_plugin() if not was_painted(kind)] == []
