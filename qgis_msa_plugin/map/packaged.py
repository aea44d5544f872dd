"""Results in a GeoPackage beside the project, and heat maps in a folder there: for whoever gets the folder.

The file is the plugin's own as long as it holds nothing but layers whose names end in the digest of their
content, and their styles: one that anybody has changed stays as it is, and the results go into another.

What tells hits from hits that somebody has changed since.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Callable, Optional

from qgis.core import QgsDataProvider, QgsProject, QgsRasterLayer, QgsVectorLayer

from msa_model.protocol.errors import BadArgument, DiskFull, TooEarly
from msa_model.protocol.unfinished import folder_for, is_full
from qgis_msa_plugin.gis.marks import group_of, is_heat_layer, is_made, is_ours, is_result_layer
from qgis_msa_plugin.gis.vector_file import FORMAT_TABLES, NewLayer, sublayers_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.whole_file import write_new


def digest_of(layer: QgsVectorLayer) -> str:
    """Of all features, whatever their order; only of layers in files, whose values have one form."""
    digest = hashlib.sha256()
    for line in sorted(_lines(layer)):
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def _lines(layer: QgsVectorLayer) -> Iterator[str]:
    data = layer.dataProvider()  # fields that a project joins or reckons are none of the file's
    names: Sequence[str] = [name for name in data.fields().names() if name != "fid"]
    yield repr(names)
    for feature in data.getFeatures():
        yield repr([feature.geometry().asWkt(), *(str(feature[name]) for name in names)])


_SCOPE, _KEY = "msa_search", "package"
_NAMED = re.compile(r".*_([0-9a-f]{16})")
_STYLES = "layer_styles"  # where QGIS keeps the styles of a GeoPackage
_SCRATCH = "scratch.gpkg"
_LONGEST_NAME = 40
_MOST_FILES = 1000


@dataclass(frozen=True)
class Packaged:
    """What was written: answers into `path`, heat maps into the folder beside it."""

    path: Path
    answers: int
    heat_maps: int


def package(project: QgsProject, heat_maps: bool = False) -> Packaged:
    """Write all answers of the project beside it; as it is saved next, the project refers to them there.

    Raises:
        TooEarly: the project has no file yet, or no answer.
        BadArgument: nothing can be written.
        DiskFull: there is no room; an older package is as it was.
    """
    home = _home(project)
    layers = [layer for layer in _in_order(project) if is_result_layer(layer) and is_ours(layer)]
    layers = [layer for layer in layers if layer.featureCount()]
    if not layers:
        raise TooEarly(tr("There are no results to package: search first."))
    with _writing(home):
        path = _write(home, layers)
        maps = _keep_heat_maps(project, home) if heat_maps else 0
    project.writeEntry(_SCOPE, _KEY, path.name)
    project.setDirty(True)
    return Packaged(path, len(layers), maps)


def packaged_source(project: QgsProject, digest: str) -> str:
    """Where the package holds a layer of this content, as projects spell it; empty where it does not."""
    path = package_of(project)
    name = next((name for name in _layers_of(path) if _digest_in(name) == digest), "") if path else ""
    if path is None or not name or digest_of(_opened(path, name)) != digest:
        return ""
    return f"./{path.name}|layername={name}"


def is_packaged(project: QgsProject, layer: QgsVectorLayer) -> bool:
    """Whether the layer is one of the project's package, changed or not."""
    path = package_of(project)
    return path is not None and Path(layer.source().partition("|")[0]) == path


def packaged_digest(layer: QgsVectorLayer) -> str:
    """The digest that a packaged layer's name promises."""
    return _digest_in(layer.source().partition("layername=")[2])


def package_of(project: QgsProject) -> Optional[Path]:
    """The file of the results, where there is one; never one that lies elsewhere than the project."""
    name, _ = project.readEntry(_SCOPE, _KEY, "")
    if not name or Path(name).name != name or not project.fileName():
        return None
    path = Path(project.fileName()).parent / name
    return path if path.is_file() else None


def _home(project: QgsProject) -> Path:
    if not project.fileName():
        raise TooEarly(tr("Save the project first: its results are packaged beside it."))
    return Path(project.fileName())


def _in_order(project: QgsProject) -> list[QgsVectorLayer]:
    nodes = group_of(project).findLayers()
    return [node.layer() for node in nodes if isinstance(node.layer(), QgsVectorLayer)]


def _write(project_file: Path, layers: Sequence[QgsVectorLayer]) -> Path:
    """A file with all layers, in place of an earlier one that nobody has changed."""
    target = _target(project_file)
    with folder_for(target.parent, [target.name, _SCRATCH]) as folder, _writing(project_file):
        made = folder / target.name
        for layer in layers:
            _add(made, layer)
        _seal_styles(made)
        if not _is_own(made):
            raise OSError(tr("what was written is not whole"))
        made.replace(target)
    return target


@contextmanager
def _writing(project_file: Path) -> Iterator[None]:
    """Name what fails beside the project."""
    try:
        yield
    except (OSError, sqlite3.Error, BadArgument) as error:
        if is_full(project_file.parent):
            text = tr("There is no room left on the disk for {path}.")
            raise DiskFull(text.format(path=project_file.parent)) from error
        if isinstance(error, BadArgument):
            raise
        raise BadArgument(tr("The results cannot be written: {error}").format(error=error)) from error


