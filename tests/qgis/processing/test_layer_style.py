"""What styles a layer once QGIS has loaded it: QGIS holds no reference to it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator

import pytest
from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject

import qgis_msa_plugin
from qgis_msa_plugin.processing.layer_style import StyleOnLoading
from qgis_msa_plugin.processing.provider import MsaSearchProvider
from qgis_msa_plugin.worker import desktop_worker
from tests.qgis.window import Window

NAMES = ("first", "second", "third")


@pytest.fixture
def styled() -> list[str]:
    return []


@pytest.fixture
def context(qgis_app: object, styled: list[str]) -> Iterator[QgsProcessingContext]:
    yield ended_run(styled)
    StyleOnLoading.held.clear()


def ended_run(styled: list[str]) -> QgsProcessingContext:
    """Three layers are to be loaded, as at the end of a model."""
    context = QgsProcessingContext()
    for name in NAMES:
        details = QgsProcessingContext.LayerDetails(name, QgsProject.instance())
        details.setPostProcessor(StyleOnLoading(lambda layer: styled.append(layer.name())))
        context.addLayerToLoadOnCompletion(name, details)
    del details
    gc.collect()
    return context


def load(context: QgsProcessingContext, names: Iterable[str]) -> None:
    for name in names:
        layer: QgsMapLayer = QgsVectorLayer("Point", name, "memory")
        details = context.layerToLoadOnCompletionDetails(name)
        details.postProcessor().postProcessLayer(layer, context, QgsProcessingFeedback())


def test_every_layer_that_a_model_loads_is_dressed_and_nothing_is_held_then(
    context: QgsProcessingContext, styled: list[str]
) -> None:
    assert len(StyleOnLoading.held) == len(NAMES)
    load(context, NAMES)
    assert styled == list(NAMES)
    assert not StyleOnLoading.held


def test_a_layer_that_is_loaded_after_the_provider_has_gone_stays_as_it_is(
    context: QgsProcessingContext, styled: list[str]
) -> None:
    load(context, NAMES[:1])
    provider = MsaSearchProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    QgsApplication.processingRegistry().removeProvider(provider)
    assert not StyleOnLoading.held
    gc.collect()
    load(context, NAMES[1:])
    assert styled == ["first"]


def test_what_a_run_leaves_that_loaded_nothing_is_let_go_by_the_next(styled: list[str]) -> None:
    first = ended_run(styled)
    del first
    gc.collect()
    assert len(StyleOnLoading.held) == len(NAMES)
    second = ended_run(styled)
    assert len(StyleOnLoading.held) == len(NAMES)
    load(second, NAMES)
    assert styled == list(NAMES)


def test_no_module_of_the_plugin_holds_an_object_of_qgis_after_it_was_unloaded(window: Window) -> None:
    plugin = qgis_msa_plugin.classFactory(window)
    plugin.initGui()
    window.menu.actions()[0].trigger()
    assert held_by_modules() != []
    loaded = {name: module for name, module in sys.modules.items() if name.startswith("msa_model")}
    plugin.unload()
    sys.modules.update(loaded)  # unloading purges them, and the other tests go on with the classes they know
    assert held_by_modules() == []
    assert not desktop_worker._SHARED_CLIENTS


def held_by_modules() -> list[str]:
    """Names of globals that are, or hold, objects of Qt and QGIS."""
    modules = [module for name, module in sys.modules.items() if name.startswith("qgis_msa_plugin")]
    return [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if not name.startswith("__")
        for item in flat(value)
        if isinstance(item, (QObject, QgsProcessingLayerPostProcessorInterface))
    ]


def flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [value, *value.keys(), *value.values()]
    return [value, *value] if isinstance(value, (list, tuple, set, frozenset)) else [value]
