"""A form of change that is picked, and one that is typed, make the same question."""

from __future__ import annotations

import pytest

from qgis_msa_plugin.dock.change_words import asked, written


@pytest.mark.parametrize(
    ("form", "text", "query"),
    [
        ("appeared", "houses", "appeared: houses"),
        ("vanished", "houses", "vanished: houses"),
        ("vanished", "Appeared: houses", "vanished: houses"),
        ("appeared", "bare land -> houses", "appeared: houses"),
        ("vanished", "bare land -> houses", "vanished: bare land"),
        ("became", "appeared: houses", " -> houses"),
        ("became", "vanished: trees", "trees -> "),
        ("became", "bare land -> houses", "bare land -> houses"),
        ("appeared", " -> houses", "appeared: houses"),
        ("changed", "houses", "changed"),
        ("vanished", "Erschienen: H\u00e4user", "vanished: H\u00e4user"),
        ("appeared", "fields \u2192 houses", "appeared: houses"),
        ("appeared", "changed", "appeared: "),
        ("appeared", "", "appeared: "),
    ],
)
def test_a_form_that_is_picked_keeps_the_words(form: str, text: str, query: str) -> None:
    assert written(form, text) == query


@pytest.mark.parametrize(
    ("form", "text", "query"),
    [
        ("appeared", "houses", "appeared: houses"),
        ("vanished", " houses ", "vanished: houses"),
        ("changed", "", "changed"),
        ("appeared", "vanished: 2:trees - water", "vanished: 2:trees - water"),
        ("appeared", "2:trees - water", "appeared: 2:trees - water"),
        ("vanished", "bare land -> houses", "bare land -> houses"),
        ("appeared", "verschwunden: Wald", "verschwunden: Wald"),
        ("appeared", "Feld \u2192 Haus", "Feld \u2192 Haus"),
        ("became", "houses", "houses"),  # refused: the other half is missing
        ("appeared", "", "appeared: "),
    ],
)
def test_words_without_a_form_take_the_one_that_is_picked(form: str, text: str, query: str) -> None:
    assert asked(form, text) == query
