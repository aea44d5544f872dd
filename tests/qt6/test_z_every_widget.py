"""Runs last (make test-qt6): what the tests before it have had Qt paint."""

from __future__ import annotations

import importlib
import pkgutil

from qgis.PyQt.QtWidgets import QWidget

import qgis_msa_plugin
from tests.qt6.plugin import PAINTED


def widgets_of_the_plugin() -> set[str]:
    """Every class of the plugin that Qt paints, by module and name; each module is imported for that."""
    names = [module.name for module in pkgutil.walk_packages(qgis_msa_plugin.__path__, "qgis_msa_plugin.")]
    modules = [importlib.import_module(name) for name in names]
    return {
        f"{kind.__module__}.{kind.__name__}"
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, QWidget) and kind.__module__ == module.__name__
    }


def test_every_widget_of_the_plugin_was_painted() -> None:
    assert sorted(widgets_of_the_plugin() - PAINTED) == []
