"""What is read back from a project about two dates or many: of dates, and of the answer's own tiles."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRasterLayer

from msa_model.protocol.errors import ProtocolError
from msa_model.protocol.hit_filter import DEPTH
from qgis_msa_plugin.search.changed import change_request
from qgis_msa_plugin.search.stored import answer_text
from tests.qgis.dock.kept import EVIL, dated_head, read

DATED = {"change": {"many": False}, "series": {"many": True}}


@pytest.mark.parametrize("kind", DATED)
def test_an_answer_about_dates_is_read_as_it_was_kept(town: QgsRasterLayer, kind: str) -> None:
    head = dated_head(town, **DATED[kind])
    assert json.loads(answer_text(read(head))) == head


def _another_index(told: dict[str, Any]) -> None:
    told["indexes"][1]["index"] = "/vsicurl/http://elsewhere.example/later.gpkg"


def _one_date(told: dict[str, Any]) -> None:
    del told["indexes"][1]


def _another_question(told: dict[str, Any]) -> None:
    told["query"] = "appeared: <b>"


def _huge_number(told: dict[str, Any]) -> None:
    told["results"][0]["score"] = 1e300


def _many_texts(told: dict[str, Any]) -> None:
    told["warnings"] = [{"kind": "grey"}] * (DEPTH + 1)


@pytest.mark.parametrize("kind", DATED)
@pytest.mark.parametrize("spoil", [_another_index, _one_date, _another_question, _huge_number, _many_texts])
def test_what_dates_tell_is_of_the_answers_question_and_indexes_alone(
    town: QgsRasterLayer, kind: str, spoil: Callable[[Any], None]
) -> None:
    head = dated_head(town, **DATED[kind])
    spoil(head[kind])
    with pytest.raises(ProtocolError):
        read(head)


def test_a_tile_of_the_later_date_lies_in_its_index(town: QgsRasterLayer) -> None:
    head = dated_head(town)
    head["change"]["results"][0]["index_after"] = EVIL
    with pytest.raises(ProtocolError):
        read(head)


@pytest.mark.parametrize("date", ["soon", "2020-8", "\uff12\uff10\uff12\uff10", "2020-08-31\n"])
def test_a_history_is_of_dates(town: QgsRasterLayer, date: str) -> None:
    head = dated_head(town, many=True)
    head["series"]["dates"][1] = date
    with pytest.raises(ProtocolError):
        read(head)


@pytest.mark.parametrize("date", ["soon", "<img src=x>", "2020-8", "2020-08-31\n"])
def test_what_changed_is_told_of_dates(town: QgsRasterLayer, date: str) -> None:
    of_all, of_one = dated_head(town), dated_head(town)
    of_all["change"]["date_before"] = date
    of_one["change"]["results"][1]["date_after"] = date
    for head in (of_all, of_one):
        with pytest.raises(ProtocolError):
            read(head)


def test_a_history_has_a_score_at_a_date(town: QgsRasterLayer) -> None:
    head = dated_head(town, many=True)
    head["series"]["results"][2]["scores"] = [None, None]
    with pytest.raises(ProtocolError):
        read(head)


def test_a_map_of_what_changed_needs_no_layer_of_the_question(town: QgsRasterLayer) -> None:
    head = dated_head(town)
    QgsProject.instance().removeMapLayer(town.id())
    results = read(head).results
    assert results.question.layers == ()
    assert change_request(results.question, ("a", "b")).aoi is None
