"""What matches is shown, and what does not is not, in list and map alike."""

from __future__ import annotations

import dataclasses

import pytest
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtWidgets import QLabel, QListView, QToolButton

from msa_model.protocol import rpc
from msa_model.protocol.hit_table import VerdictReply
from qgis_msa_plugin.dock.results_model import MATCH_ROLE
from qgis_msa_plugin.dock.search_dock import SearchDock
from qgis_msa_plugin.gis.marks import is_result_layer
from tests.present import present
from tests.qgis.dock.desk import Client, plan
from tests.qgis.dock.tables import rank_reply, verdict_reply
from tests.qgis.dock.test_search_dock import click, part, type_and_enter

HITS = 20


def ask(dock: SearchDock, client: Client, query: str) -> None:
    """Ask, and let the worker answer with so many hits; the verdict is to come."""
    type_and_enter(dock, query)
    client.answer(rpc.PLAN, plan(missing=0))
    client.answer(rpc.RANK, *rank_reply(HITS))


@pytest.fixture
def asked(town: QgsRasterLayer, dock: SearchDock, client: Client) -> SearchDock:
    ask(dock, client, "blue roofs")
    return dock


def matches_in_list(dock: SearchDock) -> list[str | None]:
    model = part(dock, QListView, "msaResults").model()
    return [model.index(row, 0).data(MATCH_ROLE) for row in range(model.rowCount())]


def matches_on_map() -> list[str]:
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if is_result_layer(layer)]
    return [feature["match"] for layer in layers for feature in layer.getFeatures()]


def test_only_what_matches_is_in_list_and_map_once_there_is_a_verdict(
    asked: SearchDock, client: Client
) -> None:
    assert matches_in_list(asked) == [None] * HITS
    client.answer(rpc.VERDICT, *verdict_reply(HITS))
    expected = ["strong"] * 6 + ["likely"] * 2
    assert matches_in_list(asked) == expected
    assert sorted(matches_on_map()) == sorted(expected)


def test_the_doubtful_come_after_them_when_they_are_wanted(asked: SearchDock, client: Client) -> None:
    client.answer(rpc.VERDICT, *verdict_reply(HITS))
    click(part(asked, QToolButton, "msaShowMore"))
    assert matches_in_list(asked) == ["strong"] * 6 + ["likely"] * 2 + ["weak"] * 3 + ["none"] * 9


def test_where_nothing_matches_nothing_is_drawn_until_it_is_wanted(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    ask(dock, client, "a glacier")
    verdict, named = verdict_reply(HITS, level="nothing")
    client.answer(rpc.VERDICT, _above(verdict, 0.6), named)
    assert matches_in_list(dock) == []
    assert matches_on_map() == []
    assert part(dock, QLabel, "msaVerdict").text().startswith("Nothing here matches well")
    assert "Show more" in part(dock, QListView, "msaResults").accessibleDescription()
    click(part(dock, QToolButton, "msaShowMore"))
    assert matches_in_list(dock) == ["none"] * HITS


def test_where_matches_are_weak_at_best_they_are_shown_as_such(
    town: QgsRasterLayer, dock: SearchDock, client: Client
) -> None:
    ask(dock, client, "a glacier")
    verdict, named = verdict_reply(HITS, level="doubtful")
    verdict = dataclasses.replace(_above(verdict, 0.487), best_score=0.4)
    client.answer(rpc.VERDICT, verdict, named)
    shown = matches_in_list(dock)
    assert set(shown) == {"weak"}
    assert sorted(matches_on_map()) == sorted(map(present, shown))
    assert part(dock, QLabel, "msaVerdict").text().startswith("Weak match at best")
    title = part(dock, QLabel, "msaResultsTitle").text()
    assert title.startswith(f"{len(shown)} weak matches in ")
    click(part(dock, QToolButton, "msaShowMore"))
    assert matches_in_list(dock) == [*shown, *["none"] * (HITS - len(shown))]


def _above(verdict: VerdictReply, offset: float) -> VerdictReply:

    return dataclasses.replace(verdict, offset=offset)
