"""Groups of tiles as a vector file, with the style that QGIS finds beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from msa_model.files.replacing import check_replaceable, replacing_together
from msa_model.files.seal import is_sealed, mark, sealed
from msa_model.index.vector_file import driver_of, is_own_vector, write_part
from msa_model.protocol.exploring import ExploreReply, group_name
from msa_model.protocol.group_style import area_text, group_style

_STYLE = "style of groups"


def check_explored(path: Path) -> None:
    """Whether both files may be written, before any work is done; errors as of `write_explored`."""
    driver_of(path)
    check_replaceable(path, is_own_vector)
    check_replaceable(style_of(path), _is_own_style)


def style_of(path: Path) -> Path:
    """Where the style of a vector file lies."""
    return path.with_suffix(".qml")


def write_explored(path: Path, reply: ExploreReply) -> None:
    """Write a multipolygon a group, and the style: both, or neither.

    Raises:
        BadArgument: neither .gpkg nor .geojson.
        FileNotOurs: a file that is there is somebody else's, or was changed.
        folder_read_only, DiskFull, storage_failed: a file cannot be written; older ones are as they were.
    """
    driver_of(path)
    groups = reply.groups
    names = [group_name(group) for group in groups]
    columns: dict[str, NDArray[Any]] = {
        "id": np.array([group.id for group in groups], np.int32),
        "name": np.array(names, object),
        "phrase": np.array([group.phrase for group in groups], object),
        "verdict": np.array([group.verdict for group in groups], object),
        "tiles": np.array([group.tiles for group in groups], np.int32),
        "area_m2": np.array([group.area_m2 for group in groups], np.float64),
    }
    labels = [
        (group.id, f"{name} ({group.tiles:,} tiles, {area_text(group.area_m2)})")
        for group, name in zip(groups, names, strict=True)
    ]
    style = sealed(group_style(labels, f"<!-- {mark(_STYLE)} -->\n"), _STYLE)
    shapes = shapely.from_wkt([group.shape for group in groups])
    proofs = {path: is_own_vector, style_of(path): _is_own_style}
    with replacing_together(proofs, RuntimeError) as (vector_part, style_part):
        write_part(vector_part, shapes, columns, "MultiPolygon", reply.crs, "groups")
        style_part.write_bytes(style)


def _is_own_style(path: Path) -> bool:
    return is_sealed(path, _STYLE)
