"""What a project says of places, checked: areas, CRSs, and its own layers as what a question is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Optional

from qgis.core import QgsGeometry, QgsProject, QgsRasterLayer, QgsWkbTypes

from msa_model.protocol.errors import MsaError, ProtocolError
from msa_model.protocol.messages import Aoi
from qgis_msa_plugin.checked import MOST_NAME, line
from qgis_msa_plugin.gis.geometry import crs_of
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.search.target import Reading, Target, target_of

MOST_WKT = 1_000_000
# No more: QGIS reads collections within collections by recursion, until its stack ends.
_POLYGON = re.compile(r"\s*(multi)?polygon\s*(z|m|zm)?\s*\([-+0-9.eE,\s()]*\)\s*", re.IGNORECASE)
_DEEPEST = 3
_MOST_CRSS = 64
_LOOKED_UP: ContextVar[Optional[dict[str, bool]]] = ContextVar("looked_up", default=None)
_AUTHORITY_ID = re.compile(r"[A-Za-z][\w]*:[\w.]{1,40}")


@contextmanager
def few_crss() -> Iterator[None]:
    """What is read back within looks up no more CRSs than a project has: each takes milliseconds."""
    token = _LOOKED_UP.set({})
    try:
        yield
    finally:
        _LOOKED_UP.reset(token)


def checked_crs(text: object) -> str:
    """A CRS as an authority's id or WKT, which names no file and no server.

    Raises:
        ProtocolError: it is none that QGIS knows, or one too many.
    """
    crs, known = line(text, 2 * MOST_NAME), _LOOKED_UP.get()
    known = {} if known is None else known
    if crs not in known:
        if len(known) >= _MOST_CRSS:
            raise ProtocolError("The project names too many CRSs.")
        named = _AUTHORITY_ID.fullmatch(crs) and not crs.upper().startswith(("PROJ:", "HTTP", "FILE"))
        known[crs] = bool(named or "[" in crs) and crs_of(crs).isValid()
    if not known[crs]:
        raise ProtocolError("A CRS kept in the project is none.")
    return crs


def checked_aoi(aoi: Optional[Aoi]) -> Optional[Aoi]:
    """The area of a question.

    Raises:
        ProtocolError: it is no polygon in a CRS.
    """
    if aoi is None:
        return None
    wkt = line(aoi.wkt, MOST_WKT)
    if not _POLYGON.fullmatch(wkt) or _depth(wkt) > _DEEPEST:
        raise ProtocolError("An area kept in the project is no polygon.")
    geometry = QgsGeometry.fromWkt(wkt)
    polygonal = geometry.type() == QgsWkbTypes.GeometryType.PolygonGeometry
    if geometry.isEmpty() or not polygonal or not math.isfinite(geometry.area()):
        raise ProtocolError("An area kept in the project is no polygon.")
    return Aoi(wkt, checked_crs(aoi.crs), aoi.centres)


def target_in(project: QgsProject, layer_id: str, aoi: Optional[Aoi], reading: Reading) -> Optional[Target]:
    """The project's layer of that id as a target; nothing where it has gone or cannot be searched."""
    layer = project.mapLayer(layer_id)
    if not isinstance(layer, QgsRasterLayer):
        return None
    try:
        return target_of(layer, lambda: aoi, reading)
    except MsaError:
        return None


def paths_of(project: QgsProject) -> frozenset[str]:
    """The raster files that the project's layers show."""
    found = set()
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer):
            with suppress(MsaError):
                found.add(raster_ref(layer).path)
    return frozenset(found)


def _depth(wkt: str) -> int:
    deepest = depth = 0
    for sign in wkt:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest
