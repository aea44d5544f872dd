import dataclasses
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest
import shapely

from msa_model.index.batch_file import BatchFile, BatchHit, PairSummary, RasterRow
from msa_model.protocol.errors import BadArgument, DiskFull, FileNotOurs
from msa_model.protocol.hit_filter import HIT_FIELDS
from tests.refusals import raises_kind

CRS = "EPSG:32633"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.gpkg"


def hit(rank: int, x: float = 0.0, query: str = "a river") -> BatchHit:
    return BatchHit(
        polygon=shapely.box(x, 0, x + 10, 10),
        name="",
        rank=rank,
        score=1 / rank,
        match_score=None,
        match=None,
        phrase=None,
        category=None,
        scale_m=10.0,
        valid=1.0,
        place=rank,
        query=query,
        source="town.tif",
        index="town.gpkg",
        factor=1,
        row=0,
        col=rank,
    )


def pair(hits: int, query: str = "a river", signature: str = "s") -> PairSummary:
    return PairSummary(query, "", "town.tif", hits, 1.0, "good", 2.0, "a pond", 9, signature)


def test_what_is_written_is_read_again_and_by_gdal(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_raster(RasterRow("town.tif", "town.gpkg", 9, 9, 0))
        file.write_pair(pair(2), [hit(1), hit(2, 100)])
    with BatchFile(out, "EPSG:4326") as file:  # the file keeps its CRS
        assert file.crs == CRS
        assert file.done("a river", "town.tif") == pair(2)
        assert file.done("a pond", "town.tif") is None
        assert file.raster("town.tif") == RasterRow("town.tif", "town.gpkg", 9, 9, 0)
        assert file.hits("a river", "town.tif") == (hit(1), hit(2, 100))
    info = pyogrio.read_info(out, layer="hits", force_total_bounds=True)
    assert (info["crs"], info["features"], info["geometry_type"]) == (CRS, 2, "Polygon")
    assert info["total_bounds"] == (0, 0, 110, 10)
    assert {name for name, _ in pyogrio.list_layers(out)} == {"hits", "summary", "rasters"}


def test_a_pair_written_again_replaces_its_own_hits_only(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(2), [hit(1), hit(2)])
        file.write_pair(pair(1, "a pond"), [hit(1, query="a pond")])
        file.write_pair(pair(1, signature="t"), [hit(1)])
        assert file.hits("a river", "town.tif") == (hit(1),)
        assert len(file.hits("a pond", "town.tif")) == 1


def test_a_pair_that_cannot_be_written_leaves_the_earlier_one(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(2), [hit(1), hit(2)])
        many = [hit(rank) for rank in range(1, 2000)]
        file._connection.execute("PRAGMA max_page_count = 60")
        with pytest.raises(DiskFull, match="no room left"):
            file.write_pair(pair(1999), many)
        assert file.done("a river", "town.tif") == pair(2)
        assert len(file.hits("a river", "town.tif")) == 2


def test_a_file_of_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    other = tmp_path / "roads.gpkg"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE roads (fid INTEGER)")
    junk = tmp_path / "junk.gpkg"
    junk.write_bytes(b"junk" * 2000)
    for path in (other, junk):
        before = path.read_bytes()
        with pytest.raises(BadArgument, match="something else"):
            BatchFile(path, CRS)
        assert path.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"roads.gpkg", "junk.gpkg"}


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"\.gpkg"):
        BatchFile(tmp_path / "results.shp", CRS)
    with raises_kind("folder_read_only"):
        BatchFile(tmp_path / "none" / "results.gpkg", CRS)
    folder = tmp_path / "folder.gpkg"
    folder.mkdir()
    with pytest.raises(BadArgument, match="something else"):
        BatchFile(folder, CRS)


def test_one_batch_at_a_time_writes_a_file(out: Path) -> None:
    with BatchFile(out, CRS), raises_kind("index_locked"):
        BatchFile(out, CRS)
    with BatchFile(out, CRS):
        pass


def test_another_program_reads_while_a_batch_writes(out: Path) -> None:
    with BatchFile(out, CRS) as file, closing(sqlite3.connect(f"file:{out}?mode=ro", uri=True)) as reader:
        file.write_pair(pair(1), [hit(1)])
        assert reader.execute("SELECT count(*) FROM hits").fetchone() == (1,)
        file.write_pair(pair(2, "a pond"), [hit(1, query="a pond"), hit(2, query="a pond")])
        assert reader.execute("SELECT count(*) FROM hits").fetchone() == (3,)


