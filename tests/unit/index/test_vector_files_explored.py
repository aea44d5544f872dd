"""Groups as a file with its style: both, or neither."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pyogrio
import pytest

from msa_model.index.vector_files import check_explored, style_of, write_explored
from msa_model.protocol.errors import BadArgument, FileNotOurs
from msa_model.protocol.tile_groups import (
    ExploreReply,
    TileGroup,
    area_text,
    group_colour,
    group_style,
)

SQUARE = "MULTIPOLYGON (((500000 5000000, 500100 5000000, 500100 5000100, 500000 5000100, 500000 5000000)))"
REPLY = ExploreReply(
    (
        TileGroup(1, 'houses <&> "trees"', "strong", 1200, 4.1e6, (), SQUARE),
        TileGroup(2, "", "none", 3, 900.0, (), SQUARE),
    ),
    1203,
    (77.0,),
    "EPSG:32633",
)


@pytest.mark.parametrize("name", ["groups.gpkg", "groups.geojson"])
def test_the_groups_and_their_legend_are_written_and_replaced_together(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for _ in range(2):
        write_explored(path, REPLY)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([name, "groups.qml"])
    meta, _, _, columns = pyogrio.raw.read(path)
    found = dict(zip(meta["fields"], columns, strict=True))
    assert found["name"].tolist() == ['houses <&> "trees"', "group 2"]
    assert found["tiles"].tolist() == [1200, 3]
    assert found["verdict"].tolist() == ["strong", "none"]
    root = ET.fromstring(style_of(path).read_text(encoding="utf-8"))  # noqa: S314
    labels = [category.get("label") for category in root.iter("category")]
    assert labels == ['houses <&> "trees" (1,200 tiles, 4.1 km²)', "group 2 (3 tiles, 900 m²)"]


def test_what_is_somebody_elses_stays_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "groups.gpkg"
    style_of(path).write_text("<qgis/>", encoding="utf-8")
    with pytest.raises(FileNotOurs, match=r"groups\.qml"):
        check_explored(path)
    with pytest.raises(FileNotOurs, match=r"groups\.qml"):
        write_explored(path, REPLY)
    assert not path.exists()
    assert style_of(path).read_text(encoding="utf-8") == "<qgis/>"


def test_a_style_that_was_edited_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "groups.gpkg"
    write_explored(path, REPLY)
    style_of(path).write_text(style_of(path).read_text(encoding="utf-8") + " ", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(FileNotOurs):
        write_explored(path, REPLY)
    assert path.read_bytes() == before


def test_another_format_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"\.gpkg or \.geojson"):
        check_explored(tmp_path / "groups.shp")


def test_every_group_has_a_colour_of_its_own() -> None:
    assert len({group_colour(number) for number in range(1, 101)}) == 100


def test_a_style_without_groups_is_a_style() -> None:
    assert ET.fromstring(group_style(())).tag == "qgis"  # noqa: S314


@pytest.mark.parametrize(("area", "text"), [(850, "850 m²"), (32_000, "3.2 ha"), (4_100_000, "4.1 km²")])
def test_areas_are_said_as_people_say_them(area: float, text: str) -> None:
    assert area_text(area) == text
