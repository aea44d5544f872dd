from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from qgis_msa_plugin.widgets.wrapped_label import WrappedLabel, breakable

BREAK = "\u200b"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a road beside a river", ["a road beside a river"]),
        ("Übereinstimmungswerte", ["Übereinstimmungswerte"]),  # a word of a language is no name
        ("orchard_village.tif: gaps", ["orchard_", "village.", "tif: gaps"]),
        ("/home/ann/imagery/town.tif", ["/", "home/", "ann/", "imagery/", "town.", "tif"]),
        ("x" * 50, ["x" * 24, "x" * 24, "xx"]),
        ("of tiles_of_two_dates.", ["of tiles_", "of_", "two_", "dates."]),
    ],
)
def test_names_may_be_broken_where_their_parts_are_joined_and_words_may_not(
    text: str, pieces: list[str]
) -> None:
    assert breakable(text).split(BREAK) == pieces


def test_what_is_copied_is_the_text_as_it_was_given(qtbot: QtBot) -> None:
    label = WrappedLabel("msaNotice", text="Saved: /home/ann/imagery/orchard_village.gpkg")
    qtbot.addWidget(label)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.show()
    label.setSelection(0, len(breakable(label.text())))
    assert BREAK in label.selectedText()
    QApplication.clipboard().clear()
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == label.text() == "Saved: /home/ann/imagery/orchard_village.gpkg"
