"""What is read back from a project: of the right type, in range, of bounded size, or refused."""

from __future__ import annotations

import base64
import copy
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer

from msa_model.protocol.codec import to_wire
from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import DEPTH, Filters, choose
from msa_model.protocol.messages import Aoi, Example, RasterRef, ScanRequest, TileRef
from qgis_msa_plugin.checked import made
from qgis_msa_plugin.gis.marks import claim
from qgis_msa_plugin.map.layer_fill import FIELDS, fill_of
from qgis_msa_plugin.map.result_layer import key_of
from qgis_msa_plugin.search.changed import words_request
from qgis_msa_plugin.search.kept_answer import LIMITS, checked_crs
from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.stored import answer_text, read_answer, read_saved, saved_text
from tests.qgis.dock.kept import EVIL, INF, MOST_BYTES, NAN, dated_head, head_of, kept, read


def test_an_answer_is_read_as_it_was_kept(town: QgsRasterLayer) -> None:
    before = kept(town)
    after = read(head_of(town))
    assert after.results.table == before.results.table
    assert after.results.question.examples == before.results.question.examples
    assert (after.filters, dict(after.judgements)) == (before.filters, dict(before.judgements))
    (target,) = after.results.question.layers
    assert target.request == before.results.question.layers[0].request


def test_a_request_is_made_from_the_projects_layer_whatever_the_text_says(town: QgsRasterLayer) -> None:
    head = head_of(town)
    hostile = {"raster": {"path": f"{EVIL}.tif", "bands": []}, "index": f"{EVIL}.desktop"}
    head["question"]["layers"][0] |= {"request": hostile, "drawn": False, "title": EVIL, "index": EVIL}
    (target,) = read(head).results.question.layers
    assert target.request == ScanRequest(RasterRef(town.source(), (1, 2, 3)), target.request.aoi)
    assert EVIL not in repr(target)
    head["question"]["layers"][0]["id"] = "no such layer"
    assert read(head).results.question.layers == ()


BOMB = base64.b64encode(zlib.compress(bytes(200_000_000), 9)).decode()


@pytest.mark.parametrize("place", ["columns", "verdict_columns"])
def test_what_would_unpack_to_gigabytes_is_refused_before_it_does(town: QgsRasterLayer, place: str) -> None:
    text = json.dumps(head_of(town, DEPTH) | {place: BOMB})
    assert len(text) < 2_000_000
    tracemalloc.start()
    with pytest.raises(ProtocolError):
        read_answer(text, QgsProject.instance())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "null",
        "[]",
        "[7]",
        "{}",
        "[" * 1_000_000,
        '{"a":' * 500_000,
        '{"version": 3}',
        '{"version": 4}',
        "9" * 5000,
        "\ud800",
    ],
)
def test_what_is_no_answer_at_all_is_refused(qgis_new_project: None, text: str) -> None:
    with pytest.raises(ProtocolError):
        read_answer(text, QgsProject.instance())


def _set(*path: object) -> Callable[[dict[str, Any], object], None]:
    def act(head: Any, value: object) -> None:  # noqa: ANN401
        for step in path[:-1]:
            head = head[step]
        head[path[-1]] = value

    return act


BAD = [
    (("filters", "limit"), "x"),
    (("filters", "limit"), 0),
    (("filters", "limit"), 10**30),
    (("filters", "limit"), True),
    (("filters", "min_score"), INF),
    (("filters", "min_score"), NAN),
    (("filters", "min_score"), "0.5"),
    (("filters", "min_valid"), -1),
    (("filters", "scales_m"), [[1]]),
    (("filters", "scales_m"), "abc"),
    (("filters", "categories"), [1]),
    (("filters", "categories"), ["a"] * 5000),
    (("filters", "merge"), "yes"),
    (("verdict", "spread"), 0),
    (("verdict", "spread"), 1e-300),
    (("verdict", "spread"), NAN),
    (("verdict", "offset"), INF),
    (("verdict", "level"), "<b>good</b>"),
    (("verdict", "percentile"), 2.0),
    (("verdict", "phrases"), ["a street"]),
    (("reply", "count"), -1),
    (("reply", "count"), 5),
    (("reply", "count"), 10**9),
    (("reply", "indexes"), []),
    (("reply", "indexes", 0, "gsd_m"), 0.0),
    (("reply", "indexes", 0, "gsd_m"), 1e999),
    (("reply", "indexes", 0, "tile"), 10**40),
    (("reply", "indexes", 0, "lattice"), 0),
    (("reply", "indexes", 0, "transform"), [0.0] * 6),
    (("reply", "indexes", 0, "transform"), [NAN] * 6),
    (("reply", "indexes", 0, "transform"), [1.0] * 5),
    (("reply", "indexes", 0, "crs"), "http://127.0.0.1/crs"),
    (("reply", "indexes", 0, "crs"), "PROJ:+proj=longlat +nadgrids=/etc/passwd"),
    (("reply", "indexes", 0, "crs"), ""),
    (("reply", "indexes", 0, "index"), "a\0b"),
    (("reply", "indexes", 0, "index"), "\ud800"),
    (("reply", "timings", "load_ms"), INF),
    (("question", "text"), "a" * 100_000),
    (("question", "examples", 0, "weight"), NAN),
    (("question", "examples", 0, "tile", "row"), 2**40),
    (("question", "examples", 1, "point"), [1.0]),
    (("question", "examples", 1, "crs"), "/etc/passwd"),
    (("question", "layers", 0, "aoi", "wkt"), "POINT(0 0)"),
    (("question", "layers", 0, "aoi", "wkt"), "POLYGON" + "(" * 100_000),
    (("question", "layers", 0, "aoi", "wkt"), "GEOMETRYCOLLECTION(" * 50_000),
    (("question", "layers", 0, "aoi", "wkt"), "POLYGON((0 0,1e999 0,1 1,0 0))"),
    (("question", "layers", 0, "gsd_m"), 0),
    (("judgements",), [["/x", 1, 2, 3, "cursed"]]),
    (("judgements",), [["/x", 1, 2]]),
    (("judgements",), [[7, 1, 2, 3, "accepted"]]),
    (("titles",), ["town"]),
    (("titles",), {"town": 7}),
    (("tiles",), "many"),
    (("columns",), "no base 64!"),
    (("columns",), base64.b64encode(zlib.compress(bytes(8))).decode()),
]