def _add(path: Path, layer: QgsVectorLayer) -> None:
    """The layer with its style, its aliases and its form; its name ends in the digest of its content."""
    scratch = path.with_name(_SCRATCH)
    digest = digest_of(_copy(layer, scratch, "hits"))
    scratch.unlink()
    name = f"{_plain(layer.name())}_{digest}"
    if name in _layers_of(path):
        return
    written = _copy(layer, path, name)
    layer.styleManager().style(layer.styleManager().currentStyle()).writeToLayer(written)
    for key in written.customPropertyKeys():  # the answer stays in the project
        written.removeCustomProperty(key)
    why = written.saveStyleToDatabase(layer.name(), "", True, "")
    if why:
        raise BadArgument(tr("The results cannot be written: {error}").format(error=why))


def _copy(layer: QgsVectorLayer, path: Path, name: str) -> QgsVectorLayer:
    rows = ((feature.geometry(), feature.attributes()) for feature in layer.getFeatures())
    return NewLayer(path, name, layer.fields()).write(layer.wkbType(), layer.crs(), rows)


def _target(project_file: Path) -> Path:
    return _unused_path(project_file.with_name(f"{project_file.stem}_results.gpkg"), _is_own)


def _unused_path(path: Path, may_replace: Callable[[Path], bool]) -> Path:
    """The path, or one with a number where something is in the way that stays."""
    numbered = (path.with_stem(f"{path.stem}_{n}") for n in range(2, _MOST_FILES))
    return next(free for free in chain((path,), numbered) if not os.path.lexists(free) or may_replace(free))


def _is_own(path: Path) -> bool:
    """Whether the plugin wrote all that the file holds, and nobody changed it since or is about to."""
    names = [] if path.is_symlink() or _is_being_written(path) else _layers_of(path)
    own = [name for name in names if name != _STYLES]
    return (
        bool(own)
        and all(map(_digest_in, own))
        and _has_own_styles(path, own)
        and all(digest_of(_opened(path, name)) == _digest_in(name) for name in own)
    )


def _is_being_written(path: Path) -> bool:
    """Whether edits of the file are open in this QGIS, or on their way into it from any program."""
    layers = QgsProject.instance().mapLayers().values()
    edited = [layer.source().partition("|")[0] for layer in layers if layer.isEditable()]
    logs = [path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal")]
    return str(path) in edited or any(log.is_file() and log.stat().st_size for log in logs)


def _seal_styles(path: Path) -> None:
    """Have the styles of a new file describe themselves: a changed one is the user's."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for row, style in connection.execute("SELECT id, styleQML FROM layer_styles").fetchall():
            connection.execute(
                "UPDATE layer_styles SET description = ? WHERE id = ?", (_style_digest(style), row)
            )


def _has_own_styles(path: Path, names: Sequence[str]) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "SELECT f_table_name, description, styleQML FROM layer_styles"
            ).fetchall()
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            if any(
                name not in (*names, _STYLES) and not name.startswith(FORMAT_TABLES) for (name,) in tables
            ):
                return False
    except sqlite3.Error:
        return False
    sealed = all(description == _style_digest(style) for _, description, style in rows)
    return sealed and sorted(name for name, _, _ in rows) == sorted(names)


def _style_digest(style: object) -> str:
    return hashlib.sha256(str(style).encode()).hexdigest()[:16]


def _keep_heat_maps(project: QgsProject, project_file: Path) -> int:
    """Copy the heat maps that lie in the profile, and have their layers show the copies."""
    folder, kept = project_file.with_name(f"{project_file.stem}_heat_maps"), 0
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer) and is_heat_layer(layer) and is_made(layer):
            source = Path(layer.source())
            if source.is_file() and source.parent != folder:
                _show_copy(layer, _copied(source, folder, layer.name()))
            kept += source.is_file()
    return kept


def _copied(source: Path, folder: Path, name: str) -> Path:
    content = source.read_bytes()
    wanted = folder / f"{_plain(name)}_{hashlib.sha256(content).hexdigest()[:16]}.tif"
    path = _unused_path(wanted, lambda path: _holds(path, content))
    if not path.exists():
        write_new(path, content)
    return path


def _holds(path: Path, content: bytes) -> bool:
    """Whether a copy is as it was made; one that somebody has changed stays."""
    return path.is_file() and path.read_bytes() == content


def _show_copy(layer: QgsRasterLayer, path: Path) -> None:
    crs, renderer = layer.crs(), layer.renderer().clone()
    layer.setDataSource(str(path), layer.name(), "gdal", QgsDataProvider.ProviderOptions(), False)
    layer.setRenderer(renderer)
    layer.setCrs(crs)


def _layers_of(path: Path) -> list[str]:
    return [layer.name() for layer in sublayers_of(path)]


def _opened(path: Path, name: str) -> QgsVectorLayer:
    return QgsVectorLayer(f"{path}|layername={name}", name, "ogr")


def _digest_in(name: str) -> str:
    named = _NAMED.fullmatch(name)
    return named.group(1) if named is not None else ""


def _plain(name: str) -> str:
    """Part of a name that tables and files may have."""
    return re.sub(r"\W+", "_", name).strip("_")[:_LONGEST_NAME] or "hits"