def test_a_hit_has_the_fields_that_every_hit_has(out: Path) -> None:
    assert [field.name for field in dataclasses.fields(BatchHit)] == ["polygon", "name", *HIT_FIELDS]
    with BatchFile(out, CRS):
        pass
    with sqlite3.connect(out) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info('hits')")]
    assert names == ["fid", "geom", "name", *HIT_FIELDS]


def test_a_batch_goes_on_in_a_file_of_before_hits_had_categories(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(1), [hit(1)])
    with sqlite3.connect(out) as connection:
        for name in ("category", "place", "match"):
            connection.execute(f"ALTER TABLE hits DROP COLUMN {name}")
    connection.close()
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(1, "a lake"), [dataclasses.replace(hit(1, query="a lake"), category="water")])
        assert [(h.category, h.place) for h in file.hits("a river", "town.tif")] == [(None, None)]
        assert [(h.category, h.place) for h in file.hits("a lake", "town.tif")] == [("water", 1)]


def _change_a_word(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE hits SET phrase = 'a bridge, not a river' WHERE rank = 2")


def _move_a_hit(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE hits SET geom = (SELECT geom FROM hits WHERE rank = 1) WHERE rank = 2")


def _take_a_hit_away(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM hits WHERE rank = 2")


def _draw_a_hit(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO hits (query, source, rank) VALUES ('a river', 'town.tif', 3)")


def _note_beside_hits(connection: sqlite3.Connection) -> None:
    connection.execute('ALTER TABLE hits ADD COLUMN "my ""note" TEXT')
    connection.execute('UPDATE hits SET "my ""note" = \'checked\' WHERE rank = 2')


def _note_beside_summary(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE summary ADD COLUMN note TEXT DEFAULT 'mine'")


def _correct_the_verdict(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE summary SET verdict = 'nothing, I looked'")


_EDITS = [
    _change_a_word,
    _move_a_hit,
    _take_a_hit_away,
    _draw_a_hit,
    _note_beside_hits,
    _note_beside_summary,
    _correct_the_verdict,
]


@pytest.mark.parametrize("edit", _EDITS)
def test_results_that_somebody_worked_on_are_not_replaced(
    out: Path, edit: Callable[[sqlite3.Connection], object]
) -> None:
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(2), [hit(1), hit(2, 100)])
        file.write_pair(pair(1, "a pond"), [hit(1, query="a pond")])
    with closing(sqlite3.connect(out)) as connection, connection:
        edit(connection)
        kept = connection.execute("SELECT * FROM hits").fetchall()
    with BatchFile(out, CRS) as file:
        done = file.done("a river", "town.tif")
        assert done is not None
        assert done.signature == "s"
        with pytest.raises(FileNotOurs, match=r"changed since.*a river · town\.tif"):
            file.check_pair("a river", "town.tif")
        with pytest.raises(FileNotOurs, match="changed since"):
            file.write_pair(pair(1, signature="t"), [hit(1)])
    with closing(sqlite3.connect(out)) as connection:
        assert connection.execute("SELECT * FROM hits").fetchall() == kept


def test_a_column_of_somebodys_own_that_is_empty_keeps_no_results(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(2), [hit(1), hit(2)])
    with closing(sqlite3.connect(out)) as connection, connection:
        connection.execute("ALTER TABLE hits ADD COLUMN note TEXT")
    with BatchFile(out, CRS) as file:
        file.write_pair(pair(1, signature="t"), [hit(1)])
        file.write_pair(pair(2, signature="u"), [hit(1), hit(2)])
        assert len(file.hits("a river", "town.tif")) == 2


def test_what_somebody_notes_about_a_raster_stays(out: Path) -> None:
    with BatchFile(out, CRS) as file:
        file.write_raster(RasterRow("town.tif", "town.gpkg", 9, 9, 0))
    with closing(sqlite3.connect(out)) as connection, connection:
        connection.execute("ALTER TABLE rasters ADD COLUMN note TEXT")
        connection.execute("UPDATE rasters SET note = 'cloudy'")
    with BatchFile(out, CRS) as file:
        file.write_raster(RasterRow("town.tif", "town.gpkg", 12, 3, 9))
        file.write_raster(RasterRow("wood.tif", "wood.gpkg", 1, 1, 0))
    with closing(sqlite3.connect(out)) as connection:
        found = connection.execute("SELECT source, tiles, note FROM rasters ORDER BY source").fetchall()
    assert found == [("town.tif", 12, "cloudy"), ("wood.tif", 1, None)]