@pytest.mark.parametrize(("path", "value"), BAD)
def test_a_value_of_another_kind_or_range_makes_the_whole_answer_unreadable(
    town: QgsRasterLayer, path: tuple[object, ...], value: object
) -> None:
    head = head_of(town)
    _set(*path)(head, value)
    with pytest.raises(ProtocolError):
        read(head)


NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1, 2**31, 2**63, 10**400, INF, -INF, NAN, 1e308, 5e-324, True]),
    st.integers(),
    st.floats(),
)
ODD = st.recursive(
    st.one_of(st.none(), NUMBERS, st.text(max_size=20), st.sampled_from(["\0", "\ud800", EVIL, "../../x"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The way to every value within a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from _places(inner, (*path, name))


def _spoilt(data: st.DataObject, head: Any) -> Any:  # noqa: ANN401
    head = copy.deepcopy(head)
    for _ in range(data.draw(st.integers(1, 3))):
        places = sorted(_places(head), key=repr)
        if not places:  # nothing is left to spoil
            break
        path = data.draw(st.sampled_from(places))
        *way, last = path
        place = head
        for step in way:
            place = place[step]
        if data.draw(st.booleans()):
            place[last] = data.draw(ODD)
        elif data.draw(st.booleans()):
            del place[last]
        elif isinstance(place, dict):
            place[data.draw(st.text(max_size=8))] = data.draw(ODD)
    return head


@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_spoilt_answer_is_refused_or_shown_without_a_fault(
    town: QgsRasterLayer, data: st.DataObject
) -> None:
    makers = (lambda: head_of(town), lambda: dated_head(town), lambda: dated_head(town, many=True))
    head = _spoilt(data, data.draw(st.sampled_from(makers))())
    try:
        answer = read_answer(json.dumps(head), QgsProject.instance())
    except ProtocolError:
        return
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&{FIELDS}", "answer", "memory")
    claim(layer)
    shown = choose(answer.results.table, answer.filters)
    fill_of(layer).show(answer, shown.rows)
    assert layer.featureCount() == len(shown.rows)
    assert read_answer(answer_text(answer), QgsProject.instance()).filters == answer.filters
    key_of(answer.results.question)
    for row in range(len(answer.results.table)):
        words_request(answer.results, row)


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_spoilt_list_of_searches_loses_only_what_is_spoilt(
    qgis_new_project: None, data: st.DataObject
) -> None:
    sound = SavedSearch("sound", "a pond", (), Filters())
    searches = (SavedSearch("one", "a mill", (Example(1.0, TileRef("/x", 1, 0, 0)),), Filters(0.5)), sound)
    one, other = json.loads(saved_text(searches))
    text = json.dumps([*_spoilt(data, [one]), other])
    found, others = read_saved(text)
    assert found[-1] == sound
    assert len(found) + len(others) <= 2
    again, others_again = read_saved(saved_text(found, others))
    assert again == found
    assert json.dumps(others_again) == json.dumps(others)


@pytest.mark.parametrize("text", ["EPSG:4326", "EPSG:32645", "ESRI:102017", "OGC:CRS84"])
def test_a_crs_of_an_authority_is_taken(qgis_new_project: None, text: str) -> None:
    assert checked_crs(text) == text


def test_an_area_of_several_polygons_with_holes_is_taken(qgis_new_project: None) -> None:
    aoi = Aoi(
        "MultiPolygon (((0 0, 9 0, 9 9, 0 0),(1 1, 2 1, 2 2, 1 1)),((20 0, 21 0, 21 1, 20 0)))", "EPSG:4326"
    )
    assert made(Aoi, to_wire(aoi), LIMITS) == aoi
