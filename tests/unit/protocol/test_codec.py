"""Messages as JSON objects: strict both ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from msa_model.protocol.codec import decoded, from_wire, to_wire
from msa_model.protocol.describing import DescribeRequest
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import Filters
from msa_model.protocol.hit_table import RankedIndex, RankReply
from msa_model.protocol.messages import (
    Aoi,
    Initialize,
    RasterRef,
    ScanRequest,
    ScanSettings,
    SearchTimings,
)

INDEX = RankedIndex("a.gpkg", "a.tif", "EPSG:3857", (1.0, 0.0, 0.0, 0.0, -1.0, 9.0), 0.3, 256, 32, 12)
MESSAGES = [
    Initialize(protocol=1, client="QGIS"),
    ScanRequest(
        RasterRef("a.tif", (3, 2, 1)), Aoi("POLYGON EMPTY", "EPSG:4326"), ScanSettings((75.0, 150.0))
    ),
    ScanRequest(RasterRef("a.tif")),
    RankReply("a bridge", 2, 12, (INDEX, INDEX), SearchTimings(0.0, 1.5, 2.0)),
    DescribeRequest(RasterRef("a.tif"), "EPSG:3857", point=(1.0, 2.0)),
    Filters(0.5, by_match=True, scales_m=frozenset((75.0, 30.0)), categories=frozenset("ba")),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_survives_json(message: object) -> None:
    assert from_wire(type(message), json.loads(json.dumps(to_wire(message)))) == message


def test_whole_numbers_are_accepted_where_a_length_is_expected() -> None:
    assert from_wire(ScanSettings, {"scales_m": [75, 150]}).scales_m == (75.0, 150.0)


@pytest.mark.parametrize(
    ("cls", "data", "names"),
    [
        (Initialize, [], "Initialize"),
        (Initialize, {"client": "QGIS"}, "protocol"),
        (Initialize, {"protocol": 1, "client": "QGIS", "divice": "cpu"}, "divice"),
        (Initialize, {"protocol": "1", "client": "QGIS"}, "protocol"),
        (Initialize, {"protocol": True, "client": "QGIS"}, "protocol"),
        (ScanSettings, {"scales_m": 75}, "scales_m"),
        (ScanRequest, {"raster": {"path": 5}}, "path"),
        (DescribeRequest, {"raster": {"path": "a"}, "crs": "EPSG:1", "point": [1.0]}, "point"),
        (Filters, {"scales_m": 75}, "scales_m"),
        (Filters, {"categories": ["a", ["b"]]}, "categories"),
        (Filters, {"categories": ["a", "b", "a"]}, "categories"),
    ],
)
def test_a_wrong_field_is_named(cls: type[Any], data: object, names: str) -> None:
    with pytest.raises(ProtocolError, match=names):
        from_wire(cls, data)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1" + "0" * 300])
@pytest.mark.parametrize(
    ("cls", "text", "field"),
    [
        (ScanSettings, '{"overlap": %s}', r"ScanSettings\.overlap"),
        (ScanSettings, '{"scales_m": [75, %s]}', r"ScanSettings\.scales_m"),
        (RasterRef, '{"path": "a.tif", "bands": [%s]}', r"RasterRef\.bands"),
    ],
)
def test_a_number_out_of_range_is_named_by_its_field(
    cls: type[Any], text: str, field: str, number: str
) -> None:
    with pytest.raises(ProtocolError, match=f"{field} is a number out of range"):
        from_wire(cls, json.loads(text % number))


def test_the_name_of_an_unknown_field_is_cut() -> None:
    with pytest.raises(ProtocolError) as caught:
        from_wire(ScanSettings, {"x" * 10**6: 1})
    assert len(caught.value.sentence) < 200


def test_a_wrong_field_of_a_part_is_named_with_the_way_to_it_and_the_nearest_that_there_is() -> None:
    with pytest.raises(ProtocolError, match=r"'ScanRequest\.raster\.bnads' \(did you mean 'bands'\?\)"):
        from_wire(ScanRequest, {"raster": {"path": "a.tif", "bnads": [1]}})
    with pytest.raises(ValueError, match=r"'raster\.path' should be str, not int"):
        decoded(ScanRequest, {"raster": {"path": 5}})
