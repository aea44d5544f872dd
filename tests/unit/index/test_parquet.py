import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from numpy.typing import NDArray

from msa_model.index.blocks import TileTable
from msa_model.index.manifest import Manifest
from msa_model.index.parquet import write_parquet
from msa_model.protocol.errors import BadArgument, FileNotOurs
from tests.refusals import raises_kind
from tests.unit.rings import tile_ring

MakeManifest = Callable[..., Manifest]
MakeTiles = Callable[..., tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]]


@pytest.fixture
def table(make_tiles: MakeTiles) -> TileTable:
    keys, vectors, valid = make_tiles(20)
    return TileTable(keys, 3 * vectors, valid, 1)  # type: ignore[arg-type]  # halves would round the lengths


def test_a_row_per_tile_with_its_place_and_unit_vector(
    tmp_path: Path, make_manifest: MakeManifest, table: TileTable
) -> None:
    manifest, out = make_manifest(), tmp_path / "tiles.parquet"
    assert list(write_parquet(out, manifest, table)) == [(20, 20)]
    rows = pq.read_table(out).to_pylist()
    assert len(rows) == 20
    for row, key, vector, valid in zip(rows, table.keys.tolist(), table.vectors, table.valid, strict=True):
        shape = shapely.from_wkb(row["geometry"])
        assert row["id"] == "/".join(map(str, key))
        assert shape.equals(shapely.Polygon(tile_ring(manifest.affine, key)))
        assert shape.exterior.is_ccw
        assert tuple(row["bbox"].values()) == shape.bounds
        assert row["scale_m"] == manifest.scale_m(key[0])
        assert row["valid"] == pytest.approx(valid)
        np.testing.assert_allclose(row["embedding"], vector / 3, rtol=1e-5)


def test_the_metadata_are_those_of_geoparquet_1_1(
    tmp_path: Path, make_manifest: MakeManifest, table: TileTable
) -> None:
    out = tmp_path / "tiles.geoparquet"
    list(write_parquet(out, make_manifest(), table))
    schema = pq.read_schema(out)
    geo = json.loads(schema.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert (geo["version"], geo["primary_column"], column["encoding"]) == ("1.1.0", "geometry", "WKB")
    assert column["geometry_types"] == ["Polygon"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 32633}
    assert column["covering"]["bbox"] == {name: ["bbox", name] for name in ("xmin", "ymin", "xmax", "ymax")}
    boxes = [row["bbox"] for row in pq.read_table(out, columns=["bbox"]).to_pylist()]
    assert column["bbox"][0] == min(box["xmin"] for box in boxes)
    assert column["bbox"][3] == max(box["ymax"] for box in boxes)
    assert str(schema.field("embedding").type) == "fixed_size_list<element: float>[16]"
    assert json.loads(schema.metadata[b"msa_search"])["model"] == "msa-small"


def test_an_index_without_tiles_is_a_file_without_rows(tmp_path: Path, make_manifest: MakeManifest) -> None:
    nothing = TileTable(  # as `load` gives it
        np.empty((0, 3), np.int32),
        np.empty((0, 16), np.float32),
        np.empty(0, np.float32),
        0,
    )
    list(write_parquet(tmp_path / "none.parquet", make_manifest(), nothing))
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def test_an_export_that_cannot_be_written_says_why(
    tmp_path: Path, make_manifest: MakeManifest, table: TileTable
) -> None:
    with pytest.raises(BadArgument, match=r"\.parquet"):
        list(write_parquet(tmp_path / "tiles.csv", make_manifest(), table))
    with raises_kind("folder_read_only", match="no folder"):
        list(write_parquet(tmp_path / "none" / "tiles.parquet", make_manifest(), table))


def test_an_export_given_up_leaves_the_older_file(
    tmp_path: Path, make_manifest: MakeManifest, table: TileTable
) -> None:
    out = tmp_path / "tiles.parquet"
    list(write_parquet(out, make_manifest(), table))
    older = out.read_bytes()
    steps = write_parquet(out, make_manifest(), table)
    next(steps)
    steps.close()
    assert out.read_bytes() == older
    assert list(tmp_path.iterdir()) == [out]


def test_an_export_that_somebody_worked_on_is_not_replaced(
    tmp_path: Path, make_manifest: MakeManifest, table: TileTable
) -> None:
    out = tmp_path / "tiles.parquet"
    list(write_parquet(out, make_manifest(), table))
    rows = pq.read_table(out)
    other = rows.set_column(0, rows.schema.field("id"), pa.array(["mine"] * len(rows)))
    for content in (rows.slice(1), rows.append_column("checked", pa.array([True] * len(rows))), other):
        pq.write_table(content, out)
        before = out.read_bytes()
        with pytest.raises(FileNotOurs, match=r"tiles\.parquet"):
            list(write_parquet(out, make_manifest(), table))
        assert out.read_bytes() == before
