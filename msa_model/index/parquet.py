"""An index as GeoParquet 1.1, as tools for embeddings read it: a row per tile with its vector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from msa_model.files.replacing import replacing
from msa_model.index.blocks import TileTable
from msa_model.index.manifest import Manifest
from msa_model.index.rank import widened
from msa_model.protocol.errors import BadArgument
from msa_model.raster.tiles import box_rings, tile_boxes

_CHECK, _END, _CHUNK = "msa_search_sha256", 8, 2**20  # its key; bytes behind the metadata; read at once
_ROWS = 16_384  # in a row group; a search by bounds reads only some
_SUFFIXES = (".parquet", ".geoparquet")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def write_parquet(path: Path, manifest: Manifest, table: TileTable) -> Generator[tuple[int, int], None, None]:
    """Write id, geometry, bbox, scale_m, valid and embedding of all tiles; yields (tiles done, of all).

    An id is factor/row/column on the raster's lattice. Embeddings have unit length; their cosine with
    that of a text under the model that the metadata name is a tile's score.

    Raises:
        BadArgument: the path ends neither in .parquet nor in .geoparquet.
        FileNotOurs: an older file is no export of ours.
        folder_read_only, DiskFull, storage_failed: the file cannot be written; an older one is as it was.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise BadArgument(f"{path} must end in .parquet.")
    schema, count = _schema(manifest, table), len(table.keys)
    with (
        replacing(path, is_own_export) as part,
        part.open("wb") as file,
        pq.ParquetWriter(pa.PythonFile(told := _Told(file), "w"), schema, compression="zstd") as writer,
    ):
        for start in range(0, count, _ROWS):
            rows = slice(start, start + _ROWS)
            writer.write_table(pa.Table.from_batches([_batch(schema, manifest, table, rows)]))
            yield min(rows.stop, count), count
        writer.add_key_value_metadata({_CHECK: told.digest.hexdigest()})


def is_own_export(path: Path) -> bool:
    """Whether `write_parquet` wrote the file, and all before its metadata is as it was."""
    try:
        found = pq.read_metadata(path)
        told = (found.metadata or {}).get(_CHECK.encode(), b"").decode()
        with path.open("rb") as file:
            return bool(told) and told == _digest_of(file, path.stat().st_size - found.serialized_size - _END)
    except (pa.ArrowException, OSError, ValueError, AttributeError, RecursionError):
        return False


class _Told:
    """Writes to a file, which stays open, and keeps the checksum of what it wrote."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self.flush()


def _digest_of(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    while size > 0 and (part := file.read(min(size, _CHUNK))):
        digest.update(part)
        size -= len(part)
    return digest.hexdigest()


def _schema(manifest: Manifest, table: TileTable) -> pa.Schema:
    fields = [
        pa.field("id", pa.string(), nullable=False),
        pa.field("geometry", pa.binary(), nullable=False),
        pa.field("bbox", pa.struct([pa.field(name, pa.float64()) for name in _CORNERS]), nullable=False),
        pa.field("scale_m", pa.float64(), nullable=False),
        pa.field("valid", pa.float32(), nullable=False),
        pa.field("embedding", pa.list_(pa.float32(), manifest.dimension), nullable=False),
    ]
    made_of = {"model": manifest.model, "model_sha256": manifest.model_sha256, "raster": manifest.raster}
    own = {"columns": [field.name for field in fields], "tiles": len(table.keys)}
    metadata = {"geo": _geo(manifest, table), "msa_search": made_of | own}
    return pa.schema(fields, {name: json.dumps(value) for name, value in metadata.items()})


def _geo(manifest: Manifest, table: TileTable) -> dict[str, Any]:
    """The specification's file metadata."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "crs": CRS.from_user_input(manifest.crs).to_json_dict(),
        "orientation": "counterclockwise",
        "edges": "planar",
        "covering": {"bbox": {name: ["bbox", name] for name in _CORNERS}},
    }
    if len(table.keys):
        rings = box_rings(manifest.affine, tile_boxes(table.keys))
        column["bbox"] = [*rings.min(axis=(0, 1)).tolist(), *rings.max(axis=(0, 1)).tolist()]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _batch(schema: pa.Schema, manifest: Manifest, table: TileTable, rows: slice) -> pa.RecordBatch:
    keys, vectors = table.keys[rows], widened(table.halves[rows])
    rings = box_rings(manifest.affine, tile_boxes(keys))
    low, high = rings.min(axis=1), rings.max(axis=1)
    corners = [pa.array(np.ascontiguousarray(column)) for column in np.hstack((low, high)).T]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.ascontiguousarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
    columns = [
        pa.array([f"{factor}/{row}/{col}" for factor, row, col in keys.tolist()]),
        pa.array(_polygons(rings), pa.binary()),
        pa.StructArray.from_arrays(corners, names=list(_CORNERS)),
        pa.array(manifest.scale_m(1) * keys[:, 0].astype(np.float64)),
        pa.array(table.valid[rows]),
        pa.FixedSizeListArray.from_arrays(pa.array(unit.ravel()), manifest.dimension),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _polygons(rings: NDArray[np.float64]) -> list[bytes]:
    """WKB of rings [n, 4, 2], outer rings counterclockwise as the metadata promise."""
    ordered = np.where(shapely.is_ccw(shapely.linearrings(rings))[:, None, None], rings, rings[:, ::-1])
    return [bytes(wkb) for wkb in shapely.to_wkb(shapely.polygons(ordered), byte_order=1)]
