"""What a request may name: rasters of the project's layers, and index files that the worker itself has named.

Answers and searches that a project has kept name paths, too; whoever made the project has chosen those.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import partial

from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol.errors import MsaError
from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Aoi, Example
from qgis_msa_plugin.gis.raster_source import as_in_project, raster_ref
from qgis_msa_plugin.render.feeder import layer_shown
from qgis_msa_plugin.render.source import layer_showing, source_of
from qgis_msa_plugin.search.question import Question, Results
from qgis_msa_plugin.translate import tr


def with_own_rasters(question: Question, project: QgsProject, shares_files: bool = True) -> Question:
    """The question with the rasters of its examples as the project's layers name them, or are drawn.

    Raises:
        not_of_project: no layer shows the raster of an example.
        layer_gone, layer_changed: none is the layer that QGIS draws for one.
        MsaError: as `source_of`, of a layer that is drawn for a worker that does not see its file.
    """
    known = _paths_of(project)
    as_read = partial(_own, known=known, project=project, shares_files=shares_files)
    examples, feedback = tuple(map(as_read, question.examples)), tuple(map(as_read, question.feedback))
    return dataclasses.replace(question, examples=examples, feedback=feedback)


def asked_again(results: Results, project: QgsProject, named: Collection[str]) -> Question:
    """The question of an answer, to be put to the same index files; `named` are those that may be asked.

    Raises:
        As `with_own_rasters` and `check_indexes`.
    """
    question = with_own_rasters(results.question, project)
    indexes = (index.index for index in results.table.reply.indexes)
    check_indexes((*indexes, *indexes_of(question)), named)
    return question


def check_indexes(indexes: Iterable[str], named: Collection[str]) -> None:
    """See that the worker has named these index files.

    Raises:
        not_of_project: it has not named one of them.
    """
    for index in indexes:
        if index not in named:
            text = tr("The index {path} is not known to belong to a layer of this project.")
            raise MsaError.of("not_of_project", text.format(path=index))


def indexes_of(question: Question) -> tuple[str, ...]:
    """The index files that the examples of a question lie in."""
    examples = (*question.examples, *question.feedback)
    return tuple(example.tile.index for example in examples if example.tile is not None)


def _own(example: Example, known: Collection[str], project: QgsProject, shares_files: bool) -> Example:
    if example.raster is None:
        return example
    if isinstance(example.raster, DrawnLayer):
        layer_shown(example.raster, project.mapLayers().values())
        return example
    raster = as_in_project(example.raster, project)
    if raster.path not in known:
        text = tr("No layer of this project shows {path}, in which an example of this search lies.")
        raise MsaError.of("not_of_project", text.format(path=example.raster.address))
    layer = None if shares_files else layer_showing(project, raster.address)
    if layer is not None:
        return dataclasses.replace(example, raster=source_of(layer, _around(example), shares_files=False))
    return dataclasses.replace(example, raster=raster)


def _around(example: Example) -> Aoi:
    """The place of an example in a window."""
    x, y = example.point or (0.0, 0.0)
    if example.bounds is not None:
        left, bottom, right, top = example.bounds
        x, y = (left + right) / 2, (bottom + top) / 2
    return Aoi(f"POINT ({x} {y})", example.crs)


def _paths_of(project: QgsProject) -> frozenset[str]:
    """The raster files that the project's layers show."""
    found = set()
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer):
            with suppress(MsaError):
                found.add(raster_ref(layer).path)
    return frozenset(found)
